"""Users: the address is the identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import users
from interchange.trace import Trace

TRACE = Trace("correlation-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


@pytest.mark.parametrize("email", ["Ada@Example.COM", " ada@example.com ", "ADA@EXAMPLE.COM"])
def test_addresses_that_differ_in_case_or_space_are_one_user(email: str) -> None:
    assert users.user_id(email) == users.user_id("ada@example.com")


@given(st.emails(), st.emails())
def test_two_users_are_one_exactly_if_their_normalised_addresses_are(one: str, other: str) -> None:
    same = users.normalise(one) == users.normalise(other)

    assert (users.user_id(one) == users.user_id(other)) == same


def test_a_users_row_has_the_normalised_address_and_the_trace() -> None:
    row = users.row(email="Ada@X.Y", name="Ada", origin="imported", now="2026-01-01", trace=TRACE)

    assert row["id"] == users.user_id("ada@x.y")
    assert row["email"] == "ada@x.y"
    assert (row["correlation_id"], row["traceparent"]) == TRACE
    assert row["version"] == 1


def test_callers_see_of_a_user_what_is_theirs_to_see() -> None:
    row = users.row(email="a@x.y", name="Ada", origin="imported", now="2026-01-01", trace=TRACE)

    assert users.representation(row | {"import_job_id": "job_1"}) == {
        "id": users.user_id("a@x.y"),
        "email": "a@x.y",
        "name": "Ada",
        "created_at": "2026-01-01",
        "version": 1,
    }
