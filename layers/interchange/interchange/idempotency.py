"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the same POST twice, one effect.

A claim is one conditional put that also returns what it met. Its lease is the function's remaining
time; when that function died, the same request takes the claim over, and the fence keeps the dead
from writing. What a request makes has an id that its claim carries (`new_id`), so a second try
finds what the first has made.
Not Powertools' utility: it has no scope by caller, no fence and no 422 (docs/decisions.md).
"""

import functools
import hashlib
import json
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, ids, store
from interchange.errors import BadRequest, Conflict, UnprocessableContent
from interchange.observability import logger
from interchange.store import Item

KEPT = timedelta(hours=24)
_LONGEST_WAIT_SECONDS = 5

_KEY = re.compile(r'"(?P<quoted>[\x21\x23-\x7e]{1,255})"|(?P<bare>[\x21\x23-\x7e]{1,255})')
# What may be otherwise the next time is not kept: the claim is given back.
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_FREE = "attribute_not_exists(#id) OR #expires_epoch <= :now_epoch"
_HOLDING = "#status = :running AND #fence = :fence"
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
    claim = {
        "id": ids.derived("idk", *_scope(event)),
        "status": "running",
        "fingerprint": _fingerprint(event),
        "fence": os.urandom(8).hex(),
        "seed": ids.new("").removeprefix("_"),
        "lease_ends_at": clock.rfc3339(now + lease),
        "expires_epoch": int((now + KEPT).timestamp()),
        "version": 1,
    }
    values = {"now_epoch": int(now.timestamp())}
    try:
        store.put(settings().idempotency_table, claim, when=_FREE, values=values)
    except store.ConditionFailed as met:
        return _met(met.item, claim, now=now)
    return claim


def _met(met: Item, claim: Item, *, now: datetime) -> Item:
    if met["fingerprint"] != claim["fingerprint"]:
        detail = "This Idempotency-Key was used for another request."
        raise UnprocessableContent(detail, code="idempotency_key_reused")
    if met["status"] == "done":
        return met
    left = (clock.parse(met["lease_ends_at"]) - now).total_seconds()
    if left > 0:
        raise _in_use(left)
    return _take_over(met, claim)


def _take_over(met: Item, claim: Item) -> Item:
    """Go on where a function died: with its seed, and a fence of our own."""
    values = {"running": "running", "fence": met["fence"], "ours": claim["fence"]}
    values |= {"lease_ends_at": claim["lease_ends_at"]}
    change = "SET #fence = :ours, #lease_ends_at = :lease_ends_at"
    key = {"id": claim["id"]}
    try:
        return store.update(settings().idempotency_table, key, change, when=_HOLDING, values=values)
    except store.ConditionFailed:  # another try was faster, or the function lived after all
        raise _in_use(1) from None


def _in_use(left: float) -> Conflict:
    wait = str(max(1, math.ceil(min(left, _LONGEST_WAIT_SECONDS))))
    detail = "The first request with this Idempotency-Key is still running."
    return Conflict(detail, code="idempotency_key_in_use", headers={"Retry-After": wait})


def _settle(claim: Item, result: http.Response) -> None:
    """Keep the answer, or give the claim back; a claim that another took over is left to it."""
    table, key, status = settings().idempotency_table, {"id": claim["id"]}, result["statusCode"]
    holding = {"running": "running", "fence": claim["fence"]}
    try:
        if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            store.delete(table, key, when=_HOLDING, values=holding)
        else:
            kept = {"done": "done", "response": json.dumps(result)}
            change = "SET #status = :done, #response = :response"
            store.update(table, key, change, when=_HOLDING, values=holding | kept)
    except store.ConditionFailed:
        logger.warning("Idempotency claim was lost to another try")


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
