"""Who may call: off unless a parameter says so, and then no route forgets to ask."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from interchange import scopes
from tests.architecture import ROOT, Json, functions, template
from tests.aws_events import request

PARAMETERS = ("JwtIssuer", "JwtAudience", "JwksUrl", "JwtScopePrefix")
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def routes() -> list[tuple[str, str, bool, Callable[[Json, Any], Json]]]:
    """Give every route of the template: method, path, whether a key is needed, who answers."""
    return [
        (
            event["Method"].upper(),
            event["Path"],
            event.get("Auth", {}).get("ApiKeyRequired", True),
            each.handler,
        )
        for each in functions().values()
        for event in each.events("Api")
    ]


KEYED = [each for each in routes() if each[2] and each[1] != "/{proxy+}"]
OPEN = [each for each in routes() if not each[2]]


def named(found: list[Any]) -> list[str]:
    return [f"{each[0]} {each[1]}" for each in found]


def test_it_is_off_unless_somebody_says_otherwise() -> None:
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))

    assert [template()["Parameters"][each]["Default"] for each in PARAMETERS] == [""] * 4
    assert not [each for each in PARAMETERS if each in str(samconfig)]


def test_what_needs_a_key_needs_a_scope_and_what_is_open_is_open() -> None:
    assert {each[1] for each in OPEN} == scopes.OPEN
    assert not {each[1] for each in KEYED} & scopes.OPEN
    assert all(scopes.needed(method, path) for method, path, *_ in KEYED)


def test_every_family_is_of_a_route() -> None:
    needed = {str(scopes.needed(method, path)) for method, path, *_ in KEYED}

    assert {each.partition(":")[0] for each in needed} == set(scopes.FAMILIES.values())
    assert all(re.fullmatch(r"[a-z-]+:(read|write)", each) for each in needed)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/tasks/{id}", "tasks:read"),
        ("POST", "/api/tasks/enqueue", "tasks:write"),
        ("HEAD", "/api/products", "products:read"),
        ("GET", "/api/users/{id}", "users:read"),
        ("POST", "/api/users/batch", "imports:write"),
        ("GET", "/api/users/exports/{job_id}/results", "exports:read"),
        ("GET", "/webhook-endpoints/{id}", "webhooks:read"),
        ("GET", "/webhook-endpoints/{id}/secret", "webhook-secrets:read"),
        ("POST", "/webhook-endpoints/{id}/secret/rotations", "webhook-secrets:write"),
    ],
)
def test_a_scope_is_the_longest_family_and_read_or_write(
    method: str, path: str, scope: str
) -> None:
    assert scopes.needed(method, path) == scope


def test_the_scopes_that_callers_may_be_granted_are_written_down() -> None:
    needed = {str(scopes.needed(method, path)) for method, path, *_ in KEYED}

    assert [each for each in sorted(needed) if f"`{each}`" not in OPERATIONS] == []


@pytest.mark.parametrize(("method", "path", "keyed", "handler"), KEYED, ids=named(KEYED))
def test_whatever_needs_a_key_asks_for_a_token_before_it_does_anything(
    method: str,
    path: str,
    *,
    keyed: bool,
    handler: Callable[[Json, Any], Json],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JWT_ISSUER", "https://issuer.example")
    for name in ("JWT_AUDIENCE", "JWT_JWKS_URL", "JWT_SCOPE_PREFIX", "JWT_ALLOW_LOCAL"):
        monkeypatch.setenv(name, "")

    answer = handler(request(method, path), None)  # it has no tables to do anything with

    assert keyed
    assert answer["statusCode"] == 401
    assert answer["headers"]["WWW-Authenticate"].startswith("Bearer ")
