"""Taking from and adding to a product's stock."""

from typing import Any

import pytest

from interchange import items, store
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import conflicting
from tests.moto_cloud import Cloud

POT = {"id": "moka-pot", "stock": 3, "version": 1, "created_at": "2026-01-15T09:30:00.000Z"}


@pytest.fixture(autouse=True)
def pot(cloud: Cloud) -> None:
    """A product of which there are three."""
    store.put_new(cloud.name("ProductsTable"), POT)


def adjust(cloud: Cloud, body: Any, key: str | None = None, id: str = "moka-pot") -> Json:
    route = "/api/products/{id}/inventory/adjustments"
    headers = {} if key is None else {"Idempotency-Key": key}
    event = request("POST", route, body=body, headers=headers, id=id)
    answer: Json = cloud.invoke("AdjustInventoryFunction", event)
    return answer


def stock(cloud: Cloud) -> int:
    return int((store.get(cloud.name("ProductsTable"), {"id": "moka-pot"}) or {})["stock"])


def by(delta: int) -> Json:
    return {"delta": delta, "reason": "Sold"}


@pytest.mark.parametrize(("delta", "left"), [(-1, 2), (-3, 0), (4, 7), (1_000_000, 1_000_003)])
def test_the_stock_changes_and_the_adjustment_says_why(cloud: Cloud, delta: int, left: int) -> None:
    answer = adjust(cloud, by(delta))

    (row,) = map(items.unpack, cloud.rows("AdjustmentsTable"))
    assert answer["statusCode"] == 201
    assert body_of(answer) == {name: row[name] for name in row if name != "version"}
    assert (row["product_id"], row["delta"], row["reason"]) == ("moka-pot", delta, "Sold")
    assert stock(cloud) == left


def test_more_than_there_is_cannot_be_taken(cloud: Cloud) -> None:
    assert refusal(adjust(cloud, by(-4))) == (409, "insufficient_stock")
    assert (stock(cloud), cloud.rows("AdjustmentsTable")) == (3, [])


def test_with_a_key_the_same_request_twice_is_one_adjustment(cloud: Cloud) -> None:
    first = adjust(cloud, by(-1), "order-7")
    again = adjust(cloud, by(-1), "order-7")

    assert body_of(again) == body_of(first)
    assert again["headers"]["Idempotent-Replayed"] == "true"
    assert (stock(cloud), len(cloud.rows("AdjustmentsTable"))) == (2, 1)


def test_where_many_sell_at_once_the_caller_is_told_to_come_back(cloud: Cloud) -> None:
    with conflicting("TransactionConflict", "None"):
        assert refusal(adjust(cloud, by(-1))) == (503, "unavailable")

    assert (stock(cloud), cloud.rows("AdjustmentsTable")) == (3, [])


def test_a_product_that_is_not_there_has_no_stock(cloud: Cloud) -> None:
    assert refusal(adjust(cloud, by(1), id="teapot")) == (404, "product_not_found")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (by(0), ["/delta"]),
        (by(1_000_001), ["/delta"]),
        ({"delta": 1.0, "reason": "x"}, ["/delta"]),
        ({"delta": True, "reason": "x"}, ["/delta"]),
        ({"delta": 1, "reason": " "}, ["/reason"]),
        ({"delta": 1}, ["/reason"]),
    ],
)
def test_an_adjustment_with_faults_is_refused_with_their_places(
    cloud: Cloud, body: Any, places: list[str]
) -> None:
    assert pointers(adjust(cloud, body)) == places
