"""Request-Response, over HTTP."""

import json
from typing import Any
from urllib.parse import urljoin

import pytest

from local.api import Answer, Api, until
from tests.e2e.spy import Spy

JSON = {"content-type": "application/json"}


def assert_problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Hold an answer to RFC 9457 and to our own words."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.body
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert {"type", "title", "detail", "instance", "retryable"} <= problem.keys()
    return problem


def test_a_seeded_product_is_read(api: Api) -> None:
    answer = api.get("/api/products/espresso-machine")

    assert answer.status == 200
    assert answer.body["name"] == "Espresso machine"
    assert answer.headers["x-request-id"]


def test_an_unknown_product_is_a_404_problem(api: Api) -> None:
    assert_problem(api.get("/api/products/no-such-thing"), 404, "product_not_found")


@pytest.mark.parametrize("product_id", ["x" * 2000, "%00", "a%20b", "%C3%A9"])
def test_an_impossible_product_id_is_a_404_problem(api: Api, product_id: str) -> None:
    assert_problem(api.get(f"/api/products/{product_id}"), 404, "not_found")


def test_a_registered_user_is_read_where_the_location_says(api: Api, run: str) -> None:
    answer = api.post("/api/users", {"email": f"Ada.{run}@Example.com", "name": "Ada"}, expect=201)

    location = urljoin(f"{api.base_url}/api/users", answer.headers["location"])
    user = api.get(location.removeprefix(api.base_url))
    assert user.status == 200
    assert user.body == answer.body
    assert user.body["email"] == f"ada.{run}@example.com"


def test_an_address_registers_once_whatever_its_case(api: Api, run: str, spy: Spy) -> None:
    first = api.post("/api/users", {"email": f"ada.{run}@example.com", "name": "Ada"}, expect=201)
    again = {"email": f"ADA.{run}@example.com", "name": "Eve"}

    second = api.call("POST", "/api/users", json.dumps(again).encode(), JSON)

    assert_problem(second, 409, "user_exists")

    user_id = first.body["id"]
    until("the event", lambda: spy.events(type="user.registered", subject=user_id) or None)
    assert len(spy.events(subject=user_id)) == 1
    assert api.get(f"/api/users/{user_id}").body["name"] == "Ada"


@pytest.mark.parametrize(
    ("body", "media", "status", "code", "pointers"),
    [
        (b'{"email": "ada@example.com"}', "application/json", 422, "validation_failed", ["/name"]),
        (
            b'{"email": "no", "name": ""}',
            "application/json",
            422,
            "validation_failed",
            ["/email", "/name"],
        ),
        (
            b'{"email": "a@b.co", "name": "A", "x/y": 1}',
            "application/json",
            422,
            "validation_failed",
            ["/x~1y"],
        ),
        (b"[]", "application/json", 422, "validation_failed", [""]),
        (b"{", "application/json", 400, "malformed_json", []),
        (b"", "application/json", 400, "malformed_json", []),
        (b'{"name": NaN}', "application/json", 400, "malformed_json", []),
        (b'{"name": "a", "name": "b"}', "application/json", 400, "malformed_json", []),
        (b"\xff\xfe", "application/json", 400, "malformed_json", []),
        (b"[" * 100_000, "application/json", 400, "malformed_json", []),
        (b"{}", "text/plain", 415, "unsupported_media_type", []),
        (b'"' + b"x" * 300_000 + b'"', "application/json", 413, "content_too_large", []),
    ],
)
def test_a_bad_registration_is_refused_with_the_reason(
    api: Api, body: bytes, media: str, *, status: int, code: str, pointers: list[str]
) -> None:
    answer = api.call("POST", "/api/users", body, {"content-type": media})

    problem = assert_problem(answer, status, code)

    assert sorted(each["pointer"] for each in problem.get("errors", [])) == pointers


def test_without_a_key_the_gateway_refuses_in_our_words(api: Api) -> None:
    stranger = Api(api.base_url, "not-a-key")

    assert_problem(stranger.get("/api/products/espresso-machine"), 403, "api_key_invalid")


def test_health_needs_no_key(api: Api) -> None:
    answer = Api(api.base_url, "not-a-key").get("/health")

    assert answer.status == 200
    assert answer.body == {"status": "ok"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_path_that_is_nobodys_is_a_404_problem(api: Api, method: str) -> None:
    assert_problem(api.call(method, "/no/such/route"), 404, "route_not_found")
