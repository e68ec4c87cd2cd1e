"""Reading a product's stock."""

from interchange import store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud

POT = {"id": "moka-pot", "stock": 3, "version": 1, "created_at": "2026-01-15T09:30:00.000Z"}


def get(cloud: Cloud, **headers: str) -> Json:
    event = request("GET", "/api/products/{id}/inventory", id="moka-pot", headers=headers)
    answer: Json = cloud.invoke("GetInventoryFunction", event)
    return answer


def test_a_stock_is_answered_and_not_again_to_who_has_it(cloud: Cloud) -> None:
    store.put_new(cloud.name("ProductsTable"), POT)

    answer = get(cloud)
    again = get(cloud, **{"If-None-Match": answer["headers"]["ETag"]})

    assert body_of(answer) == {"product_id": "moka-pot", "stock": 3}
    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["ETag"] == answer["headers"]["ETag"]


def test_the_stock_of_no_product_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud)) == (404, "product_not_found")
