"""The event log, over HTTP: pages, windows, types, what is large, what is over."""

import json
import time
from functools import partial

import pytest

from local.api import Api, until
from local.props import found_or_none, mail_to
from local.stack import Stack
from tests.e2e.faults import physical_name
from tests.e2e.logged import TOPIC, flat, page, published, walk
from tests.e2e.test_request_response import JSON, assert_problem


def test_the_log_is_read_by_pages_in_the_order_of_recording(api: Api, run: str) -> None:
    ids = published(api, f"paged.{run}", 7)

    pages = walk(api, type=f"paged.{run}", page_size=3)

    assert flat(pages) == ids
    assert flat(walk(api, type=f"paged.{run}", page_size=2, order="desc")) == ids[::-1]
    assert max(map(len, pages)) == 3


def test_a_window_has_its_beginning_and_not_its_end(api: Api, run: str) -> None:
    ids = published(api, f"window.{run}", 5)
    events = page(api, type=f"window.{run}")["items"]
    start, end = events[1]["recordedtime"], events[3]["recordedtime"]

    found = flat(walk(api, **{"type": f"window.{run}", "from": start, "to": end}))

    recorded = {each["id"]: each["recordedtime"] for each in events}
    assert found == [id for id in ids if start <= recorded[id] < end]
    assert ids[1] in found
    assert ids[3] not in found


def test_an_event_is_listed_as_it_is_read_alone(api: Api, run: str) -> None:
    (id,) = published(api, f"alone.{run}", 1)

    (listed,) = page(api, type=f"alone.{run}")["items"]

    assert listed == api.get(f"/events/{id}").body


def test_a_large_event_is_listed_with_where_it_is_whole(api: Api, run: str) -> None:
    body = {"topic": TOPIC, "type": f"large.{run}", "payload": "x" * 251_000}
    id = api.post("/events/publish", body, expect=202).body["id"]

    event = until("the event in the log", lambda: found_or_none(api, f"/events/{id}"))

    assert event["data"] == body["payload"]
    (listed,) = page(api, type=f"large.{run}")["items"]
    assert listed["event_url"] == f"events/{id}"
    assert "data" not in listed
    assert api.get(f"/{listed['event_url']}").body == event


def test_an_event_past_its_retention_is_not_there(api: Api, stack: Stack, run: str) -> None:
    ids = published(api, f"old.{run}", 2)
    stack.client("dynamodb").update_item(
        TableName=stack.outputs["EventsTableName"],
        Key={"id": {"S": ids[0]}},
        UpdateExpression="SET expires_epoch = :past",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )

    assert flat(walk(api, type=f"old.{run}")) == ids[1:]
    assert_problem(api.get(f"/events/{ids[0]}"), 404, "event_not_found")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "bad_topic"),
        ("?topic=", "bad_topic"),
        ("?topic=a&topic=b", "bad_query"),
        ("?topic=a&from=yesterday", "bad_window"),
        ("?topic=a&from=2026-01-15T09:30:00+01:00", "bad_window"),
        ("?topic=a&from=2026-01-15T09:30:00Z&to=2026-01-15T09:30:00Z", "bad_window"),
        ("?topic=a&type=%00", "bad_type"),
        ("?topic=a&order=up", "bad_order"),
        ("?topic=a&page_size=-1", "bad_page_size"),
        ("?topic=a&page_token=x", "bad_page_token"),
    ],
)
def test_a_parameter_that_means_nothing_is_a_400_problem(api: Api, query: str, code: str) -> None:
    assert_problem(api.get(f"/events{query}"), 400, code)


def test_an_offset_is_written_with_an_escaped_plus(api: Api) -> None:
    assert api.get("/events?topic=a&from=2026-01-15T09:30:00%2B01:00").body == {"items": []}


def test_the_subscribers_are_listed_and_a_dead_letter_goes_back(
    api: Api, stack: Stack, run: str
) -> None:
    email = f"dead.{run}@example.com"
    body = {"topic": TOPIC, "type": f"dead.{run}", "payload": {"email": email, "name": "Ada"}}
    id = api.post("/events/publish", body, expect=202).body["id"]
    event = until("the event in the log", lambda: found_or_none(api, f"/events/{id}"))
    bury(stack, "WelcomeDeadLetterQueue", json.dumps(event))
    assert dead_letters(api) == 1

    answer = api.call("POST", "/events/subscribers/welcome_user/redrives", b"", JSON)

    assert (answer.status, answer.body) == (200, {"moved": 1, "left": 0})
    until("the welcome", lambda: mail_to(stack, email, "Welcome!"))
    assert dead_letters(api) == 0


def dead_letters(api: Api) -> int:
    found = {each["name"]: each for each in api.get("/events/subscribers").body["items"]}
    assert found["welcome_user"]["filter"]["type"] == ["user.registered"]
    count: int = found["welcome_user"]["dead_letters"]
    return count


def bury(stack: Stack, queue: str, text: str) -> None:
    url = physical_name(stack, queue)
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=text)


def test_an_unknown_subscriber_is_a_404_problem(api: Api) -> None:
    answer = api.call("POST", "/events/subscribers/nobody/redrives", b"", JSON)

    assert_problem(answer, 404, "subscriber_not_found")


def test_a_keys_events_are_listed_as_they_are_numbered(api: Api, run: str) -> None:
    put = JSON | {"if-none-match": "*"}
    assert api.call("PUT", f"/events/topics/ordered-{run}", b'{"ordered": true}', put).status == 201
    topic = {"topic": f"ordered-{run}"}
    bodies = [topic | {"key": "ab"[n % 2], "payload": n} for n in range(6)]
    sent = [api.post("/events/publish", each, expect=202).body["id"] for each in bodies]

    for key, expected in (("a", sent[::2]), ("b", sent[1::2])):
        what = f"the events of {key}"
        until(what, partial(are_listed, api, expected, **topic, key=key, page_size=2))


def are_listed(api: Api, expected: list[str], **query: object) -> bool | None:
    return flat(walk(api, **query)) == expected or None
