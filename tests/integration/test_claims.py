"""Claiming a row: of all who ask, one has it; whoever loses it has no say."""

from datetime import timedelta
from typing import Any

import pytest

from interchange import claims, clock, store
from interchange.claims import Claim
from tests.architecture import Json
from tests.faults import hooked
from tests.moto_cloud import Cloud

NOW = clock.now()
LEASE = timedelta(seconds=60)
KEY = {"id": "dlv_1"}
WAITING = ("pending", "retry_wait")


def put(cloud: Cloud, **given: Any) -> str:
    row = {**KEY, "status": "pending", "attempts": 0, "due_at": clock.rfc3339(NOW), "version": 1}
    store.put_new(cloud.name("TasksTable"), row | given)
    return cloud.name("TasksTable")


def row(cloud: Cloud) -> Json:
    return store.get(cloud.name("TasksTable"), KEY) or {}


def take(table: str, *, later: timedelta = timedelta()) -> Claim:
    return claims.take(table, KEY, waiting=WAITING, now=NOW + later, lease=LEASE)


@pytest.mark.parametrize("state", WAITING)
def test_a_row_that_waits_and_is_due_is_taken_and_the_attempt_counted(
    cloud: Cloud, state: str
) -> None:
    held = take(put(cloud, status=state))

    assert held.row == row(cloud)
    assert (held.row["status"], held.row["attempts"]) == ("running", 1)
    assert held.row["lease_ends_at"] == clock.rfc3339(NOW + LEASE)


@pytest.mark.parametrize("state", ["delivered", "exhausted", "queued"])
def test_a_row_in_another_state_is_over(cloud: Cloud, state: str) -> None:
    table = put(cloud, status=state)

    with pytest.raises(claims.Over, match=state):
        take(table)


def test_a_row_that_is_gone_is_over(cloud: Cloud) -> None:
    with pytest.raises(claims.Over, match="absent"):
        take(cloud.name("TasksTable"))


def test_a_row_that_is_not_due_says_after_how_long_it_is(cloud: Cloud) -> None:
    table = put(cloud, due_at=clock.rfc3339(NOW + timedelta(seconds=90)))

    with pytest.raises(claims.NotYet, match="pending") as refused:
        take(table)
    assert refused.value.after == pytest.approx(90, abs=0.01)


def test_of_two_at_once_one_has_the_row_and_the_other_learns_for_how_long(cloud: Cloud) -> None:
    table = put(cloud)
    first: list[Claim] = []

    def other_first(**_: Any) -> None:
        if not first:
            first.append(Claim("", {}, {}, ""))
            first[0] = take(table)

    with (
        hooked("before-call.dynamodb.UpdateItem", other_first),
        pytest.raises(claims.NotYet, match="running") as refused,
    ):
        take(table)

    assert refused.value.after == pytest.approx(60, abs=0.01)
    assert (row(cloud)["fence"], row(cloud)["attempts"]) == (first[0].fence, 1)


def test_a_lease_is_held_to_its_end_and_no_longer(cloud: Cloud) -> None:
    table = put(cloud)
    take(table)

    with pytest.raises(claims.NotYet):
        take(table, later=LEASE)

    heir = take(table, later=LEASE + timedelta(milliseconds=1))
    assert heir.row["attempts"] == 2


def test_whoever_lost_the_row_has_no_say(cloud: Cloud) -> None:
    table = put(cloud)
    zombie = take(table)
    heir = take(table, later=2 * LEASE)

    with pytest.raises(claims.Lost):
        claims.end(zombie, "delivered")
    with pytest.raises(claims.Lost):
        claims.renew(zombie, now=NOW, lease=LEASE)

    claims.end(heir, "delivered", ended_at="2026")
    ended = row(cloud)
    assert (ended["status"], ended["ended_at"]) == ("delivered", "2026")
    assert not ended.keys() & {"fence", "lease_ends_at"}


def test_a_claim_that_is_renewed_lasts_longer_and_sees_what_others_wrote(cloud: Cloud) -> None:
    table = put(cloud)
    held = take(table)
    store.update(table, KEY, "SET #seen = :yes", when="#id = :id", values={"yes": 1, "id": "dlv_1"})

    held = claims.renew(held, now=NOW + LEASE, lease=LEASE, progress=50)

    assert (held.row["seen"], held.row["progress"]) == (1, 50)
    with pytest.raises(claims.NotYet):
        take(table, later=2 * LEASE)


def test_a_row_that_is_given_back_can_be_taken_once_it_is_due(cloud: Cloud) -> None:
    table = put(cloud)
    due = clock.rfc3339(NOW + timedelta(seconds=5))
    claims.end(take(table), "retry_wait", due_at=due)

    with pytest.raises(claims.NotYet):
        take(table)
    assert take(table, later=timedelta(seconds=5)).row["attempts"] == 2
