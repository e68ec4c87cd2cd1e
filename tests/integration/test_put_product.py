"""Creating and replacing a product."""

from typing import Any

import pytest

from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import hooked
from tests.moto_cloud import Cloud

POT = {"name": "Moka pot", "category": "kitchen", "price": 3490, "currency": "EUR"}
NEW = {"If-None-Match": "*"}
LONGEST_EXPRESSION = 4096  # of DynamoDB, in bytes


def put(cloud: Cloud, headers: dict[str, str], body: Any = POT, id: str = "moka-pot") -> Json:
    event = request("PUT", "/api/products/{id}", body=body, headers=headers, id=id)
    answer: Json = cloud.invoke("PutProductFunction", event)
    return answer


def get(cloud: Cloud, **headers: str) -> Json:
    event = request("GET", "/api/products/{id}", id="moka-pot", headers=headers)
    answer: Json = cloud.invoke("GetProductFunction", event)
    return answer


def test_a_new_product_is_created_and_read_with_the_same_tag(cloud: Cloud) -> None:
    answer = put(cloud, NEW)

    assert answer["statusCode"] == 201
    assert body_of(answer).items() >= (POT | {"id": "moka-pot", "stock": 0, "version": 1}).items()
    assert get(cloud)["headers"]["ETag"] == answer["headers"]["ETag"]
    assert body_of(get(cloud)) == body_of(answer)


def test_what_was_read_may_be_replaced_and_its_tag_changes(cloud: Cloud) -> None:
    tag = put(cloud, NEW)["headers"]["ETag"]

    answer = put(cloud, {"If-Match": tag}, POT | {"price": 1})

    assert answer["statusCode"] == 200
    assert (body_of(answer)["price"], body_of(answer)["version"]) == (1, 2)
    assert answer["headers"]["ETag"] != tag
    assert body_of(get(cloud)) == body_of(answer)


def test_of_two_who_read_the_same_one_may_replace_it(cloud: Cloud) -> None:
    tag = put(cloud, NEW)["headers"]["ETag"]
    put(cloud, {"If-Match": tag}, POT | {"price": 1})

    assert refusal(put(cloud, {"If-Match": tag}, POT | {"price": 2})) == (
        412,
        "precondition_failed",
    )
    assert body_of(get(cloud))["price"] == 1


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        (NEW, (412, "precondition_failed")),
        ({}, (428, "precondition_required")),
        ({"If-Match": '"1-other"'}, (412, "precondition_failed")),
        ({"If-Match": '"not-ours"'}, (412, "precondition_failed")),
        ({"If-Match": "unquoted"}, (400, "bad_header")),
        ({"If-Match": ""}, (400, "bad_header")),
        ({"If-Match": "*", "If-None-Match": "*"}, (400, "bad_header")),
        ({"If-None-Match": '"1-x"'}, (400, "bad_header")),
    ],
)
def test_a_product_is_not_replaced_blindly(
    cloud: Cloud, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    put(cloud, NEW)

    assert refusal(put(cloud, headers, POT | {"price": 1})) == refused
    assert body_of(get(cloud))["price"] == 3490


def test_a_weak_tag_matches_no_write(cloud: Cloud) -> None:
    tag = put(cloud, NEW)["headers"]["ETag"]

    assert refusal(put(cloud, {"If-Match": f"W/{tag}"}))[0] == 412


def test_one_of_several_tags_is_enough_and_a_star_matches_any(cloud: Cloud) -> None:
    tag = put(cloud, NEW)["headers"]["ETag"]

    assert put(cloud, {"If-Match": f'"1-other", W/"2-x",{tag}'})["statusCode"] == 200
    assert put(cloud, {"If-Match": "*"})["statusCode"] == 200


@pytest.mark.parametrize("match", ["*", '"1-x"'])
def test_what_is_not_there_cannot_be_replaced(cloud: Cloud, match: str) -> None:
    assert refusal(put(cloud, {"If-Match": match})) == (404, "product_not_found")


@pytest.mark.parametrize("count", [10, 300])
def test_many_tags_make_no_condition_that_dynamodb_refuses(cloud: Cloud, count: int) -> None:
    tag = put(cloud, NEW)["headers"]["ETag"]
    tags = ", ".join([f'"{number}-2026-01-15T09:30:00.000Z"' for number in range(1, count)] + [tag])

    lengths: list[int] = []

    def measure(params: Json, **_: object) -> None:
        lengths.append(len(params["ConditionExpression"]))

    with hooked("provide-client-params.dynamodb.UpdateItem", measure):
        put(cloud, {"If-Match": tags})

    assert max(lengths, default=0) <= LONGEST_EXPRESSION


@pytest.mark.parametrize("id", ["Moka", "a b", "-a", "a-", "x" * 65, "", "\u00e9"])
def test_a_products_id_is_a_slug(cloud: Cloud, id: str) -> None:
    assert refusal(put(cloud, NEW, id=id))[0] == 400


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"name": ""}, ["/name"]),
        ({"price": -1}, ["/price"]),
        ({"price": 1.5}, ["/price"]),
        ({"price": 10**13}, ["/price"]),
        ({"currency": "eur"}, ["/currency"]),
        ({"currency": "EUR\n"}, ["/currency"]),
        ({"category": "Kitchen"}, ["/category"]),
        ({"stock": 3}, ["/stock"]),
        ({"id": "other"}, ["/id"]),
        ({"description": "x" * 5001}, ["/description"]),
    ],
)
def test_a_product_with_faults_is_refused_with_their_places(
    cloud: Cloud, change: Json, places: list[str]
) -> None:
    assert pointers(put(cloud, NEW, POT | change)) == places
    assert get(cloud)["statusCode"] == 404
