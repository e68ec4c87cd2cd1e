"""Registering a user."""

from typing import Any

import pytest

from interchange import items, users
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import REQUEST_ID, request
from tests.moto_cloud import Cloud

ADA = {"email": "Ada@Example.com", "name": "Ada Lovelace"}


def register(cloud: Cloud, body: Any = ADA, **headers: str) -> Json:
    event = request("POST", "/api/users", body=body, headers=headers)
    answer: Json = cloud.invoke("RegisterUserFunction", event)
    return answer


def test_a_user_is_created_and_can_be_found_where_the_answer_says(cloud: Cloud) -> None:
    answer = register(cloud)

    user = body_of(answer)
    assert answer["statusCode"] == 201
    assert answer["headers"]["Location"] == f"users/{user['id']}"
    assert (user["email"], user["name"], user["version"]) == ("ada@example.com", "Ada Lovelace", 1)
    assert user["id"] == users.user_id("ada@example.com")


def test_the_row_says_what_becomes_of_it_and_carries_the_trace(cloud: Cloud) -> None:
    register(cloud, **{"X-Correlation-Id": "order-7"})

    row = items.unpack(cloud.rows("UsersTable")[0])
    assert row["origin"] == "registered"
    assert row["correlation_id"] == "order-7"
    assert row["traceparent"].startswith("00-")


def test_without_a_correlation_id_the_requests_own_is_carried(cloud: Cloud) -> None:
    register(cloud)

    assert cloud.rows("UsersTable")[0]["correlation_id"] == {"S": REQUEST_ID}


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com "])
def test_an_address_has_one_user_and_the_first_stays(cloud: Cloud, email: str) -> None:
    register(cloud)

    assert refusal(register(cloud, {"email": email, "name": "Eve"})) == (409, "user_exists")
    assert [row["name"]["S"] for row in cloud.rows("UsersTable")] == ["Ada Lovelace"]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["/email", "/name"]),
        ({"email": "ada", "name": "Ada"}, ["/email"]),
        ({"email": "ada@example.com", "name": 7}, ["/name"]),
        (ADA | {"admin": True}, ["/admin"]),
        ([], [""]),
    ],
)
def test_a_form_with_faults_is_refused_with_their_places(
    cloud: Cloud, body: Any, places: list[str]
) -> None:
    assert pointers(register(cloud, body)) == places
    assert cloud.rows("UsersTable") == []


def test_what_is_no_json_is_refused(cloud: Cloud) -> None:
    assert refusal(register(cloud, b"{")) == (400, "malformed_json")
    assert refusal(register(cloud, b"x" * 256_001)) == (413, "content_too_large")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_browsers_form_registers_too(cloud: Cloud) -> None:
    answer = register(cloud, b"email=zoe%40example.com&name=Zo%C3%AB+L", **FORM)

    assert answer["statusCode"] == 201
    assert (body_of(answer)["email"], body_of(answer)["name"]) == ("zoe@example.com", "Zo\u00eb L")


@pytest.mark.parametrize(
    "body",
    [b"email=a%40b.c&name=%C0%A0", b"email=a%40b.c&name=\xff", b"name=a&name=b&email=a%40b.c"],
)
def test_a_form_that_can_be_read_in_two_ways_is_refused(cloud: Cloud, body: bytes) -> None:
    assert refusal(register(cloud, body, **FORM)) == (400, "malformed_form")


@pytest.mark.parametrize("body", [b"", b"email", b"email=&name="])
def test_an_empty_form_is_refused_with_its_places(cloud: Cloud, body: bytes) -> None:
    assert set(pointers(register(cloud, body, **FORM))) <= {"/email", "/name"}


def test_who_is_registered_is_where_the_answer_says(cloud: Cloud) -> None:
    first, again = register(cloud), register(cloud)

    assert again["headers"]["Location"] == first["headers"]["Location"]
