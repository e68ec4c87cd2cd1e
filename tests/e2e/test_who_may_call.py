"""Who may call, over HTTP: no route without its key, nor, where that is on, without a token."""

import contextlib
import json
from collections.abc import Iterator
from functools import partial

import pytest

from local.api import Answer, Api, until
from local.cloud import ROOT
from local.stack import Stack
from tests.e2e.faults import physical_name
from tests.e2e.test_request_response import JSON, assert_problem
from tests.issuer import Issuer, rsa_key

DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_bytes())
OPERATIONS = [
    (method.upper(), path, bool(operation["security"]))
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
# What they answer somebody without a key, a signature or a webhook.
OPEN = {
    ("GET", "/health"): 200,
    ("GET", "/docs"): 200,
    ("GET", "/openapi.json"): 200,
    ("POST", "/stripe/payment-success"): 401,  # for want of a signature
    ("POST", "/webhooks/{source}"): 404,
}


def concrete(path: str) -> str:
    """Fill a path's parameters in."""
    return "/".join("x1" if each.startswith("{") else each for each in path.split("/"))


def test_every_operation_needs_a_key_but_those_that_say_so() -> None:
    assert {(method, path) for method, path, keyed in OPERATIONS if not keyed} == OPEN.keys()


@pytest.mark.parametrize("key", ["not-a-key", ""], ids=["another key", "no key"])
def test_without_its_key_no_route_answers(api: Api, key: str) -> None:
    stranger = Api(api.base_url, key)

    for method, path, keyed in OPERATIONS:
        if keyed:
            body = b"{}" if method in {"POST", "PUT", "PATCH"} else None
            answer = stranger.call(method, concrete(path), body, JSON)
            refused(answer, method)


def refused(answer: Answer, method: str) -> None:
    if method == "HEAD":
        assert answer.status == 403
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert_problem(answer, 403, "api_key_invalid")


@pytest.mark.parametrize(("route", "status"), OPEN.items(), ids=str)
def test_an_open_route_needs_none(api: Api, route: tuple[str, str], status: int) -> None:
    method, path = route
    body = b"{}" if method == "POST" else None

    answer = Api(api.base_url, "not-a-key").call(method, concrete(path), body, JSON)

    assert answer.status == status


# ------------------------------------------------------------------------ Tokens

READS, DELETES = "GetScheduleFunction", "DeleteScheduleFunction"


@contextlib.contextmanager
def trusting(stack: Stack, issuer: Issuer, *functions: str) -> Iterator[None]:
    """Have functions ask for the issuer's tokens, and no longer afterwards."""
    client = stack.client("lambda")
    before = {}
    for name in [physical_name(stack, each) for each in functions]:
        found = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        before[name] = found
        given = {"Variables": found | issuer.variables}
        client.update_function_configuration(FunctionName=name, Environment=given)
    try:
        yield
    finally:
        for name, found in before.items():
            client.update_function_configuration(
                FunctionName=name, Environment={"Variables": found}
            )


def test_with_an_issuer_a_caller_needs_a_token_of_its_with_the_scope(
    api: Api, stack: Stack, run: str
) -> None:
    path = f"/api/tasks/schedules/sch_{run}"

    def call(method: str, token: str | None, who: Api = api) -> Answer:
        return who.call(method, path, None, {"authorization": f"Bearer {token}"} if token else {})

    def passes(method: str, token: str | None) -> bool | None:
        return (call(method, token).body["code"] == "schedule_not_found") or None

    def asked(method: str) -> bool | None:
        return (call(method, None).body["code"] == "token_missing") or None

    with Issuer() as issuer, trusting(stack, issuer, READS, DELETES):
        for method in ("GET", "DELETE"):
            until(f"{method} to ask for tokens", partial(asked, method))

        reads, writes = issuer.token(scope="tasks:read"), issuer.token("ec", scope="tasks:write")
        until("the reader to read", partial(passes, "GET", reads))
        until("the writer to write", partial(passes, "DELETE", writes))

        assert_problem(call("DELETE", reads), 403, "insufficient_scope")
        assert_problem(call("GET", writes), 403, "insufficient_scope")
        for bad in (
            issuer.token(exp=1),
            issuer.token(aud="https://elsewhere.example"),
            issuer.token(key=rsa_key("stranger")),
            issuer.token("unheard-of", key=rsa_key("stranger")),
            "eyJhbGciOiJub25lIn0.e30.",
        ):
            assert_problem(call("GET", bad), 401, "token_invalid")
        stranger = Api(api.base_url, "not-a-key")
        assert_problem(call("GET", reads, stranger), 403, "api_key_invalid")

    for method in ("GET", "DELETE"):
        until(f"{method} to ask for no token", partial(passes, method, None))
