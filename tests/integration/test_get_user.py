"""Reading a user."""

from interchange import store, users
from interchange.trace import Trace
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud


def get(cloud: Cloud, id: str) -> Json:
    answer: Json = cloud.invoke("GetUserFunction", request("GET", "/api/users/{id}", id=id))
    return answer


def test_a_user_is_answered_without_what_is_not_the_callers(cloud: Cloud) -> None:
    row = users.row(email="a@b.c", name="Ada", origin="imported", now="now", trace=Trace("c", "t"))
    store.put_new(cloud.name("UsersTable"), row | {"import_job_id": "job_1", "import_row": 1})

    answer = get(cloud, row["id"])

    assert answer["statusCode"] == 200
    assert body_of(answer) == users.representation(row)


def test_an_unknown_user_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud, users.user_id("nobody@example.com"))) == (404, "user_not_found")
