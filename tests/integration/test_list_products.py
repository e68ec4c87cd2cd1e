"""Listing products by pages."""

from typing import Any

import pytest

from interchange import store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud


@pytest.fixture(autouse=True)
def products(cloud: Cloud) -> None:
    """Seven products in two categories."""
    for number in range(7):
        category = "kitchen" if number < 5 else "garden"
        row = {"id": f"product-{number}", "category": category, "version": 1, "created_at": "2026"}
        store.put_new(cloud.name("ProductsTable"), row)


def page(cloud: Cloud, key: str = "key-1", **query: str) -> Json:
    event = request("GET", "/api/products", headers={"X-Api-Key": key})
    event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
    answer: Json = cloud.invoke("ListProductsFunction", event)
    return answer


def walk(cloud: Cloud, **query: str) -> list[list[str]]:
    """Follow the tokens to the end; give the ids of each page."""
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        body = body_of(page(cloud, **query, **token))
        pages.append([each["id"] for each in body["items"]])
        if "next_page_token" not in body:
            return pages
        token = {"page_token": body["next_page_token"]}


@pytest.mark.parametrize("size", ["1", "2", "3", "7", "1000"])
def test_the_pages_together_are_every_product_once(cloud: Cloud, size: str) -> None:
    found = [id for ids in walk(cloud, page_size=size) for id in ids]

    assert sorted(found) == [f"product-{number}" for number in range(7)]


@pytest.mark.parametrize("size", ["1", "2", "5"])
def test_a_categorys_pages_are_its_products_in_order(cloud: Cloud, size: str) -> None:
    found = [id for ids in walk(cloud, page_size=size, category="kitchen") for id in ids]

    assert found == [f"product-{number}" for number in range(5)]


def test_without_a_size_all_fit_a_page_and_its_end_is_the_absent_token(cloud: Cloud) -> None:
    for query in ({}, {"page_size": "0"}, {"page_size": "999999999"}):
        body = body_of(page(cloud, **query))
        assert len(body["items"]) == 7
        assert body.keys() == {"items"}


def test_an_unknown_category_is_an_empty_list(cloud: Cloud) -> None:
    assert body_of(page(cloud, category="toys")) == {"items": []}


@pytest.mark.parametrize("size", ["-1", "1.5", "", "ten", "1e3", " 1", "+1", "1" * 10, "\u0663"])
def test_a_size_that_is_no_whole_number_is_refused(cloud: Cloud, size: str) -> None:
    assert refusal(page(cloud, page_size=size)) == (400, "bad_page_size")


@pytest.mark.parametrize("category", ["", "A", "a b", "a" * 65, "a\n"])
def test_what_cannot_be_a_category_is_refused(cloud: Cloud, category: str) -> None:
    assert refusal(page(cloud, category=category)) == (400, "bad_category")


def test_a_token_holds_for_its_caller_and_its_filters_alone(cloud: Cloud) -> None:
    token = body_of(page(cloud, page_size="1"))["next_page_token"]

    assert page(cloud, page_token=token, page_size="3")["statusCode"] == 200
    assert refusal(page(cloud, "key-2", page_token=token)) == (400, "bad_page_token")
    assert refusal(page(cloud, page_token=token, category="kitchen")) == (400, "bad_page_token")


def changed(token: str) -> list[str]:
    """Give what a token may become on its way."""
    other = "A" if token[-10] != "A" else "B"
    return [
        "",
        "x",
        "é",
        "\ud800",
        token[:-1],
        token[1:],
        token + "AAAA",
        token[:-10] + other + token[-9:],
    ]


def test_a_token_that_was_changed_is_refused(cloud: Cloud) -> None:
    token = body_of(page(cloud, page_size="1"))["next_page_token"]

    for each in changed(token):
        assert refusal(page(cloud, page_token=each)) == (400, "bad_page_token")


@pytest.mark.parametrize("name", ["page_size", "page_token", "category"])
def test_a_parameter_that_comes_twice_is_refused(cloud: Cloud, name: str) -> None:
    event = request("GET", "/api/products")
    values: dict[str, Any] = {name: ["1", "2"]}

    answer = cloud.invoke(
        "ListProductsFunction", event | {"multiValueQueryStringParameters": values}
    )

    assert refusal(answer) == (400, "bad_query")
