"""Reading a product."""

import pytest

from interchange import store
from request_response import get_product
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import calls_counted, refusing
from tests.moto_cloud import Cloud

PRODUCT = {
    "id": "burr-grinder",
    "name": "Burr grinder",
    "price": 12900,
    "version": 1,
    "created_at": "2026",
}


def get(cloud: Cloud, id: str, method: str = "GET", **headers: str) -> Json:
    event = request(method, "/api/products/{id}", id=id, headers=headers)
    answer: Json = cloud.invoke("GetProductFunction", event)
    return answer


def test_a_product_is_answered_as_it_is_stored(cloud: Cloud) -> None:
    store.put_new(cloud.name("ProductsTable"), PRODUCT)

    answer = get(cloud, "burr-grinder")

    assert answer["statusCode"] == 200
    assert body_of(answer) == PRODUCT


@pytest.mark.parametrize("id", ["teapot", "no such/id", "x" * 129])
def test_an_unknown_product_is_not_found(cloud: Cloud, id: str) -> None:
    assert refusal(get(cloud, id))[0] == 404


def test_while_the_table_is_throttled_the_caller_is_told_to_come_back(cloud: Cloud) -> None:
    with refusing("dynamodb", "GetItem", "ThrottlingException"):
        answer = get(cloud, "burr-grinder")

    assert refusal(answer) == (503, "unavailable")
    assert body_of(answer)["retryable"] is True


def test_a_permission_that_is_missing_is_no_fault_of_the_callers(cloud: Cloud) -> None:
    with refusing("dynamodb", "GetItem", "AccessDeniedException"):
        assert refusal(get(cloud, "burr-grinder")) == (500, "internal_error")


def test_what_the_caller_has_is_not_sent_again(cloud: Cloud) -> None:
    store.put_new(cloud.name("ProductsTable"), PRODUCT)
    tag = get(cloud, "burr-grinder")["headers"]["ETag"]

    answer = get(cloud, "burr-grinder", **{"If-None-Match": tag})

    assert (answer["statusCode"], answer["body"]) == (304, "")
    assert (answer["headers"]["ETag"], "Content-Type" in answer["headers"]) == (tag, False)


def test_a_head_has_the_headers_and_no_body(cloud: Cloud) -> None:
    store.put_new(cloud.name("ProductsTable"), PRODUCT)

    head, whole = get(cloud, "burr-grinder", "HEAD"), get(cloud, "burr-grinder")

    assert (head["statusCode"], head["body"]) == (200, "")
    assert head["headers"] == whole["headers"]


def test_the_first_connection_is_one_read_and_its_failure_is_the_first_requests(
    cloud: Cloud,
) -> None:
    get(cloud, "burr-grinder")  # so that its settings are read

    with calls_counted() as calls:
        get_product.connect()
    with refusing("dynamodb", "GetItem", "AccessDeniedException"):
        get_product.connect()

    assert calls == ["GetItem"]
