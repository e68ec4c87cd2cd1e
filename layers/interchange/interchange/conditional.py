"""Conditional requests (RFC 9110 s.13): a strong ETag per version, checked inside the write."""

import re
from http import HTTPStatus
from typing import Any, NamedTuple

from interchange import http
from interchange.errors import BadRequest, PreconditionRequired
from interchange.store import Item

_MOST_TAGS = 20  # a condition has at most 4 KB

_TAG = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\U0010ffff]*)"')
_OURS = re.compile(r"(?P<version>[1-9][0-9]{0,17})-(?P<created_at>.+)")


class Condition(NamedTuple):
    """When a write may happen, as `interchange.store` takes it."""

    when: str
    values: Item


NEW = Condition("attribute_not_exists(#id)", {})


def etag(item: Item) -> str:
    """Give the item's version; with its creation, so that a successor of the same id differs."""
    return f'"{item["version"]}-{item["created_at"]}"'


def not_modified(event: http.Event, item: Item) -> bool:
    """Tell whether If-None-Match names what the item is: then 304 says it all."""
    return is_known(event, etag(item))


def is_known(event: http.Event, tag: str) -> bool:
    """Tell whether If-None-Match names this ETag, of something that is there."""
    given = http.headers(event).get("if-none-match")
    return given is not None and (given.strip() == "*" or tag in _tags(given, weak=True))


def answer(event: http.Event, item: Item, body: Any) -> http.Response:
    """Answer with what an item says, or with 304 where the caller has it; ETag on both."""
    # A cache may keep it, but asks with the ETag each time.
    headers = {"ETag": etag(item), "Cache-Control": "private, no-cache"}
    if not_modified(event, item):
        return http.response(HTTPStatus.NOT_MODIFIED, None, headers)
    return http.response(HTTPStatus.OK, body, headers)


def required(event: http.Event) -> Condition:
    """Read If-Match, or `If-None-Match: *` to create; PreconditionRequired without either."""
    headers = http.headers(event)
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if match is not None and none_match is not None:
        raise BadRequest("If-Match and If-None-Match exclude each other here.", code="bad_header")
    if match is not None:
        return _matching(match)
    if none_match is None:
        detail = "Send If-Match with the ETag you have read, or If-None-Match: * to create."
        raise PreconditionRequired(detail)
    if none_match.strip() != "*":
        raise BadRequest("If-None-Match must be * for this method.", code="bad_header")
    return NEW


def _matching(header: str) -> Condition:
    """Hold for any of the tags, and so for no row that is not there.

    The comparison is strong: a weak tag, or another's, never matches.
    """
    if header.strip() == "*":
        return Condition("attribute_exists(#id)", {})
    ours = [_OURS.fullmatch(tag.strip('"')) for tag in _tags(header, weak=False)]
    when = ["#version = :no_version"]
    values: Item = {"no_version": -1}
    for index, found in enumerate(each for each in ours if each):
        when.append(f"(#version = :version{index} AND #created_at = :created_at{index})")
        values |= {f"version{index}": int(found["version"])}
        values |= {f"created_at{index}": found["created_at"]}
    return Condition(" OR ".join(when), values)


def _tags(header: str, *, weak: bool) -> list[str]:
    found = list(_TAG.finditer(header))
    if not found or _TAG.sub("", header).replace(",", "").strip():
        raise BadRequest(
            'An entity tag is written "…", several separated by commas.', code="bad_header"
        )
    if len(found) > _MOST_TAGS:
        raise BadRequest(f"The header has more than {_MOST_TAGS} entity tags.", code="bad_header")
    return [f'"{each["opaque"]}"' for each in found if weak or not each["weak"]]
