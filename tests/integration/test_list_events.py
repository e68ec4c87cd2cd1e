"""Listing a topic's events by pages."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import pytest

from interchange import clock, store
from interchange.envelope import Json
from publish_subscribe import event_log, list_events, sequences
from tests import event_log as log
from tests.answers import body_of, refusal
from tests.architecture import Json as Answer
from tests.aws_events import request
from tests.faults import hooked
from tests.moto_cloud import Cloud

TOPIC = {"topic": "user-events"}


def page(cloud: Cloud, **query: str) -> Answer:
    event = request("GET", "/events", headers={"X-Api-Key": "key-1"})
    event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
    answer: Answer = cloud.invoke("ListEventsFunction", event)
    return answer


def walk(cloud: Cloud, **query: str) -> list[list[str]]:
    """Follow the tokens to the end; give the ids of each page."""
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        body = body_of(page(cloud, **TOPIC, **query, **token))
        pages.append([each["id"] for each in body["items"]])
        if "next_page_token" not in body:
            return pages
        token = {"page_token": body["next_page_token"]}


def flat(pages: list[list[str]]) -> list[str]:
    return [id for ids in pages for id in ids]


def window(start: float | None = None, end: float | None = None) -> dict[str, str]:
    given = {"from": start, "to": end}
    return {name: log.at(each).isoformat() for name, each in given.items() if each is not None}


@pytest.fixture
def seven(cloud: Cloud) -> list[str]:
    """Seven events, a second apart, written in another order; another topic has one."""
    ids = [f"evt_{number}" for number in range(7)]
    for number in (3, 1, 6, 0, 5, 2, 4):
        log.logged(cloud, f"evt_{number}", number)
    log.logged(cloud, "evt_other", 2, topic="payment-events")
    return ids


@pytest.mark.parametrize("size", ["1", "2", "3", "7", "1000"])
def test_the_pages_together_are_the_topics_events_in_the_order_of_recording(
    cloud: Cloud, seven: list[str], size: str
) -> None:
    assert flat(walk(cloud, page_size=size)) == seven
    assert flat(walk(cloud, page_size=size, order="desc")) == seven[::-1]


def test_events_of_one_millisecond_have_one_order(cloud: Cloud) -> None:
    for id in ("evt_b", "evt_c", "evt_a"):
        log.logged(cloud, id, 1)

    assert flat(walk(cloud, page_size="1")) == ["evt_a", "evt_b", "evt_c"]
    assert flat(walk(cloud, page_size="1", order="desc")) == ["evt_c", "evt_b", "evt_a"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (2, 5, [2, 3, 4]),
        (2, None, [2, 3, 4, 5, 6]),
        (None, 2, [0, 1]),
        (1.9999, 4.0001, [2, 3, 4]),
        (2.0001, 4, [3]),
        (7, None, []),
        (None, 0, []),
    ],
)
def test_a_window_has_its_beginning_and_not_its_end(
    cloud: Cloud, seven: list[str], start: float | None, end: float | None, expected: list[int]
) -> None:
    found = flat(walk(cloud, page_size="2", **window(start, end)))

    assert found == [seven[number] for number in expected]


def test_a_window_may_be_written_in_any_offset(cloud: Cloud, seven: list[str]) -> None:
    elsewhere = log.at(5).isoformat().replace("+00:00", "-00:00")

    assert flat(walk(cloud, **{"from": elsewhere})) == seven[5:]


@pytest.mark.parametrize("size", ["1", "2", "50"])
def test_a_type_is_found_among_many_others(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    monkeypatch.setattr(event_log, "_AT_ONCE", 4)
    monkeypatch.setattr(event_log, "_QUERIES", 3)
    for number in range(40):
        rare = number in {5, 6, 31}
        log.logged(cloud, f"evt_{number:02}", number, type="rare" if rare else "usual")

    pages = walk(cloud, type="rare", page_size=size)

    assert flat(pages) == ["evt_05", "evt_06", "evt_31"]
    assert len(pages) <= 6  # twelve rows a page at least, or what was asked for
    assert walk(cloud, type="unheard-of", page_size=size)[-1] == []


def test_an_event_past_its_retention_is_not_there(cloud: Cloud) -> None:
    log.logged(cloud, "evt_old", 0, retention=timedelta(hours=1))
    log.logged(cloud, "evt_new", 1)

    assert flat(walk(cloud)) == ["evt_new"]
    assert flat(walk(cloud, page_size="1")) == ["evt_new"]


def test_an_event_is_listed_to_the_digit_as_it_was_published(cloud: Cloud) -> None:
    text = log.logged(cloud, "evt_1", 1, data=Json('{"n":1.10,"m":12345678901234567890.125}'))

    answer = page(cloud, **TOPIC)

    assert answer["body"] == f'{{"items": [{text}]}}'


def test_a_large_event_is_its_attributes_and_where_it_is_whole(cloud: Cloud) -> None:
    text = log.logged(cloud, "evt_1", 1, data="x" * 300_000, extensions={"dataref": "theirs"})

    (listed,) = body_of(page(cloud, **TOPIC))["items"]

    expected = json.loads(text) | {"event_url": "events/evt_1"}
    del expected["data"]
    assert listed == expected
    assert urljoin("https://host/v1/events", listed["event_url"]) == "https://host/v1/events/evt_1"


def test_a_page_ends_before_its_answer_is_too_large(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_events, "_PAGE_CHARACTERS", 200_000)
    for number in range(4):
        log.logged(cloud, f"evt_{number}", number, data="x" * 120_000)

    assert walk(cloud) == [["evt_0", "evt_1"], ["evt_2", "evt_3"]]


def test_an_unknown_topic_is_an_empty_list(cloud: Cloud) -> None:
    assert body_of(page(cloud, topic="toys")) == {"items": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"topic": ""}, "bad_topic"),
        ({"topic": "a b"}, "bad_topic"),
        ({"topic": "x" * 129}, "bad_topic"),
        ({"topic": "\ud800"}, "bad_topic"),
        ({"type": ""}, "bad_type"),
        ({"type": "\x00"}, "bad_type"),
        ({"type": "\ud800"}, "bad_type"),
        ({"type": "x" * 513}, "bad_type"),
        ({"key": ""}, "bad_key"),
        ({"key": "\n"}, "bad_key"),
        ({"key": "😀" * 500}, "bad_key"),
        ({"order": "up"}, "bad_order"),
        ({"order": ""}, "bad_order"),
        ({"from": "yesterday"}, "bad_window"),
        ({"from": "2026-01-15T09:30:00"}, "bad_window"),
        ({"to": ""}, "bad_window"),
        ({"to": "9999-12-31T23:59:59.9999Z"}, "bad_window"),
        ({"from": "2026-01-15T09:30:00 01:00"}, "bad_window"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"}, "bad_window"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "bad_window"),
        ({"page_size": "-1"}, "bad_page_size"),
        ({"page_token": "x"}, "bad_page_token"),
    ],
)
def test_a_parameter_that_means_nothing_is_refused(
    cloud: Cloud, query: dict[str, str], code: str
) -> None:
    assert refusal(page(cloud, **TOPIC | query)) == (400, code)


def test_a_list_is_of_a_topic(cloud: Cloud) -> None:
    event: Any = request("GET", "/events") | {"multiValueQueryStringParameters": None}

    assert refusal(cloud.invoke("ListEventsFunction", event)) == (400, "bad_topic")


@pytest.mark.parametrize(
    "other", [{"topic": "payment-events"}, {"type": "it"}, {"order": "desc"}, window(1)]
)
def test_a_token_holds_for_its_filters_alone(
    cloud: Cloud, seven: list[str], other: dict[str, str]
) -> None:
    token = body_of(page(cloud, **TOPIC, page_size="1"))["next_page_token"]

    answer = page(cloud, **TOPIC | other, page_token=token)

    assert refusal(answer) == (400, "bad_page_token")


def test_an_event_that_is_erased_between_two_pages_takes_none_along(
    cloud: Cloud, seven: list[str]
) -> None:
    first = body_of(page(cloud, **TOPIC, page_size="3"))
    key = {"id": first["items"][-1]["id"]}
    store.delete(cloud.name("EventsTable"), key, when="attribute_exists(#id)")

    rest = body_of(page(cloud, **TOPIC, page_token=first["next_page_token"]))

    assert [each["id"] for each in rest["items"]] == seven[3:]
    assert clock.parse(rest["items"][0]["recordedtime"]) == log.at(3)


def numbered(cloud: Cloud, *ids: str, key: str = "a") -> None:
    """Number events that the log has, or has not."""
    for number, id in enumerate(ids, 1):
        row = {"id": id, "topic_key": sequences.topic_key("user-events", key), "number": number}
        store.put_new(cloud.name("SequencesTable"), row)


@pytest.mark.parametrize("size", ["1", "2", "50"])
def test_a_keys_events_are_listed_as_they_are_numbered(
    cloud: Cloud, seven: list[str], size: str
) -> None:
    numbered(cloud, "evt_4", "evt_1", "evt_3")
    numbered(cloud, "evt_2", key="b")

    assert flat(walk(cloud, key="a", page_size=size)) == ["evt_4", "evt_1", "evt_3"]
    backwards = flat(walk(cloud, key="a", page_size=size, order="desc"))
    assert backwards == ["evt_3", "evt_1", "evt_4"]
    assert flat(walk(cloud, key="unknown")) == []


def test_a_keys_event_that_is_erased_or_over_is_not_there(cloud: Cloud) -> None:
    log.logged(cloud, "evt_1", 1)
    log.logged(cloud, "evt_2", 2, retention=timedelta(hours=1))
    numbered(cloud, "evt_erased", "evt_2", "evt_1")

    assert flat(walk(cloud, key="a")) == ["evt_1"]
    assert flat(walk(cloud, key="a", page_size="1")) == ["evt_1"]


def test_a_keys_page_ends_before_its_answer_is_too_large(
    cloud: Cloud, seven: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_events, "_PAGE_CHARACTERS", 1)
    numbered(cloud, *seven)

    assert walk(cloud, key="a")[:7] == [[id] for id in seven]


def test_rows_that_dynamodb_leaves_for_later_are_asked_for_again(
    cloud: Cloud, seven: list[str]
) -> None:
    numbered(cloud, *seven)
    left: list[Any] = []

    def leave(params: Any, **_: Any) -> Any:
        if left:
            return None
        left.append(json.loads(params["body"])["RequestItems"])
        answer = {"Responses": {}, "UnprocessedKeys": left[0], "ResponseMetadata": {}}
        return SimpleNamespace(status_code=200), answer

    with hooked("before-call.dynamodb.BatchGetItem", leave):
        assert flat(walk(cloud, key="a")) == seven
    assert left


@pytest.mark.parametrize("other", [window(1), window(None, 1), {"type": "it"}])
def test_a_key_excludes_a_window_and_a_type(cloud: Cloud, other: dict[str, str]) -> None:
    assert refusal(page(cloud, **TOPIC, key="a", **other)) == (400, "bad_key")
