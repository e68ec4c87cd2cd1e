"""Deleting a user."""

from interchange import items, store, users
from interchange.trace import Trace
from tests.answers import refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import hooked
from tests.moto_cloud import Cloud


def put_user(cloud: Cloud) -> str:
    row = users.row(email="a@b.c", name="Ada", origin="imported", now="now", trace=Trace("c", "t"))
    store.put_new(cloud.name("UsersTable"), row)
    return str(row["id"])


def delete(cloud: Cloud, id: str, **headers: str) -> Json:
    event = request("DELETE", "/api/users/{id}", headers=headers, id=id)
    answer: Json = cloud.invoke("DeleteUserFunction", event)
    return answer


def test_a_user_is_deleted_once(cloud: Cloud) -> None:
    id = put_user(cloud)

    answer = delete(cloud, id)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert cloud.rows("UsersTable") == []
    assert refusal(delete(cloud, id)) == (404, "user_not_found")


def test_the_row_that_the_stream_shows_last_says_when_and_by_whose_request(cloud: Cloud) -> None:
    id = put_user(cloud)
    last: list[Json] = []

    def look(**_: object) -> None:
        last.extend(map(items.unpack, cloud.rows("UsersTable")))

    with hooked("before-call.dynamodb.DeleteItem", look):
        delete(cloud, id, **{"X-Correlation-Id": "order-7"})

    assert last[0]["correlation_id"] == "order-7"
    assert last[0]["deleted_at"].endswith("Z")
