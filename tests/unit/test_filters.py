"""Which events an endpoint gets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.delivering.filters import matches

EVENT = {
    "topic": "payment-events",
    "type": "stripe.payment.succeeded",
    "source": "/webhooks/stripe",
    "subject": "rcv_1",
    "data": {
        "amount": 1999,
        "paid": True,
        "note": None,
        "customer": {"country": "DE", "a/b": 1, "m~n": 2},
        "lines": [{"sku": "x"}, {"sku": "y"}],
    },
}


def wanted(
    *filters: Any, topics: Any = (), types: Any = (), data_equals: Any = None, event: Any = EVENT
) -> bool:
    endpoint = {
        "topics": list(topics),
        "types": list(types),
        "filters": json.dumps(filters),
        "data_equals": json.dumps(data_equals or {}),
    }
    return matches(endpoint, event)


def test_who_asks_for_nothing_special_gets_everything() -> None:
    assert wanted()


def test_topics_and_types_are_exact() -> None:
    assert wanted(topics=["user-events", "payment-events"], types=["stripe.payment.succeeded"])
    assert not wanted(topics=["user-events"])
    assert not wanted(types=["stripe"])
    assert not wanted(topics=["Payment-Events"])


@pytest.mark.parametrize(
    ("filter", "result"),
    [
        ({"exact": {"type": "stripe.payment.succeeded"}}, True),
        ({"exact": {"type": "stripe.payment"}}, False),
        ({"exact": {"type": "Stripe.payment.succeeded"}}, False),
        ({"exact": {"type": "stripe.payment.succeeded", "subject": "rcv_2"}}, False),
        ({"exact": {"absent": "x"}}, False),
        ({"exact": {"data": "x"}}, False),
        ({"prefix": {"type": "stripe."}}, True),
        ({"prefix": {"type": "Stripe."}}, False),
        ({"suffix": {"type": ".succeeded"}}, True),
        ({"suffix": {"absent": "x"}}, False),
        ({"not": {"exact": {"absent": "x"}}}, True),
        ({"not": {"prefix": {"type": "stripe."}}}, False),
        ({"all": [{"prefix": {"type": "stripe."}}, {"suffix": {"type": ".failed"}}]}, False),
        ({"any": [{"prefix": {"type": "x"}}, {"suffix": {"type": ".succeeded"}}]}, True),
        ({"any": [{"all": [{"not": {"exact": {"subject": "rcv_1"}}}]}]}, False),
    ],
)
def test_a_filter_means_what_cloudevents_says(filter: Any, *, result: bool) -> None:
    assert wanted(filter) is result
    assert wanted({"not": filter}) is not result
    assert wanted({"any": [filter]}) is wanted({"all": [filter]}) is result


def test_several_filters_mean_all_of_them() -> None:
    one, other = {"prefix": {"type": "stripe."}}, {"suffix": {"type": ".failed"}}

    assert wanted(one)
    assert not wanted(one, other)


@pytest.mark.parametrize(
    ("pointer", "value", "result"),
    [
        ("/amount", 1999, True),
        ("/amount", 1999.0, True),
        ("/amount", "1999", False),
        ("/paid", True, True),
        ("/paid", 1, False),
        ("/note", None, True),
        ("/absent", None, False),
        ("/customer/country", "DE", True),
        ("/customer/a~1b", 1, True),
        ("/customer/m~0n", 2, True),
        ("/lines/1/sku", "y", True),
        ("/lines/2/sku", "y", False),
        ("/lines/-1/sku", "y", False),
        ("/lines/x", "y", False),
        ("/amount/deeper", 1, False),
        ("", 1, False),
    ],
)
def test_a_value_in_the_data_is_found_by_its_pointer(
    pointer: str, value: Any, *, result: bool
) -> None:
    assert wanted(data_equals={pointer: value}) is result


def test_an_event_without_data_matches_no_value() -> None:
    bare = {name: each for name, each in EVENT.items() if name != "data"}

    assert not wanted(data_equals={"/amount": 1}, event=bare)
    assert wanted(event=bare)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists), st.text())
def test_any_data_and_any_pointer_give_an_answer(data: Any, path: str) -> None:
    assert wanted(data_equals={f"/{path}": 1}, event={"data": data}) in (True, False)
