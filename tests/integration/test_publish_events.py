"""Publishing an event."""

import base64
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cloudevents.core.bindings.http import (
    HTTPMessage,
    from_structured_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from interchange import clock, items, store
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import ProcessDied, death_after_call, hooked, refusing
from tests.moto_cloud import Cloud, Context

PUBLICATION = {"topic": "user-events", "payload": {"user": "ada"}}


# No time to try again: a refusal is answered at once.
IN_A_HURRY = Context(remaining_millis=5_000)


def publish(cloud: Cloud, body: Any = PUBLICATION, **headers: str) -> Json:
    event = request("POST", "/events/publish", body=body, headers=headers)
    answer: Json = cloud.invoke("PublishEventsFunction", event, context=IN_A_HURRY)
    return answer


def logged(cloud: Cloud) -> list[Json]:
    return [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]


def test_an_event_is_accepted_and_reaches_its_subscribers(cloud: Cloud) -> None:
    answer = publish(cloud, **{"X-Correlation-Id": "order-7"})

    (event,) = logged(cloud)
    assert answer["statusCode"] == 202
    assert body_of(answer) == {"id": event["id"], "topic": "user-events"}
    assert (event["data"], event["type"]) == ({"user": "ada"}, "user-events")
    assert event["correlationid"] == "order-7"


def test_a_publisher_may_name_type_and_subject(cloud: Cloud) -> None:
    publish(cloud, PUBLICATION | {"type": "user.registered", "subject": "usr_1"})

    (event,) = logged(cloud)
    assert (event["type"], event["subject"]) == ("user.registered", "usr_1")
    assert cloud.waiting("WelcomeQueue") == 1


@pytest.mark.parametrize(
    "payload", [None, 0, "", [], {"a": {"b": ["é", "\0", None, 1.5, 10**30, True]}}, "💶"]
)
def test_a_payload_passes_unaltered(cloud: Cloud, payload: Any) -> None:
    publish(cloud, {"topic": "payment-events", "payload": payload})

    assert logged(cloud)[0]["data"] == payload


@pytest.mark.parametrize(
    "topic", ["nobodys", "USER-EVENTS", "user-events,payment-events", ",", "user/events"]
)
def test_an_unknown_topic_is_not_found(cloud: Cloud, topic: str) -> None:
    answer = publish(cloud, {"topic": topic, "payload": 1})

    assert refusal(answer) == (404, "topic_not_found")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["/topic", "/payload"]),
        ({"topic": "", "payload": 1}, ["/topic"]),
        ({"topic": "user events", "payload": 1}, ["/topic"]),
        (PUBLICATION | {"type": "x" * 129}, ["/type"]),
        (PUBLICATION | {"subject": "a\nb"}, ["/subject"]),
        (PUBLICATION | {"priority": 1}, ["/priority"]),
        (PUBLICATION | {"key": ""}, ["/key"]),
    ],
)
def test_a_publication_with_faults_is_refused_with_their_places(
    cloud: Cloud, body: Any, places: list[str]
) -> None:
    assert pointers(publish(cloud, body)) == places
    assert logged(cloud) == []


def test_a_large_event_reaches_the_log_by_claim_check(cloud: Cloud) -> None:
    text = json.dumps({"topic": "user-events", "payload": "é" * 126_000}, ensure_ascii=False)
    answer = publish(cloud, text.encode())

    assert cloud.deliver("LogEventFunction", "EventLogQueue") == {"batchItemFailures": []}
    event_id = body_of(answer)["id"]
    shown = cloud.invoke("GetEventFunction", request("GET", "/events/{id}", id=event_id))
    assert body_of(shown)["data"] == "é" * 126_000


def test_an_event_just_below_the_limit_is_accepted(cloud: Cloud) -> None:
    answer = publish(cloud, {"topic": "user-events", "payload": "x" * 249_000})

    assert answer["statusCode"] == 202
    assert len(logged(cloud)[0]["data"]) == 249_000


def test_what_sns_takes_only_in_part_is_not_acknowledged(cloud: Cloud) -> None:
    def fail(**_: Any) -> Any:
        return SimpleNamespace(status_code=200), {"Failed": [{"Id": "0", "Code": "InternalError"}]}

    with hooked("before-call.sns.PublishBatch", fail):
        answer = publish(cloud)

    assert refusal(answer) == (503, "unavailable")


def test_what_sns_does_not_take_is_not_acknowledged(cloud: Cloud) -> None:
    with refusing("sns", "PublishBatch", "ServiceUnavailable", 503):
        answer = publish(cloud)

    assert refusal(answer) == (503, "unavailable")
    assert answer["headers"]["Retry-After"] == "1"


def test_of_an_array_each_entry_has_its_own_fate(cloud: Cloud) -> None:
    answer = publish(cloud, [PUBLICATION, {"topic": "nobodys", "payload": 1}, {"topic": 7}, 8])

    assert answer["statusCode"] == 207
    fates = body_of(answer)["items"]
    assert [each["status"] for each in fates] == [202, 404, 422, 422]
    assert [each.get("code") for each in fates] == [
        None,
        "topic_not_found",
        "validation_failed",
        "validation_failed",
    ]
    assert [error["pointer"] for error in fates[2]["errors"]] == ["/2/topic", "/2/payload"]
    assert [error["pointer"] for error in fates[3]["errors"]] == ["/3"]
    assert "Retry-After" not in answer["headers"]
    assert [event["id"] for event in logged(cloud)] == [fates[0]["id"]]


def test_an_array_that_is_accepted_whole_is_a_202(cloud: Cloud) -> None:
    answer = publish(cloud, [{"topic": "user-events", "payload": n} for n in range(25)])

    fates = body_of(answer)["items"]
    assert answer["statusCode"] == 202
    assert len({each["id"] for each in fates}) == 25
    assert {each["data"]: each["id"] for each in logged(cloud)} == {
        n: each["id"] for n, each in enumerate(fates)
    }


@pytest.mark.parametrize("body", [[], [PUBLICATION] * 101])
def test_an_array_of_none_or_too_many_is_refused(cloud: Cloud, body: Any) -> None:
    assert pointers(publish(cloud, body)) == [""]
    assert logged(cloud) == []


def test_a_body_over_what_lambda_takes_is_refused(cloud: Cloud) -> None:
    body = b'{"topic": "user-events", "payload": "' + b"x" * 4_500_000 + b'"}'

    assert refusal(publish(cloud, body)) == (413, "content_too_large")


def test_an_event_that_grows_over_what_the_log_can_show_is_refused(cloud: Cloud) -> None:
    """1e9 is written 1000000000.0."""
    body = b'{"topic": "user-events", "payload": [' + b"1e9," * 400_000 + b"1]}"

    assert refusal(publish(cloud, body)) == (413, "content_too_large")
    assert logged(cloud) == []


def failing(data: Any) -> Any:
    """Have SNS fail the calls that have an event with this data, entry by entry."""

    def fail(params: Json, **_: Any) -> Any:
        sent: dict[str, str] = params["body"]
        texts = [text for name, text in sent.items() if name.endswith(".Message")]
        if data not in [json.loads(each)["data"] for each in texts]:
            return None
        ids = [text for name, text in sent.items() if name.endswith(".Id")]
        failed = [{"Id": each, "Code": "InternalError"} for each in ids]
        return SimpleNamespace(status_code=200), {"Failed": failed}

    return hooked("before-call.sns.PublishBatch", fail)


def test_what_sns_refuses_of_an_array_is_told_and_a_retry_has_the_same_ids(cloud: Cloud) -> None:
    entries = [{"topic": "user-events", "payload": n} for n in range(12)]
    key = {"Idempotency-Key": "k-1"}

    with failing(11):
        first = publish(cloud, entries, **key)
    second = publish(cloud, entries, **key)
    third = publish(cloud, entries, **key)

    assert first["statusCode"] == 207
    assert first["headers"]["Retry-After"] == "1"
    assert [each["status"] for each in body_of(first)["items"]] == [202] * 10 + [503] * 2
    assert all(each["retryable"] for each in body_of(first)["items"][10:])
    assert second["statusCode"] == 202
    taken = [each["id"] for each in body_of(second)["items"]]
    assert taken[:10] == [each["id"] for each in body_of(first)["items"][:10]]
    assert third["headers"]["Idempotent-Replayed"] == "true"
    assert {each["id"] for each in logged(cloud)} == set(taken)


def test_a_207_that_no_retry_can_better_is_kept(cloud: Cloud) -> None:
    entries = [PUBLICATION, {"topic": "nobodys", "payload": 1}]

    first = publish(cloud, entries, **{"Idempotency-Key": "k-1"})
    second = publish(cloud, entries, **{"Idempotency-Key": "k-1"})

    assert (first["statusCode"], second["statusCode"]) == (207, 207)
    assert second["headers"]["Idempotent-Replayed"] == "true"
    assert len(logged(cloud)) == 1


def put_topic(cloud: Cloud, name: str, **said: Any) -> None:
    headers = {"If-None-Match": "*"}
    path = "/events/topics/{topic}"
    event = request("PUT", path, body=said, headers=headers, topic=name)
    assert cloud.invoke("PutTopicFunction", event)["statusCode"] == 201


def test_a_payload_that_breaks_its_topics_schema_is_refused_with_places(cloud: Cloud) -> None:
    schema = {"required": ["total"], "properties": {"lines": {"items": {"type": "integer"}}}}
    put_topic(cloud, "orders", schema=schema)

    answer = publish(cloud, {"topic": "orders", "payload": {"lines": [1, "secret"]}})

    assert refusal(answer) == (422, "payload_invalid")
    found = {each["pointer"] for each in body_of(answer)["errors"]}
    assert found == {"/payload", "/payload/lines/1"}
    assert "secret" not in answer["body"]
    good = publish(cloud, {"topic": "orders", "payload": {"total": 1}})
    assert good["statusCode"] == 202
    assert [each["data"] for each in logged(cloud)] == [{"total": 1}]


def test_an_ordered_topic_requires_a_key_and_numbers_what_has_one(cloud: Cloud) -> None:
    put_topic(cloud, "orders", ordered=True)

    refused = publish(cloud, {"topic": "orders", "payload": 1})
    publish(cloud, [{"topic": "orders", "payload": n, "key": "k"} for n in range(3)])

    assert pointers(refused) == ["/key"]
    assert [event["orderingkey"] for event in logged(cloud)] == ["k"] * 3
    ordered = cloud.messages("SequenceQueue")
    assert [json.loads(each["Body"])["data"] for each in ordered] == [0, 1, 2]
    assert len({each["Attributes"]["MessageGroupId"] for each in ordered}) == 1


def test_a_key_on_another_topic_is_passed_on_and_orders_nothing(cloud: Cloud) -> None:
    publish(cloud, PUBLICATION | {"key": "k"})

    (event,) = logged(cloud)
    assert event["partitionkey"] == "k"
    assert "orderingkey" not in event
    assert cloud.waiting("SequenceQueue") == 0


# ---- CloudEvents, by their own package

ATTRIBUTES: Json = {
    "specversion": "1.0",
    "id": "1042",
    "source": "https://shop.example.com/orders",
    "type": "com.example.order.placed",
    "subject": "Euro € 😀 %20",
    "topic": "user-events",
    "partitionkey": "k",
    "comexample": "extension",
}
TIME = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def cloud_event(data: Any = None, **given: Any) -> CloudEvent:
    return CloudEvent(ATTRIBUTES | {"time": TIME} | given, {"total": 1} if data is None else data)


def send(cloud: Cloud, message: HTTPMessage) -> Json:
    event = request("POST", "/events/publish", body=message.body)
    event["headers"] = dict(message.headers)
    answer: Json = cloud.invoke("PublishEventsFunction", event, context=IN_A_HURRY)
    return answer


@pytest.mark.parametrize("write", [to_structured_event, to_binary_event])
def test_a_cloud_event_of_its_own_package_passes_with_all_its_attributes(
    cloud: Cloud, write: Any
) -> None:
    answer = send(cloud, write(cloud_event(datacontenttype="application/json")))

    assert answer["statusCode"] == 202, answer
    (text,) = (each["Body"] for each in cloud.messages("EventLogQueue"))
    read = from_structured_event(
        HTTPMessage({"content-type": "application/cloudevents+json"}, text.encode()), JSONFormat()
    )
    assert {name: read.get_attributes()[name] for name in ATTRIBUTES} == ATTRIBUTES
    assert read.get_time() == TIME
    assert read.get_data() == {"total": 1}
    assert read.get_extension("recordid") == body_of(answer)["id"]


@pytest.mark.parametrize("write", [to_structured_event, to_binary_event])
@pytest.mark.parametrize("data", [b"\xff\x00", b""])
def test_data_that_is_no_json_passes_with_its_media_type(
    cloud: Cloud, write: Any, data: bytes
) -> None:
    answer = send(cloud, write(cloud_event(data, datacontenttype="image/png")))

    assert answer["statusCode"] == 202, answer
    (event,) = logged(cloud)
    assert event["datacontenttype"] == "image/png"
    assert base64.b64decode(event.get("data_base64", "")) == data


def test_a_batch_of_cloud_events_has_a_fate_for_each(cloud: Cloud) -> None:
    body = [ATTRIBUTES | {"data": 1}, ATTRIBUTES | {"id": None}, ATTRIBUTES | {"id": "2"}]
    headers = {"Content-Type": "application/CloudEvents-Batch+JSON; charset=utf-8"}

    answer = publish(cloud, body, **headers)

    assert [each["status"] for each in body_of(answer)["items"]] == [202, 422, 202]
    assert body_of(answer)["items"][1]["errors"][0]["pointer"] == "/1/id"
    assert [each["id"] for each in logged(cloud)] == ["1042", "2"]


def test_the_topic_may_stand_in_the_query(cloud: Cloud) -> None:
    message = to_binary_event(cloud_event(topic=None))
    event = request("POST", "/events/publish", body=message.body)
    event["headers"] = {name: text for name, text in message.headers.items() if name != "ce-topic"}
    event["multiValueQueryStringParameters"] = {"topic": ["payment-events"]}

    assert cloud.invoke("PublishEventsFunction", event)["statusCode"] == 202
    assert logged(cloud)[0]["topic"] == "payment-events"


# ---- A source and id is one event


def given_again(cloud: Cloud, **changed: Any) -> Json:
    headers = {"Content-Type": "application/cloudevents+json"}
    return publish(cloud, ATTRIBUTES | {"data": 1} | changed, **headers)


def test_the_same_source_and_id_is_published_once(cloud: Cloud) -> None:
    first, second = given_again(cloud), given_again(cloud)

    assert body_of(second) == body_of(first) | {"duplicate": True}
    assert (first["statusCode"], second["statusCode"]) == (202, 202)
    assert len(logged(cloud)) == 1


def test_the_same_source_and_id_for_another_event_is_refused(cloud: Cloud) -> None:
    given_again(cloud)

    assert refusal(given_again(cloud, data=2)) == (409, "event_id_reused")
    assert given_again(cloud, data=2, source="https://other.example.com")["statusCode"] == 202
    assert len(logged(cloud)) == 2


def test_twins_in_one_array_are_one_event(cloud: Cloud) -> None:
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    twin = ATTRIBUTES | {"data": 1}

    answer = publish(cloud, [twin, twin, twin | {"data": 2}], **headers)

    fates = body_of(answer)["items"]
    assert [each["status"] for each in fates] == [202, 202, 409]
    assert fates[1] == fates[0] | {"duplicate": True}
    assert len(logged(cloud)) == 1


def test_an_event_that_sns_did_not_take_may_come_again_at_once(cloud: Cloud) -> None:
    with refusing("sns", "PublishBatch", "Throttled", 429):
        assert refusal(given_again(cloud)) == (503, "unavailable")

    answer = given_again(cloud)
    assert answer["statusCode"] == 202
    assert "duplicate" not in body_of(answer)
    assert len(logged(cloud)) == 1


# The claim, SNS, the claim's end: whichever call the process dies after, the event is published.
@pytest.mark.parametrize(("call", "times"), [(1, 1), (2, 1), (3, 2), (4, 1)])
def test_a_death_loses_no_event_and_its_retry_has_the_same_id(
    cloud: Cloud, call: int, times: int
) -> None:
    with death_after_call(call), pytest.raises(ProcessDied):
        given_again(cloud)

    at_once = given_again(cloud)
    end_leases(cloud)
    later = given_again(cloud)

    expected = (202, None) if call in {1, 4} else (503, "event_in_progress")
    assert (at_once["statusCode"], body_of(at_once).get("code")) == expected
    assert later["statusCode"] == 202
    ids = {event["recordid"] for event in logged(cloud)}
    assert ids == {body_of(later)["id"]}


def end_leases(cloud: Cloud) -> None:
    for row in map(items.unpack, cloud.rows("IdempotencyTable")):
        if row["status"] == "running":
            values = {"now": clock.rfc3339(clock.now())}
            store.update(
                cloud.name("IdempotencyTable"),
                {"id": row["id"]},
                "SET #lease_ends_at = :now",
                when="attribute_exists(#id)",
                values=values,
            )


BATCH = {"Content-Type": "application/cloudevents-batch+json"}
LARGE = "x" * 300_000


@pytest.mark.parametrize(
    ("service", "operation", "code", "fates"),
    [
        ("s3", "PutObject", "AccessDenied", [202, 503, 202]),
        ("s3", "PutObject", "SlowDown", [202, 503, 202]),
        ("sns", "PublishBatch", "AuthorizationError", [503, 503, 503]),
    ],
)
def test_what_a_service_refuses_of_an_array_is_told_entry_by_entry_and_may_come_again(
    cloud: Cloud, service: str, operation: str, code: str, fates: list[int]
) -> None:
    own = [ATTRIBUTES | {"id": f"o-{n}", "data": data} for n, data in enumerate([1, LARGE, 3])]

    with refusing(service, operation, code, 403 if code == "AuthorizationError" else 400):
        first = publish(cloud, own, **BATCH)
    second = publish(cloud, own, **BATCH)

    assert [each["status"] for each in body_of(first)["items"]] == fates
    assert second["statusCode"] == 202
    known = [each.get("duplicate", False) for each in body_of(second)["items"]]
    assert known == [status == 202 for status in fates]


def test_what_the_table_refuses_of_an_array_leaves_no_claim_behind(cloud: Cloud) -> None:
    own = [ATTRIBUTES | {"id": f"o-{n}", "partitionkey": f"k-{n}", "data": n} for n in range(3)]
    calls: list[int] = []

    def fail(**_: Any) -> Any:
        calls.append(1)
        answer = {"Error": {"Code": "AccessDenied", "Message": ""}}
        return (SimpleNamespace(status_code=400), answer) if len(calls) == 2 else None

    with hooked("before-call.dynamodb.PutItem", fail):
        first = publish(cloud, own, **BATCH)
    second = publish(cloud, own, **BATCH)

    assert [each["status"] for each in body_of(first)["items"]] == [202, 503, 202]
    assert second["statusCode"] == 202


def test_what_must_wait_holds_its_keys_later_events_back(cloud: Cloud) -> None:
    put_topic(cloud, "orders", ordered=True)
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    batch = [ATTRIBUTES | {"topic": "orders", "id": str(n), "data": n} for n in range(3)]
    other = batch[2] | {"id": "other", "partitionkey": "other"}
    with death_after_call(3), pytest.raises(ProcessDied):  # topic, claim of 0, claim of 1
        publish(cloud, batch[:2], **headers)

    answer = publish(cloud, [batch[1], batch[2], other], **headers)

    assert [each["status"] for each in body_of(answer)["items"]] == [503, 503, 202]
    assert [event["id"] for event in logged(cloud)] == ["other"]
