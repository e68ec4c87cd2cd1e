"""Stripe's signatures: Stripe's own library signs and judges."""

import contextlib
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from interchange.errors import BadRequest, InterchangeError, Unauthorized
from webhook.providers.contract import Incoming, Source, Verified
from webhook.providers.stripe import verify

SECRET, OTHER = "whsec_test_secret", "whsec_rotated_in"
NOW = 1_700_000_000
A_YEAR = 365 * 24 * 3600
BODY = b'{"id":"evt_1","type":"payment_intent.succeeded"}'


def signed(body: bytes = BODY, *, secret: str = SECRET, at: int = NOW) -> str:
    return str(WebhookSignature.generate_signature_header(body.decode(), secret, at))


def signature(body: bytes = BODY, *, secret: str = SECRET, at: int = NOW) -> str:
    return signed(body, secret=secret, at=at).partition("v1=")[2]


def judged(
    header: str | None, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), now: int = NOW
) -> Verified:
    headers = {} if header is None else {"stripe-signature": header}
    source = Source("stripe", "stripe", "payment-events", secrets)
    return verify(Incoming(body, headers, datetime.fromtimestamp(now, UTC)), source)


def accepted(*given: Any, **named: Any) -> bool:
    """Say that a webhook was verified; a refusal raises."""
    return isinstance(judged(*given, **named), Verified)


def refusal(
    header: str | None, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), now: int = NOW
) -> str:
    """Give the code of the refusal, having checked that it is one of the two."""
    with pytest.raises((BadRequest, Unauthorized)) as refused:
        judged(header, body, secrets, now)
    return refused.value.code


def test_what_stripe_signs_is_accepted_and_named() -> None:
    assert judged(signed()) == Verified("evt_1", "stripe.payment_intent.succeeded")


@given(st.text(st.characters(exclude_categories=["Cs"])).map(str.encode), st.integers(1, 10**11))
def test_any_body_that_stripe_signs_is_accepted(body: bytes, at: int) -> None:
    assert accepted(signed(body, at=at), body, now=at)


@pytest.mark.parametrize("secrets", [(SECRET, OTHER), (OTHER, SECRET)])
def test_while_a_secret_is_rotated_either_is_accepted(secrets: tuple[str, ...]) -> None:
    both = f"t={NOW},v1={signature(secret=SECRET)},v1={signature(secret=OTHER)}"

    assert accepted(signed(secret=SECRET), secrets=secrets)
    assert accepted(signed(secret=OTHER), secrets=secrets)
    assert accepted(both, secrets=(OTHER,))


def test_a_retired_secret_is_not_accepted() -> None:
    assert refusal(signed(secret=OTHER)) == "signature_invalid"
    assert refusal(signed(), secrets=()) == "signature_invalid"


def test_signatures_of_another_scheme_do_not_count() -> None:
    assert refusal(f"t={NOW},v0={signature()}") == "signature_malformed"
    assert refusal(f"t={NOW},v1=00,v0={signature()}") == "signature_invalid"
    assert accepted(f"t={NOW},v0=00,v1={signature()}")


@pytest.mark.parametrize("age", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_fresh(age: int) -> None:
    assert accepted(signed(), now=NOW + age)


@pytest.mark.parametrize("age", [-A_YEAR, -301, 301, A_YEAR])
def test_more_is_stale_however_well_signed(age: int) -> None:
    assert refusal(signed(), now=NOW + age) == "signature_stale"


def test_stripes_own_library_takes_a_signature_from_the_future_and_we_do_not() -> None:
    now = int(time.time())
    header = signed(at=now + A_YEAR)

    assert WebhookSignature.verify_header(BODY, header, SECRET, tolerance=300)
    assert refusal(header, now=now) == "signature_stale"


def test_a_missing_header_is_missing() -> None:
    assert refusal(None) == "signature_missing"


MALFORMED = {
    "empty": "",
    "a comma": ",",
    "no pairs": "hello",
    "no timestamp": f"v1={signature()}",
    "no signature": f"t={NOW}",
    "an empty timestamp": f"t=,v1={signature()}",
    "two timestamps": f"t={NOW},t={NOW},v1={signature()}",
    "a signed timestamp": f"t=+{NOW},v1={signature()}",
    "a negative timestamp": f"t=-{NOW},v1={signature()}",
    "a space before the timestamp": f"t= {NOW},v1={signature()}",
    "a line break behind the timestamp": f"t={NOW}\n,v1={signature()}",
    "a leading zero": f"t=0{NOW},v1={signature()}",
    "zero": f"t=0,v1={signature(at=0)}",
    "a fraction": f"t={NOW}.0,v1={signature()}",
    "an exponent": f"t=17e8,v1={signature()}",
    "an underscore": f"t=1_700_000_000,v1={signature()}",
    "other digits": f"t=\u0661\u0667{'\u0660' * 8},v1={signature()}",
    "a timestamp without end": f"t={'9' * 5000},v1={signature()}",
    "names in capitals": f"T={NOW},V1={signature()}",
    "spaces between pairs": f"t={NOW}, v1={signature()}",
    "another separator": f"t={NOW};v1={signature()}",
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_header_is_malformed(header: str) -> None:
    assert refusal(header) == "signature_malformed"


FORGED = {
    "empty": "",
    "short": signature()[:-1],
    "long": signature() + "0",
    "in capitals": signature().upper(),
    "with a space": " " + signature(),
    "of another time": signature(at=NOW - 1),
    "of another body": signature(b"{}"),
    "no hexadecimal": "z" * 64,
    "not ASCII": "é" * 64,
    "half a surrogate pair": "\ud800",
    "an equals sign behind it": signature() + "=",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_signature_that_is_not_exactly_right_is_refused(forged: str) -> None:
    assert refusal(f"t={NOW},v1={forged}") == "signature_invalid"


@pytest.mark.parametrize("changed", [b"", BODY + b" ", BODY.replace(b"1", b"2"), b"\xff" + BODY])
def test_a_changed_body_is_refused(changed: bytes) -> None:
    assert refusal(signed(), changed) == "signature_invalid"


pieces = st.sampled_from(["t", "v1", "v0", "=", ",", str(NOW), signature(), "\0", "é", "\ud800"])
texts = st.text(st.characters(categories=None))  # halves of surrogate pairs too
headers = (
    st.lists(pieces, max_size=12).map("".join)
    | st.builds(lambda text: f"t={NOW},v1={text}", texts)
    | st.builds(lambda text: f"t={text},v1={signature()}", texts)
    | texts
)


@given(headers, st.binary())
def test_any_header_and_any_body_are_verified_or_refused(header: str, body: bytes) -> None:
    with contextlib.suppress(BadRequest, Unauthorized):
        assert accepted(header, body)


@given(headers, st.text(max_size=5))
def test_nothing_is_accepted_that_stripes_library_refuses(header: str, text: str) -> None:
    try:
        judged(header, text.encode())
    except InterchangeError:
        return
    assert WebhookSignature.verify_header(text, header, SECRET)


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b"not JSON", "stripe.unknown"),
        (b"\xff\xfe", "stripe.unknown"),
        (b"", "stripe.unknown"),
        (b"[]", "stripe.unknown"),
        (b'{"type":"charge.failed"}', "stripe.charge.failed"),
        (b'{"id":"","type":"charge.failed"}', "stripe.charge.failed"),
        (b'{"id":7,"type":7}', "stripe.unknown"),
        (b'{"id":null,"type":"Not A Type!"}', "stripe.unknown"),
        (b"[" * 100_000, "stripe.unknown"),
        (b'{"id":"half a pair: \\ud800"}', "stripe.unknown"),
        (b'{"id":"' + b"x" * 257 + b'"}', "stripe.unknown"),
        (b'{"type":"' + b"x" * 101 + b'"}', "stripe.unknown"),
    ],
)
def test_an_authentic_body_without_an_id_is_named_by_its_digest(body: bytes, type: str) -> None:
    # Stripe's library signs texts only.
    mac = hmac.new(SECRET.encode(), f"{NOW}.".encode() + body, hashlib.sha256).hexdigest()

    digest = hashlib.sha256(body).hexdigest()
    assert judged(f"t={NOW},v1={mac}", body) == Verified(digest, type)


def test_a_thin_event_has_an_id_and_a_type_like_any_other() -> None:
    thin = {"id": "evt_2", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"}
    body = json.dumps(thin).encode()

    assert judged(signed(body), body).event_id == "evt_2"
