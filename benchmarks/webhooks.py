"""`python -m benchmarks.webhooks`: verify and parse a 2 KB webhook, beside the same by hand.

By hand is the least that proves a sender: the header cut apart, the time compared, HMAC, and
json.loads.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "layers/interchange"), str(ROOT)]

import stripe  # noqa: E402 - the paths first

from tests.signers import SOURCES, signed  # noqa: E402
from webhook.providers import PROVIDERS  # noqa: E402
from webhook.providers.contract import Incoming, Source  # noqa: E402
from webhook.receiving import sources  # noqa: E402

ROUNDS = 21
CALLS = 500
TOLERANCE_SECONDS = 300
BY_HAND, BY_STRIPE = 1.2, 0.08

type Headers = Mapping[str, str]
type ByHand = Callable[[bytes, Headers, str], object]

_FIELDS = {f"field_{n}": {"text": f"value {n}", "number": n} for n in range(39)}
BODY = json.dumps(
    {"id": "evt_1", "event_id": "evt_1", "type": "part.shipped", "data": _FIELDS}
).encode()


def main() -> None:
    """Measure every provider in turn, round by round, and print the medians as a table."""
    print(f"A body of {len(BODY)} bytes; CPU µs of one call, median of {ROUNDS} rounds of {CALLS}")
    print("| | by hand | Interchange | ÷ by hand | ÷ construct_event | |")
    print("|---|--:|--:|--:|--:|---|")
    for name, by_hand in HANDS.items():
        print(_row(name, by_hand))


def _row(name: str, by_hand: ByHand) -> str:
    """Measure one provider beside its peers; they take turns, so that noise falls on all alike."""
    found = sources.parse(json.dumps({name: SOURCES[name]}))[name]
    if not isinstance(found, Source):
        raise found
    now = datetime.now(UTC)
    sent = signed(name, BODY, id="evt_1", at=now)
    headers = {each.lower(): value for each, value in sent.headers.items()}
    incoming = Incoming(BODY, headers, now, query=sent.query)
    verify, secret = PROVIDERS[found.provider].verify, found.secrets[0]
    header = signed("stripe", BODY, id="", at=now).headers["Stripe-Signature"]
    key = SOURCES["stripe"]["secrets"][0]
    peers: list[Callable[[], object]] = [
        lambda: by_hand(BODY, headers, secret),
        lambda: verify(incoming, found),
        lambda: stripe.Webhook.construct_event(BODY, header, key),
    ]
    rounds = [[_cpu(each) for each in peers] for _ in range(ROUNDS)]
    hand, ours, theirs = (median(column) for column in zip(*rounds, strict=True))
    ratio = median(each[1] / each[0] for each in rounds)
    met = ratio <= BY_HAND and ours / theirs <= BY_STRIPE
    figures = f"{1e6 * hand:.1f} | {1e6 * ours:.1f} | {ratio:.2f} | {ours / theirs:.3f}"
    return f"| {name} | {figures} | {'met' if met else '**missed**'} |"


def _cpu(call: Callable[[], object]) -> float:
    begin = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - begin) / CALLS


def _stripe(body: bytes, headers: Headers, secret: str) -> object:
    parts = dict(each.split("=", 1) for each in headers["stripe-signature"].split(","))
    _require(abs(time.time() - int(parts["t"])) < TOLERANCE_SECONDS)
    mac = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    _require(hmac.compare_digest(mac.hexdigest(), parts["v1"]))
    return json.loads(body)


def _github(body: bytes, headers: Headers, secret: str) -> object:
    mac = hmac.new(secret.encode(), body, hashlib.sha256)
    _require(hmac.compare_digest("sha256=" + mac.hexdigest(), headers["x-hub-signature-256"]))
    return json.loads(body)


def _shopify(body: bytes, headers: Headers, secret: str) -> object:
    mac = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    _require(hmac.compare_digest(mac.decode(), headers["x-shopify-hmac-sha256"]))
    return json.loads(body)


def _slack(body: bytes, headers: Headers, secret: str) -> object:
    timestamp = headers["x-slack-request-timestamp"]
    _require(abs(time.time() - int(timestamp)) < TOLERANCE_SECONDS)
    mac = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    _require(hmac.compare_digest("v0=" + mac.hexdigest(), headers["x-slack-signature"]))
    return json.loads(body)


def _twilio(body: bytes, headers: Headers, secret: str) -> object:
    digest = hashlib.sha256(body).hexdigest()
    url = f"{SOURCES['twilio']['url']}&bodySHA256={digest}"
    macs = [
        base64.b64encode(hmac.new(secret.encode(), each.encode(), hashlib.sha1).digest())
        for each in (url, url.replace(".com/", ".com:443/", 1))
    ]
    given = headers["x-twilio-signature"].encode()
    _require(any(hmac.compare_digest(each, given) for each in macs))
    return json.loads(body)


def _standard(body: bytes, headers: Headers, secret: str) -> object:
    id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    _require(abs(time.time() - int(timestamp)) < TOLERANCE_SECONDS)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(mac).decode()
    given = headers["webhook-signature"].split(" ")
    _require(any(hmac.compare_digest(expected, each) for each in given))
    return json.loads(body)


def _plain(body: bytes, headers: Headers, secret: str) -> object:
    mac = hmac.new(secret.encode(), body, hashlib.sha256)
    _require(hmac.compare_digest(mac.hexdigest(), headers["x-signature"].lower()))
    return json.loads(body)


def _require(holds: bool) -> None:  # noqa: FBT001 - what is asked is one condition
    if not holds:
        raise ValueError("the signature does not hold")


HANDS: dict[str, ByHand] = {
    "stripe": _stripe,
    "github": _github,
    "shopify": _shopify,
    "slack": _slack,
    "twilio": _twilio,
    "standard": _standard,
    "plain": _plain,
}

if __name__ == "__main__":
    main()
