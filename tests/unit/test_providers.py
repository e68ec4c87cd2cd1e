"""Every provider's signatures: its own package signs, and published vectors judge."""

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.errors import BadRequest, Unauthorized
from tests.signers import PUBLIC, SECRET, SOURCES, WHSEC, Signed, signed, twilio_validator
from webhook.providers import PROVIDERS
from webhook.providers.contract import FORM, JSON, Handshake, Incoming, Source, Verified
from webhook.receiving import sources

NOW = 1_700_000_000
BODY = b'{"id": "evt_1", "event_id": "evt_1", "type": "part.shipped"}'
OTHER = "whsec_" + "bm90aGluZyBidXQgdGhpcnR5LXR3byBieXRlcw=="

type Judged = Verified | Handshake


def source_named(name: str, *secrets: str) -> Source:
    configured = SOURCES[name] | ({"secrets": list(secrets)} if secrets else {})
    found = sources.parse(json.dumps({name: configured}))[name]
    assert isinstance(found, Source)
    return found


def judge(
    source: Source,
    body: bytes,
    headers: Mapping[str, str],
    *,
    media: str = JSON,
    query: Mapping[str, str] | None = None,
    now: int = NOW,
) -> Judged:
    lowered = {name.lower(): value for name, value in headers.items()}
    incoming = Incoming(body, lowered, datetime.fromtimestamp(now, UTC), media, query or {})
    return PROVIDERS[source.provider].verify(incoming, source)


def judged(name: str, sent: Signed, *, now: int = NOW, secrets: tuple[str, ...] = ()) -> Judged:
    source = source_named(name, *secrets)
    return judge(source, sent.body, sent.headers, media=sent.media, query=sent.query, now=now)


def sent_by(name: str, body: bytes = BODY, media: str = JSON, *, secret: str = "") -> Signed:
    at = datetime.fromtimestamp(NOW, UTC)
    return signed(name, body, id="evt_1", at=at, media=media, secret=secret or None)


def verified(name: str, sent: Signed, *, now: int = NOW, secrets: tuple[str, ...] = ()) -> Verified:
    found = judged(name, sent, now=now, secrets=secrets)
    assert isinstance(found, Verified)
    return found


def accepted(name: str, sent: Signed, *, now: int = NOW, secrets: tuple[str, ...] = ()) -> bool:
    """Say that a webhook was verified; a refusal raises."""
    return isinstance(judged(name, sent, now=now, secrets=secrets), Verified)


def code(name: str, sent: Signed, *, now: int = NOW, secrets: tuple[str, ...] = ()) -> str:
    with pytest.raises((BadRequest, Unauthorized)) as refused:
        judged(name, sent, now=now, secrets=secrets)
    return refused.value.code


TYPES = {
    "stripe": "stripe.part.shipped",
    "github": "github.issues",
    "shopify": "shopify.orders.create",
    "slack": "slack.part.shipped",
    "twilio": "twilio.part.shipped",
    "standard": "standard_webhooks.part.shipped",
    "svix": "standard_webhooks.part.shipped",
    "asymmetric": "standard_webhooks.part.shipped",
    "acme": "generic.part.shipped",
    "plain": "generic.received",
}
TIMED = ["stripe", "slack", "standard", "svix", "asymmetric"]


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_providers_own_package_signs_is_accepted_and_named(name: str) -> None:
    found = verified(name, sent_by(name))

    assert found.type == TYPES[name]
    assert name == "plain" or found.event_id == "evt_1"


@pytest.mark.parametrize("name", SOURCES)
@given(body=st.text(st.characters(exclude_categories=["Cs"])).map(str.encode))
def test_any_body_that_is_signed_is_accepted_and_any_other_is_not(name: str, body: bytes) -> None:
    sent = sent_by(name, body)

    assert accepted(name, sent)
    assert code(name, sent._replace(body=body + b" ")) == "signature_invalid"


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - {"asymmetric"}))
def test_while_a_secret_is_rotated_either_is_accepted_and_then_only_the_new(name: str) -> None:
    old = SOURCES[name]["secrets"][0]

    assert accepted(name, sent_by(name), secrets=(OTHER, old))
    assert accepted(name, sent_by(name, secret=OTHER), secrets=(old, OTHER))
    assert code(name, sent_by(name), secrets=(OTHER,)) == "signature_invalid"


def test_while_a_sender_changes_to_public_keys_either_kind_is_accepted() -> None:
    for name in ("standard", "asymmetric"):
        assert accepted(name, sent_by(name), secrets=(PUBLIC, WHSEC))


@pytest.mark.parametrize("name", TIMED)
def test_five_minutes_either_way_are_fresh_and_more_is_stale(name: str) -> None:
    for age in (-300, 300):
        assert accepted(name, sent_by(name), now=NOW + age)
    for age in (-301, 301):
        assert code(name, sent_by(name), now=NOW + age) == "signature_stale"


@pytest.mark.parametrize("name", SOURCES)
def test_without_its_headers_a_body_is_unsigned(name: str) -> None:
    sent = sent_by(name)._replace(headers={"Content-Type": JSON})

    # Twilio's digest of the body is in the URL, the signature in a header.
    assert code(name, sent) == "signature_missing"


COMMAND = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2F"
    b"commands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
    b"398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
CALL = (
    b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    b"&Caller=%2B14158675309"
)
VECTORS = [
    (
        source_named("standard"),
        b'{"test": 2432232314}',
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
    ),
    (
        source_named("standard", "whsec_plJ3nmyCDGBKInavdOK15jsl"),
        b'{"event_type":"ping","data":{"success":true}}',
        {
            "webhook-id": "msg_loFOjxBNrRLzqYUf",
            "webhook-timestamp": "1731705121",
            "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        },
    ),
    (
        source_named("asymmetric"),
        b'{"test": 2432232314}',
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYX"
            "FymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
        },
    ),
    (
        source_named("github", "It's a Secret to Everybody"),
        b"Hello, World!",
        {
            "x-hub-signature-256": "sha256="
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        },
    ),
    (
        source_named("github", "mysecret"),
        b'{"foo":"bar"}',
        {
            "x-hub-signature-256": "sha256="
            "4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"
        },
    ),
    (
        source_named("shopify", "hush"),
        b'{"id":1}',
        {"x-shopify-hmac-sha256": "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="},
    ),
    (
        source_named("slack", "8f742231b10e8888abcd99yyyzzz85a5"),
        COMMAND,
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0="
            "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
    ),
    (
        Source(
            "twilio",
            "twilio",
            "t",
            ("12345",),
            {"url": "https://mycompany.com/myapp.php?foo=1&bar=2"},
        ),
        CALL,
        {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
    ),
]


@pytest.mark.parametrize(
    ("source", "body", "headers"), VECTORS, ids=[source.provider for source, _, _ in VECTORS]
)
def test_published_vectors_are_accepted(
    source: Source, body: bytes, headers: Mapping[str, str]
) -> None:
    media = FORM if source.provider in ("slack", "twilio") else JSON
    times = [int(value) for name, value in headers.items() if "timestamp" in name]
    now = times[0] if times else NOW

    assert isinstance(judge(source, body, headers, media=media, now=now), Verified)
    with pytest.raises(Unauthorized):
        judge(source, body + b"0", headers, media=media, now=now)


def test_unknown_versions_are_skipped_and_any_match_passes() -> None:
    sent = sent_by("standard")
    name = "webhook-signature"
    proof = sent.headers[name]

    for others in (f"v2,x {proof}", f"{proof} v1,AAAA", f"v1,x v1a,y  {proof}"):
        assert accepted("standard", sent._replace(headers={**sent.headers, name: others}))
    for wrong in ("", "v1", "v1,", proof.replace("v1", "v1a"), proof.replace("v1", "v2")):
        headers = {**sent.headers, name: wrong}
        assert code("standard", sent._replace(headers=headers)) == "signature_invalid"


def test_an_id_with_the_separator_in_it_is_malformed() -> None:
    sent = sent_by("standard")

    for id in ("", "a.b", "a b", "é", "\ud800"):
        headers = {**sent.headers, "webhook-id": id}
        assert code("standard", sent._replace(headers=headers)) == "signature_malformed"


def test_slack_is_told_its_challenge_only_once_it_has_proven_itself() -> None:
    body = b'{"token": "x", "challenge": "3eZbrw1aB", "type": "url_verification"}'
    found = judged("slack", sent_by("slack", body))

    assert isinstance(found, Handshake)
    assert json.loads(found.reply.body) == {"challenge": "3eZbrw1aB"}
    assert code("slack", sent_by("slack", body, secret=OTHER)) == "signature_invalid"


MENTION = b'{"type":"event_callback","event_id":"evt_1","event":{"type":"app_mention"}}'
NAMED = [
    ("slack", MENTION, JSON, "slack.app_mention"),
    ("slack", b"command=%2Fdeploy&trigger_id=1", FORM, "slack.command"),
    ("slack", b"payload=%7B%22type%22%3A%22block_actions%22%7D", FORM, "slack.block_actions"),
    ("slack", b"payload=%ff%ed%a0%80", FORM, "slack.unknown"),
    ("slack", b"&" * 5000, FORM, "slack.unknown"),
    ("twilio", b"MessageSid=SM1&MessageStatus=delivered", FORM, "twilio.message.delivered"),
    ("twilio", b"SmsSid=SM1&SmsStatus=received&Body=", FORM, "twilio.message.received"),
    ("twilio", b"CallSid=CA1&CallStatus=in-progress", FORM, "twilio.call.in-progress"),
    ("twilio", b"a=1", FORM, "twilio.unknown"),
    ("github", b"payload=%7B%7D", FORM, "github.issues"),
]


@pytest.mark.parametrize(("name", "body", "media", "type"), NAMED)
def test_events_are_named_by_what_their_provider_says(
    name: str, body: bytes, media: str, type: str
) -> None:
    found = verified(name, sent_by(name, body, media))

    assert found.type == type
    assert found.event_id == "evt_1" or (name, media) == ("slack", FORM)


def test_forms_are_answered_with_nothing_that_people_would_see_or_hear() -> None:
    slack = verified("slack", sent_by("slack", b"command=%2Fdeploy", FORM)).reply
    twilio = verified("twilio", sent_by("twilio", b"Body=hello", FORM)).reply

    assert slack is not None
    assert slack.body == ""
    assert twilio is not None
    assert twilio.body.endswith("<Response/>")
    assert verified("twilio", sent_by("twilio")).reply is None


PORTS = [
    ("https://a.example.com/x", "https://a.example.com:443/x"),
    ("https://a.example.com:443/x?y=a.example.com", "https://a.example.com/x?y=a.example.com"),
    ("http://u:p@a.example.com/x", "http://u:p@a.example.com:80/x"),
    ("https://a.example.com:8443/x", "https://a.example.com/x"),
]


@pytest.mark.parametrize(("configured", "called"), PORTS)
def test_twilios_url_is_taken_with_its_port_and_without(configured: str, called: str) -> None:
    validator = twilio_validator(SECRET)
    source = Source("twilio", "twilio", "t", (SECRET,), {"url": configured})

    for url in (configured, called):
        headers = {"x-twilio-signature": validator.compute_signature(url, {"a": "1"})}
        assert validator.validate(configured, {"a": "1"}, headers["x-twilio-signature"])
        assert isinstance(judge(source, b"a=1", headers, media=FORM), Verified)


def test_twilios_values_are_signed_sorted_and_once_each() -> None:
    sent = sent_by("twilio", b"b=2&a=", FORM)

    for same in (b"a=&b=2", b"a=&b=2&b=2", b"a&b=%32"):
        assert accepted("twilio", sent._replace(body=same))
    for other in (b"b=2", b"a=&b=2&b=3", b"a=&b=2&c=%ff", b"\xff", b"&" * 5000):
        assert code("twilio", sent._replace(body=other)) == "signature_invalid"


def test_twilios_json_is_held_to_the_digest_in_its_url() -> None:
    sent = sent_by("twilio")

    for query in ({}, {"bodySHA256": ""}, {"bodySHA256": "0" * 64}):
        assert code("twilio", sent._replace(query=query)) == "signature_invalid"


@pytest.mark.parametrize("given", ["X" * 257, "with a space", "é", "\ud800", "", "\n"])
@pytest.mark.parametrize(
    ("name", "header"), [("github", "X-GitHub-Delivery"), ("acme", "X-Acme-Id")]
)
def test_an_id_that_cannot_be_one_gives_way_to_the_bodys_digest(
    name: str, header: str, given: str
) -> None:
    sent = sent_by(name)
    strange = {**sent.headers, header: given, "X-GitHub-Event": given, "X-Acme-Type": given}

    found = verified(name, sent._replace(headers=strange))

    assert len(found.event_id) == 64
    assert found.type.endswith(".unknown")


texts = st.text(st.characters(categories=None))  # halves of surrogate pairs too
medias = st.sampled_from([JSON, FORM, "text/plain"])
NAMES = sorted(
    {name.lower() for each in SOURCES for name in sent_by(each).headers} | {"content-type"}
)
pieces = st.sampled_from(
    ["v0=", "v1,", "v1a,", "sha256=", "v=", str(NOW), "t=", ",", " ", ".", "=", "\0", "é", "\ud800"]
)
values = texts | st.lists(pieces, max_size=8).map("".join) | st.just(str(NOW))


@pytest.mark.parametrize("name", SOURCES)
@given(
    headers=st.dictionaries(st.sampled_from(NAMES) | texts, values),
    body=st.binary(),
    media=medias,
    query=st.dictionaries(st.just("bodySHA256") | texts, texts, max_size=2),
)
def test_hostile_headers_and_bodies_are_refused_and_raise_nothing_else(
    name: str, headers: dict[str, str], body: bytes, media: str, query: dict[str, str]
) -> None:
    with pytest.raises((BadRequest, Unauthorized)):
        judge(source_named(name), body, headers, media=media, query=query)


@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data())
def test_a_proof_with_anything_exchanged_is_judged_and_raises_nothing_else(
    name: str, data: st.DataObject
) -> None:
    sent = sent_by(name)
    hostile = data.draw(st.dictionaries(st.sampled_from(sorted(sent.headers)), values, min_size=1))
    exchanged = sent._replace(headers={**sent.headers, **hostile, "Content-Type": JSON})

    with contextlib.suppress(BadRequest, Unauthorized):
        found = verified(name, exchanged)
        assert found.type.isascii()
        assert found.event_id.isascii()


NAMING = st.sampled_from(["id", "type", "event", "event_id", "challenge"])
JSONS = st.recursive(
    st.none() | st.booleans() | st.floats() | texts,
    lambda each: st.lists(each) | st.dictionaries(NAMING | texts, each),
)


@pytest.mark.parametrize("name", SOURCES)
@given(body=JSONS)
def test_any_json_that_is_authentic_is_named(name: str, body: object) -> None:
    text = json.dumps(body).encode()

    assert isinstance(judged(name, sent_by(name, text)), Verified | Handshake)
