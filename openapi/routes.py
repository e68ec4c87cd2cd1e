"""The routes of template.yaml, and what the gateway itself answers there."""

import json
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from openapi.refusals import Refusal

ROOT = Path(__file__).parents[1]

type Json = dict[str, Any]

# Where the gateway may answer instead of a function; the rest needs an authorizer or a wrong route.
EVERYWHERE = ("DEFAULT_4XX", "THROTTLED", "DEFAULT_5XX", "INTEGRATION_TIMEOUT")
WITH_KEY = ("INVALID_API_KEY", "QUOTA_EXCEEDED")
WITH_BODY = ("REQUEST_TOO_LARGE",)
WITH_PARAMETER = ("MISSING_AUTHENTICATION_TOKEN",)


@dataclass(frozen=True, slots=True)
class Route:
    """A method of a path, and the module that answers it."""

    method: str
    path: str
    module: str
    summary: str
    keyed: bool


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as !Ref, as plain text."""


_Loader.add_multi_constructor("!", lambda _, tag, node: f"{tag} {node.value}")


@cache
def _resources() -> Json:
    text = (ROOT / "template.yaml").read_bytes()
    found: Json = yaml.load(text, _Loader)["Resources"]  # noqa: S506 - a SafeLoader
    return found


def routes() -> list[Route]:
    """Give every route that callers may use, in the template's order."""
    functions = (each for each in _resources().values() if each["Type"].endswith("::Function"))
    return [route for each in functions for route in _routes_of(each["Properties"])]


def _routes_of(function: Json) -> list[Route]:
    events = function.get("Events", {}).values()
    return [
        Route(
            method=found["Method"],
            path=found["Path"],
            module=function["Handler"].removesuffix(".handler"),
            summary=function["Description"],
            keyed=found.get("Auth", {}).get("ApiKeyRequired", True),
        )
        for found in (each["Properties"] for each in events if each["Type"] == "Api")
        if found["Path"] != "/{proxy+}"
    ]


def gateway(*kinds: str) -> list[Refusal]:
    """Give the gateway's refusals of these kinds, of every kind where none is named."""
    declared = _resources()["Api"]["Properties"]["GatewayResponses"]
    return [_refusal(each) for kind, each in declared.items() if kind in kinds or not kinds]


def _refusal(response: Json) -> Refusal:
    body = json.loads(response["ResponseTemplates"]["application/json"])
    status = HTTPStatus(response["StatusCode"])
    return Refusal(status, body["code"], body["retryable"], body["detail"])
