"""Deleting a product."""

import pytest

from interchange import conditional, store
from tests.answers import refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud

POT = {"id": "moka-pot", "name": "Moka pot", "version": 3, "created_at": "2026-01-15T09:30:00.000Z"}


def delete(cloud: Cloud, id: str = "moka-pot", **headers: str) -> Json:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    event = request("DELETE", "/api/products/{id}", headers=given, id=id)
    answer: Json = cloud.invoke("DeleteProductFunction", event)
    return answer


@pytest.mark.parametrize("match", [conditional.etag(POT), "*"])
def test_a_product_that_the_caller_has_seen_is_deleted(cloud: Cloud, match: str) -> None:
    store.put_new(cloud.name("ProductsTable"), POT)

    answer = delete(cloud, If_Match=match)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert cloud.rows("ProductsTable") == []


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, (428, "precondition_required")),
        ({"If_Match": '"2-2026-01-15T09:30:00.000Z"'}, (412, "precondition_failed")),
        ({"If_Match": '"3-2025-01-15T09:30:00.000Z"'}, (412, "precondition_failed")),
        ({"If_None_Match": "*"}, (400, "bad_header")),
    ],
)
def test_a_product_in_another_state_stays(
    cloud: Cloud, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    store.put_new(cloud.name("ProductsTable"), POT)

    assert refusal(delete(cloud, **headers)) == refused
    assert len(cloud.rows("ProductsTable")) == 1


@pytest.mark.parametrize("match", [conditional.etag(POT), "*"])
def test_a_product_that_is_gone_is_not_found(cloud: Cloud, match: str) -> None:
    assert refusal(delete(cloud, If_Match=match)) == (404, "product_not_found")
