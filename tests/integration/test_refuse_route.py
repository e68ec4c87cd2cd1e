"""Where no route is."""

import pytest

from tests.answers import refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud


def call(cloud: Cloud, method: str, path: str) -> Json:
    event = request(method, "/{proxy+}", proxy=path)
    answer: Json = cloud.invoke("RefuseRouteFunction", event)
    return answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_path_that_is_no_route_is_not_found(cloud: Cloud, method: str) -> None:
    assert refusal(call(cloud, method, "api/prodcuts")) == (404, "route_not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "api/users", "GET, POST, OPTIONS"),
        ("PUT", "api/users/batch", "GET, POST, OPTIONS"),
        ("POST", "api/users/usr_1", "DELETE, GET, OPTIONS"),
        ("GET", "stripe/payment-success", "POST, OPTIONS"),
    ],
)
def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(
    cloud: Cloud, method: str, path: str, allowed: str
) -> None:
    answer = call(cloud, method, path)

    assert refusal(answer) == (405, "method_not_allowed")
    assert answer["headers"]["Allow"] == allowed


def test_a_browser_may_ask_what_it_may_do(cloud: Cloud) -> None:
    answer = call(cloud, "OPTIONS", "api/users")

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer["headers"]["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in answer["headers"]["Access-Control-Allow-Headers"]
