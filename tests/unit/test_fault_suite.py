"""The fault suite's own rules: what it counts as lost, and what its faults strike."""

from collections import Counter
from collections.abc import Mapping
from email.message import Message
from typing import Any

from faults import calls, table
from faults.__main__ import chosen
from faults.account import Account, Seen, Sent, account
from faults.between import Plant
from faults.callers import send_all
from faults.pattern import Request
from local.api import Answer


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    message = Message()
    for name, value in (headers or {}).items():
        message[name] = value
    return Answer(status, body, message)


THREE = Sent({"a", "b", "c"})


def drawn(seen: Seen, sent: Sent = THREE, *, once: bool = False, met: int = 1) -> Account:
    return account("tasks", "kill", sent=sent, seen=seen, met=met, once=once)


def test_what_is_done_or_explained_is_not_lost() -> None:
    found = drawn(Seen(Counter(a=1, b=1), {"c": "dead"}))

    assert (found.accepted, found.done, found.explained, found.lost) == (3, 2, 1, 0)
    assert found.failures() == []


def test_one_that_is_lost_fails_and_is_named() -> None:
    found = drawn(Seen(Counter(a=1, c=1)))

    assert (found.lost, found.missing) == (1, ("b",))
    assert found.failures() == ["1 lost, such as ('b',)"]
    assert "**1 lost**" in table.cell(found)


def test_one_that_is_lost_is_not_made_up_for_by_one_that_is_done_twice() -> None:
    found = drawn(Seen(Counter(a=2, c=1)))

    assert (found.lost, found.duplicated) == (1, 1)


def test_what_is_done_and_explained_counts_once() -> None:
    found = drawn(Seen(Counter(a=1, b=1, c=1), {"c": "dead letter"}))

    assert (found.done, found.explained, found.lost) == (3, 0, 0)


def test_what_is_done_twice_fails_where_once_is_promised_and_only_there() -> None:
    seen = Seen(Counter(a=2, b=1, c=1))

    assert drawn(seen).duplicated == drawn(seen, once=True).duplicated == 1
    assert drawn(seen).failures() == []
    assert drawn(seen, once=True).failures() == ["1 done twice"]


def test_a_repeated_request_that_made_another_thing_counts_as_done_twice() -> None:
    found = drawn(Seen(Counter("abc")), Sent({"a", "b", "c"}, {"a", "d"}), once=True)

    assert found.failures() == ["1 done twice"]


def test_a_cell_that_proves_nothing_fails() -> None:
    unhurt = drawn(Seen(Counter(a=1, b=1, c=1)), met=0)
    idle = drawn(Seen(), Sent())

    assert unhurt.failures() == ["the fault met nothing"]
    assert idle.failures() == ["nothing was accepted"]


def test_a_good_request_that_is_refused_for_good_fails() -> None:
    sent = Sent()
    send_all([Request(lambda: answer(409, {"code": "user_exists"}), lambda _: [])], sent)

    found = account("http-users", "kill", sent=sent, seen=Seen(), met=1, once=True)

    assert any("refused" in each for each in found.failures())


def test_a_caller_sends_again_what_may_pass() -> None:
    busy = answer(409, {"code": "idempotency_key_in_use"}, {"Retry-After": "0.01"})
    answers = [answer(503, {}), busy, answer(201, {"id": "a"})]
    sent = Sent()

    send_all([Request(lambda: answers.pop(0), lambda last: [last.body["id"]])], sent)

    assert (sent.accepted, sent.refused, answers) == ({"a"}, [], [])


def test_a_caller_sends_an_array_again_of_which_some_may_be_taken_later() -> None:
    answers = [answer(207, {"id": "a"}, {"Retry-After": "0.01"}), answer(207, {"id": "a"})]
    sent = Sent()

    send_all([Request(lambda: answers.pop(0), lambda last: [last.body["id"]])], sent)

    assert (sent.accepted, sent.refused, answers) == ({"a"}, [], [])


def test_the_table_has_a_row_for_each_pattern_and_a_column_for_each_fault() -> None:
    whole = drawn(Seen(Counter(a=2, b=1), {"c": "dead"}))

    assert table.lines([whole]) == [
        "|  | kill |",
        "|---|--:|",
        "| tasks | 3 = 2 + 1, 1 twice |",
    ]
    assert table.line(whole).endswith("explained 1  duplicated 1  lost 0")


def test_a_plant_strikes_what_it_matches_and_only_for_its_time() -> None:
    plant = Plant(calls.is_write)

    struck = [plant.strikes("DynamoDB_20120810.GetItem", b""), plant.met]
    struck += [plant.strikes("DynamoDB_20120810.PutItem", b""), plant.met]
    plant.lasts = 0
    struck += [plant.strikes("DynamoDB_20120810.PutItem", b""), plant.met]

    assert struck == [False, 0, True, 1, False, 1]


def test_messages_are_told_from_other_calls() -> None:
    assert calls.is_send("AmazonSQS.SendMessageBatch", b"{}")
    assert calls.is_send("/", b"Action=PublishBatch&Version=2010-03-31")
    assert not calls.is_send("AmazonSQS.ChangeMessageVisibility", b"{}")
    assert not calls.is_send("DynamoDB_20120810.UpdateItem", b"{}")


def test_cells_are_chosen_by_the_beginnings_of_names() -> None:
    assert chosen(["webhook-in", "webhook-out", "tasks"], ["webhook", "kill"]) == [
        "webhook-in",
        "webhook-out",
    ]
