"""Publishing: within SNS's limits, in order where there is one, and all of it or a named rest."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import example, given
from hypothesis import strategies as st

from interchange import aws, payloads, publishing
from interchange.envelope import Event
from interchange.letters import Outgoing
from interchange.publishing import NotTaken, Settings
from tests import cloud_events

ENTRIES = 10  # https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
BYTES = 262_144

type Entry = dict[str, Any]


class Sns:
    """SNS as far as publishing goes: `refuse` says of an entry of a topic whether it fails."""

    def __init__(self, refuse: Callable[[str, Entry], bool] = lambda *_: False) -> None:
        self.refuse = refuse
        self.calls: list[tuple[str, list[Entry]]] = []
        self.taken: dict[str, list[Entry]] = {"standard": [], "ordered": []}
        self.faults: list[Exception] = []

    def publish_batch(self, **call: Any) -> dict[str, Any]:
        topic, entries = call["TopicArn"], call["PublishBatchRequestEntries"]
        self.calls.append((topic, entries))
        if self.faults:
            raise self.faults.pop(0)
        failed = [each for each in entries if self.refuse(topic, each)]
        self.taken[topic] += [each for each in entries if each not in failed]
        return {"Failed": [{"Id": each["Id"], "Code": "InternalError"} for each in failed]}


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Payloads kept in a dict, settings of two topics, and pauses that take no time."""
    kept: dict[str, bytes] = {}
    settings = Settings(events_topic_arn="standard", ordered_events_topic_arn="ordered")
    monkeypatch.setattr(publishing, "settings", lambda: settings)
    monkeypatch.setattr(payloads, "put", kept.__setitem__)
    monkeypatch.setattr("interchange.publishing.time.sleep", lambda _: None)
    return kept


@pytest.fixture
def sns(monkeypatch: pytest.MonkeyPatch) -> Sns:
    """SNS at its port."""
    service = Sns()
    monkeypatch.setattr(aws, "sns", lambda: service)
    return service


def publish(service: Sns, events: Iterable[Event], *, patience: float = 0) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "sns", lambda: service)
        publishing.publish(events, patience=patience)


def event(data: Any = None, **given: Any) -> Event:
    return cloud_events.event(data=data, **given)


def data_of(entry: Entry) -> Any:
    return json.loads(entry["Message"])["data"]


def weight(entry: Entry) -> int:
    """Count an entry's bytes as SNS does: the text, and each attribute's name, type and value."""
    attributes = entry["MessageAttributes"]
    texts = [entry["Message"], *attributes]
    texts += [text for each in attributes.values() for text in each.values()]
    return sum(len(each.encode()) for each in texts)


sizes = st.lists(st.integers(0, 3000) | st.integers(200_000, 247_000), max_size=40)


@given(sizes)
@example([1] * 25)
@example([124_000] * 2)
@example([22_900] * 10)  # the texts alone would fit one call
def test_events_are_sent_in_order_within_the_limits_of_sns(sizes: list[int]) -> None:
    service = Sns()
    publish(service, [event("x" * size, type="€" * 512) for size in sizes])

    assert [len(data_of(each)) for each in service.taken["standard"]] == sizes
    assert all(1 <= len(call) <= ENTRIES for _, call in service.calls)
    assert all(sum(map(weight, call)) <= BYTES for _, call in service.calls)
    assert all(len({each["Id"] for each in call}) == len(call) for _, call in service.calls)


def test_an_events_bytes_are_counted_not_its_characters(sns: Sns) -> None:
    publishing.publish([event("é" * 70_000), event("é" * 70_000)])

    assert [len(call) for _, call in sns.calls] == [1, 1]


def test_an_event_can_be_filtered_by_its_topic_and_its_type(sns: Sns) -> None:
    publishing.publish([event()])

    assert sns.taken["standard"][0]["MessageAttributes"] == {
        "topic": {"DataType": "String", "StringValue": "user-events"},
        "type": {"DataType": "String", "StringValue": "user.registered"},
    }


def test_a_replay_can_be_filtered_and_be_for_one_subscriber(sns: Sns) -> None:
    publishing.send([Outgoing(event(replay="rpl_1"), "{}", subscriber="welcome_user")])

    attributes = sns.taken["standard"][0]["MessageAttributes"]
    assert attributes["replay"]["StringValue"] == "rpl_1"
    assert attributes["subscriber"]["StringValue"] == "welcome_user"


def test_nothing_to_publish_is_no_call(sns: Sns) -> None:
    publishing.publish([])

    assert sns.calls == []


def test_a_large_event_waits_in_the_bucket_and_its_claim_check_travels(
    sns: Sns, bucket: dict[str, bytes]
) -> None:
    large = event("x" * 300_000, id="evt_large")
    publishing.publish([large])

    ((key, body),) = bucket.items()
    message = json.loads(sns.taken["standard"][0]["Message"])
    assert message == {"claim_check": key, "correlationid": "order-7"}
    assert key.startswith("events/evt_large/")
    assert body.decode() == large.to_json()


@pytest.mark.parametrize("refused", [0, 9, 10, 24])
def test_what_was_not_taken_is_named(refused: int) -> None:
    service = Sns(lambda _, entry: data_of(entry) == refused)

    with pytest.raises(NotTaken) as caught:
        publish(service, map(event, range(25)))

    assert caught.value.indices == {refused}
    assert len(service.taken["standard"]) == 24


def test_only_what_was_not_taken_is_sent_again_while_patience_lasts() -> None:
    tries: Counter[str] = Counter()

    def refuse(_: str, entry: Entry) -> bool:
        tries[entry["Id"]] += 1
        return entry["Id"] == "7" and tries["7"] < 4

    service = Sns(refuse)
    publish(service, map(event, range(25)), patience=60)

    assert sorted(map(data_of, service.taken["standard"])) == list(range(25))
    assert tries == {str(index): 4 if index == 7 else 1 for index in range(25)}


def throttled(code: str = "Throttled", status: int = 429) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "PublishBatch")


@pytest.mark.parametrize("fault", [throttled(), ReadTimeoutError(endpoint_url="sns")])
def test_a_call_that_sns_does_not_answer_is_made_again(sns: Sns, fault: Exception) -> None:
    sns.faults = [fault]

    publishing.publish([event(1)], patience=60)

    assert [data_of(each) for each in sns.taken["standard"]] == [1]


def test_a_busy_sns_has_taken_none(sns: Sns) -> None:
    sns.faults = [throttled()]

    with pytest.raises(NotTaken) as caught:
        publishing.publish(map(event, range(11)))

    assert caught.value.indices == set(range(10))


def test_what_no_second_try_can_mend_has_one_and_takes_no_others_place(sns: Sns) -> None:
    sns.faults = [throttled("AuthorizationError", 403)]

    with pytest.raises(NotTaken) as caught:
        publishing.publish(map(event, range(11)), patience=60)

    assert caught.value.indices == set(range(10))
    assert [len(call) for _, call in sns.calls] == [10, 1]


def failing_puts(monkeypatch: pytest.MonkeyPatch, *faults: Exception) -> None:
    """Have the bucket fail at the first puts."""
    left = list(faults)

    def put(key: str, body: bytes) -> None:
        if left:
            raise left.pop(0)

    monkeypatch.setattr(payloads, "put", put)


LARGE = "x" * 300_000


def test_what_the_bucket_refuses_is_named_and_holds_back_its_key_alone(
    sns: Sns, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_puts(monkeypatch, throttled("AccessDenied", 403))
    given = [event(1), event(LARGE, key="k"), event(2, key="k"), event(3, key="l"), event(4)]

    with pytest.raises(NotTaken) as caught:
        publishing.publish(given, patience=60)

    assert caught.value.indices == {1, 2}
    assert sorted(map(data_of, sns.taken["standard"])) == [1, 3, 4]
    assert [data_of(each) for each in sns.taken["ordered"]] == [3]


def test_what_a_busy_bucket_did_not_take_is_put_again_while_patience_lasts(
    sns: Sns, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = throttled("SlowDown", 503), ReadTimeoutError(endpoint_url="s3")
    failing_puts(monkeypatch, *faults)

    publishing.publish([event(LARGE, key="k"), event(2, key="k")], patience=60)

    texts = [json.loads(each["Message"]) for each in sns.taken["ordered"]]
    assert ["claim_check" in each for each in texts] == [True, False]


def test_an_event_with_a_key_goes_to_both_topics_grouped_on_the_ordered_one_alone(sns: Sns) -> None:
    publishing.publish([event(1, key="k")])

    assert [topic for topic, _ in sns.calls] == ["ordered", "standard"]
    (ordered,), (standard,) = sns.taken["ordered"], sns.taken["standard"]
    assert standard.keys() == ordered.keys() - {"MessageGroupId", "MessageDeduplicationId"}


def test_groups_are_of_topic_and_key_duplicates_of_source_and_id_and_replay(sns: Sns) -> None:
    same = {"key": "k"}
    publishing.publish([event(**same), event(**same, topic="other"), event(**same, id="evt_2")])
    publishing.publish([event(**same), event(**same, replay="rpl_1")])

    groups = [each["MessageGroupId"] for each in sns.taken["ordered"]]
    assert groups[0] == groups[2] == groups[3] == groups[4] != groups[1]
    # What makes an event is its source and id, and not its topic.
    found = [each["MessageDeduplicationId"] for each in sns.taken["ordered"]]
    assert found[0] == found[1] == found[3]
    assert len(set(found)) == 3


def test_an_event_that_the_ordered_topic_refuses_is_not_on_the_other() -> None:
    service = Sns(lambda topic, _: topic == "ordered")

    with pytest.raises(NotTaken):
        publish(service, [event(key="k")])

    assert service.taken == {"ordered": [], "standard": []}


def test_an_event_that_the_ordered_topic_has_is_not_sent_there_again() -> None:
    tries: Iterator[bool] = iter([True, True, False])
    service = Sns(lambda topic, _: topic == "standard" and next(tries))

    publish(service, [event(key="k")], patience=60)

    assert [topic for topic, _ in service.calls] == ["ordered", *["standard"] * 3]


keyed = st.lists(st.sampled_from(["a", "b", "c"]) | st.none(), max_size=30)


@given(keyed, st.randoms(use_true_random=False))
def test_a_keys_events_are_taken_in_order_whatever_fails(
    keys: list[str | None], random: Any
) -> None:
    service = Sns(lambda *_: random.random() < 0.4)
    publish(service, [event(index, key=key) for index, key in enumerate(keys)], patience=1e9)

    for key in "abc":
        ordered = [data_of(each) for each in service.taken["ordered"]]
        expected = [index for index, each in enumerate(keys) if each == key]
        assert [index for index in ordered if keys[index] == key] == expected
    assert sorted(map(data_of, service.taken["standard"])) == list(range(len(keys)))


@given(keyed, st.randoms(use_true_random=False))
def test_of_a_key_nothing_is_taken_after_what_was_refused(
    keys: list[str | None], random: Any
) -> None:
    service = Sns(lambda topic, _: topic == "ordered" and random.random() < 0.3)
    refused: frozenset[int] = frozenset()
    try:
        publish(service, [event(index, key=key) for index, key in enumerate(keys)])
    except NotTaken as rest:
        refused = rest.indices

    for key in "abc":
        fates = [index in refused for index, each in enumerate(keys) if each == key]
        assert fates == sorted(fates)
    assert not any(keys[index] is None for index in refused)
    assert all(
        len({each["MessageGroupId"] for each in call}) == len(call)
        for topic, call in service.calls
        if topic == "ordered"
    )
