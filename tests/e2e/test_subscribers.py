"""Subscribers that die at random: each event has its effect once, and its place in its key."""

import json
from typing import Any

from local.api import Api, expected, until
from local.stack import Stack
from tests.e2e.own_subscriber import OwnSubscriber
from tests.e2e.test_request_response import JSON

EVENTS = 1000
DEATHS = 0.01  # before each effect, and after it


def register(api: Api, topic: str, **said: Any) -> None:
    headers = JSON | {"if-none-match": "*"}
    path = f"/events/topics/{topic}"
    expected(201, api.call("PUT", path, json.dumps(said).encode(), headers))


def published(api: Api, entries: list[dict[str, Any]]) -> list[str]:
    """Publish in arrays of a hundred; give the ids."""
    ids: list[str] = []
    for start in range(0, len(entries), 100):
        answer = api.post("/events/publish", entries[start : start + 100], expect=202)
        ids += [each["id"] for each in answer.body["items"]]
    return ids


def test_a_thousand_events_have_a_thousand_effects_in_each_subscriber_that_dies_at_random(
    api: Api, stack: Stack, run: str
) -> None:
    register(api, run)
    wanted = {"topic": [run], "subscriber": [{"exists": False}, "own"]}
    both = [
        OwnSubscriber.on(stack, "EventsTopicArn", filter=wanted, deaths=DEATHS) for _ in range(2)
    ]
    entries = [{"topic": run, "payload": {"lane": str(n % 10)}} for n in range(EVENTS)]
    poison = {"topic": run, "type": "poison", "payload": {"lane": "poison"}}

    ids = published(api, [*entries[:500], poison, *entries[500:]])

    (dead_id,) = ids[500:501]
    alive = sorted(set(ids) - {dead_id})
    for own in both:
        assert_settled(own, alive=alive, dead=[dead_id])


def assert_settled(own: OwnSubscriber, *, alive: list[str], dead: list[str]) -> None:
    until("all effects", lambda: effects(own) == alive or None, within=240)
    until("the dead", lambda: own.dead() or None)
    assert [event["id"] for event in own.dead()] == dead
    assert effects(own) == alive


def effects(own: OwnSubscriber) -> list[str]:
    return sorted(each for lane in own.lanes().values() for each in lane)


def test_a_keys_events_keep_their_order_whatever_dies(api: Api, stack: Stack, run: str) -> None:
    register(api, run, ordered=True)
    own = OwnSubscriber.on(stack, "OrderedEventsTopicArn", filter={"topic": [run]}, deaths=0.1)
    keys = [f"k{n % 5}" for n in range(60)]
    entries = [{"topic": run, "key": key, "payload": {"lane": key}} for key in keys]

    ids = published(api, entries)

    expected_order = {
        key: [id for id, each in zip(ids, keys, strict=True) if each == key] for key in set(keys)
    }
    until("all effects", lambda: own.lanes() == expected_order or None, within=240)
    until("all numbers", lambda: numbers(stack, run) == expected_order or None)


def test_a_failing_event_holds_back_its_own_key_alone(api: Api, stack: Stack, run: str) -> None:
    register(api, run, ordered=True)
    own = OwnSubscriber.on(stack, "OrderedEventsTopicArn", filter={"topic": [run]}, deaths=0)
    poison = {"topic": run, "key": "a", "type": "poison", "payload": {"lane": run}}
    behind, aside = ({"topic": run, "key": key, "payload": {"lane": run}} for key in ("a", "b"))

    ids = published(api, [poison, behind, aside])

    # It dies for good after its eighth attempt; until then its key waits, and then goes on.
    until("both effects", lambda: effects(own) == sorted(ids[1:]) or None)
    assert own.lanes() == {run: [ids[2], ids[1]]}
    assert [event["id"] for event in own.dead()] == [ids[0]]


def numbers(stack: Stack, topic: str) -> dict[str, list[str]]:
    """Read the sequences of a topic's keys, by number."""
    table = stack.outputs["SequencesTableName"]
    found: dict[str, list[tuple[int, str]]] = {}
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        for row in page["Items"]:
            if row.get("topic", {}).get("S") == topic:
                place = (int(row["number"]["N"]), row["id"]["S"])
                found.setdefault(row["key"]["S"], []).append(place)
    assert all(
        [number for number, _ in sorted(each)] == list(range(1, len(each) + 1))
        for each in found.values()
    )
    return {key: [id for _, id in sorted(each)] for key, each in found.items()}
