"""Listing users by pages."""

from interchange import store, users
from interchange.trace import Trace
from tests.answers import body_of
from tests.aws_events import request
from tests.moto_cloud import Cloud


def put_user(cloud: Cloud, email: str) -> dict[str, object]:
    row = users.row(email=email, name="Ada", origin="imported", now="now", trace=Trace("c", "t"))
    store.put_new(cloud.name("UsersTable"), row | {"import_job_id": "job_1", "import_row": 1})
    return users.representation(row)


def test_users_are_listed_without_what_is_not_the_callers(cloud: Cloud) -> None:
    expected = [put_user(cloud, f"user{number}@example.com") for number in range(3)]

    answer = cloud.invoke("ListUsersFunction", request("GET", "/api/users"))

    found = body_of(answer)["items"]
    assert answer["statusCode"] == 200
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_where_there_are_no_users_the_list_is_empty(cloud: Cloud) -> None:
    answer = cloud.invoke("ListUsersFunction", request("GET", "/api/users"))

    assert body_of(answer) == {"items": []}
