"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the same POST twice, one effect.

A request claims its key (`interchange.once`). What it makes has an id that the claim carries
(`new_id`), so a second try finds what the first has made, and gives it no second id.
Not Powertools' utility: it has no scope by caller, no fence and no 422 (docs/decisions.md).
"""

import functools
import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, ids, once
from interchange.errors import BadRequest, Conflict, UnprocessableContent
from interchange.store import Item

KEPT = timedelta(hours=24)
_LONGEST_WAIT_SECONDS = 5

_KEY = re.compile(r'"(?P<quoted>[\x21\x23-\x7e]{1,255})"|(?P<bare>[\x21\x23-\x7e]{1,255})')
# What may be otherwise the next time is not kept: the claim is given back.
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_SEED = "idempotency_seed"


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that answers POST."""

    idempotency_table: str


settings = config.reader(Settings)


def endpoint(answer: http.Handler) -> http.Handler:
    """Make a Lambda handler of `answer` that honours Idempotency-Key where the caller sends one."""
    guarded = http.problems(answer)

    def once(event: http.Event, context: Any) -> http.Response:
        if _key(event) is None:
            return guarded(event, context)
        lease = timedelta(milliseconds=context.get_remaining_time_in_millis())
        claim = _claim(event, now=clock.now(), lease=lease)
        if claim["status"] == "done":
            return _replayed(claim)
        event["requestContext"][_SEED] = claim["seed"]
        result = guarded(event, context)
        _settle(claim, result)
        return result

    return http.endpoint(functools.wraps(answer)(once))


def new_id(prefix: str, event: http.Event) -> str:
    """Make an id for what this request makes: the same at each try where the caller sent a key."""
    seed = event["requestContext"].get(_SEED)
    return ids.new(prefix) if seed is None else f"{prefix}_{seed}"


def _claim(event: http.Event, *, now: datetime, lease: timedelta) -> Item:
    """Claim the key, or return the finished claim that holds it; 422 and 409 are refusals."""
    name = ids.derived("idk", *_scope(event))
    table, fingerprint = settings().idempotency_table, _fingerprint(event)
    try:
        return once.claim(table, name, fingerprint=fingerprint, now=now, lease=lease, kept=KEPT)
    except once.Different:
        detail = "This Idempotency-Key was used for another request."
        raise UnprocessableContent(detail, code="idempotency_key_reused") from None
    except once.Running as other:
        raise _in_use(other.left) from None


def _in_use(left: float) -> Conflict:
    wait = str(max(1, math.ceil(min(left, _LONGEST_WAIT_SECONDS))))
    detail = "The first request with this Idempotency-Key is still running."
    return Conflict(detail, code="idempotency_key_in_use", headers={"Retry-After": wait})


def _settle(claim: Item, result: http.Response) -> None:
    """Keep the answer, or let the same request have another try with the same ids."""
    table = settings().idempotency_table
    if _passes(result):
        once.give_up(table, claim, now=clock.now())
    else:
        once.finish(table, claim, response=json.dumps(result))


def _passes(result: http.Response) -> bool:
    """Tell whether the answer may be otherwise the next time, as some entries of a 207 may."""
    status = result["statusCode"]
    if status == HTTPStatus.MULTI_STATUS:
        return "Retry-After" in result["headers"]
    return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _replayed(claim: Item) -> http.Response:
    result: http.Response = json.loads(claim["response"])
    result["headers"]["Idempotent-Replayed"] = "true"
    return result


def _key(event: http.Event) -> str | None:
    given = http.headers(event).get("idempotency-key")
    if given is None:
        return None
    found = _KEY.fullmatch(given.strip())
    if found is None:
        detail = "An Idempotency-Key has 1 to 255 visible ASCII characters, in quotes or bare."
        raise BadRequest(detail, code="idempotency_key_malformed")
    return found["quoted"] or found["bare"]


def _scope(event: http.Event) -> Iterable[str]:
    return http.caller(event), event["httpMethod"], event["path"], _key(event) or ""


def _fingerprint(event: http.Event) -> str:
    query = event["multiValueQueryStringParameters"] or {}
    media = http.headers(event).get("content-type", "")
    head = json.dumps([event["httpMethod"], event["path"], query, media], sort_keys=True)
    return hashlib.sha256(head.encode() + b"\0" + http.raw_body(event)).hexdigest()
