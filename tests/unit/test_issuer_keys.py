"""An issuer's keys: found where it says they are, kept, and asked for again, but seldom."""

import json
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from interchange import issuer_keys
from interchange.errors import Unavailable
from interchange.issuer_keys import FRESH_SECONDS, PAUSE_SECONDS, KeyRing, Unusable
from interchange.outbound import Failed, Forbidden
from tests.architecture import Json
from tests.issuer import Issuer, jwk, rsa_key
from tests.receiver import CUT_SHORT, HANGING_MID_BODY, RUBBISH, Behaviour, answering, saying


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


def ring(issuer: Issuer) -> KeyRing:
    return KeyRing(partial(issuer_keys.load, issuer.url, "", allow_local=True))


def fetches(issuer: Issuer) -> int:
    return len(issuer.server.at("/keys"))


# ------------------------------------------------------------------------ Keeping


def test_a_key_is_fetched_once_and_found_again(issuer: Issuer) -> None:
    keys = ring(issuer)

    found = [keys.find(kid, now=second) for second in range(50) for kid in issuer.keys]

    assert all(found)
    assert fetches(issuer) == 1


def test_a_new_key_is_found_after_a_minute_at_most(issuer: Issuer) -> None:
    keys = ring(issuer)
    assert keys.find("rsa", now=0)
    issuer.keys["next"] = rsa_key("next")
    issuer.publish()

    assert keys.find("next", now=PAUSE_SECONDS - 1) is None
    assert keys.find("next", now=PAUSE_SECONDS)
    assert keys.find("rsa", now=PAUSE_SECONDS)


def test_a_key_that_is_withdrawn_is_gone_within_the_hour(issuer: Issuer) -> None:
    keys = ring(issuer)
    assert keys.find("rsa", now=0)
    del issuer.keys["rsa"]
    issuer.publish()

    assert keys.find("rsa", now=FRESH_SECONDS - 1)
    assert keys.find("rsa", now=FRESH_SECONDS) is None


def test_who_makes_keys_up_cannot_make_us_hammer_the_issuer(issuer: Issuer) -> None:
    keys = ring(issuer)

    for second in range(600):
        for name in range(3):
            assert keys.find(f"made-up-{second}-{name}", now=second) is None

    assert fetches(issuer) == 10


def test_while_the_issuer_is_away_the_keys_stay_good(issuer: Issuer) -> None:
    keys = ring(issuer)
    assert keys.find("rsa", now=0)
    issuer.serve("/keys", {}, status=503)

    for hour in range(1, 24):
        assert keys.find("rsa", now=hour * FRESH_SECONDS)
        assert keys.find("rsa", now=hour * FRESH_SECONDS + 1)  # which does not ask again

    assert fetches(issuer) == 24
    issuer.publish()
    assert keys.find("rsa", now=25 * FRESH_SECONDS)
    assert keys.find("rsa", now=25 * FRESH_SECONDS + PAUSE_SECONDS)
    assert fetches(issuer) == 25


def test_who_never_had_a_key_asks_again_soon(issuer: Issuer) -> None:
    keys = ring(issuer)
    issuer.serve("/keys", {}, status=503)

    for second in range(5):
        with pytest.raises(Unavailable):
            keys.find("rsa", now=second)
    issuer.publish()

    assert keys.find("rsa", now=5)
    assert fetches(issuer) == 2


# ------------------------------------------------------------------------ Fetching


def test_keys_are_where_the_parameter_says(issuer: Issuer) -> None:
    found = issuer_keys.load("https://no.example", f"{issuer.url}/keys", allow_local=True)

    assert found.keys() == issuer.keys.keys()
    assert [each.path for each in issuer.server.received] == ["/keys"]


def test_an_issuer_may_end_with_a_slash(issuer: Issuer) -> None:
    issuer.publish(issuer=f"{issuer.url}/")

    assert issuer_keys.load(f"{issuer.url}/", "", allow_local=True)


BAD_KEYS: list[Json] = [
    {"kty": "oct", "kid": "secret", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "alg": "HS256"},
    {"kty": "oct", "kid": "secret", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
    jwk("encrypts", rsa_key("rsa")) | {"use": "enc"},
    jwk("pss", rsa_key("rsa")) | {"alg": "PS256"},
    jwk("none", rsa_key("rsa")) | {"alg": "none"},
    jwk("none", rsa_key("rsa")) | {"alg": ["RS256"]},
    {name: each for name, each in jwk("x", rsa_key("rsa")).items() if name != "kid"},
    jwk("x", rsa_key("rsa")) | {"kid": 7},
    {"kty": "RSA", "kid": "half", "n": "AQAB"},
    {"kty": "RSA", "kid": "numbers", "n": 1, "e": 2},
    {"kty": "RSA", "kid": "null", "n": None, "e": None},
    {"kty": "EC", "kid": "nowhere", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "kid": "curve", "crv": "P-999", "x": "AA", "y": "AA"},
    {"kty": "new", "kid": "new"},
    {"kid": "empty"},
    {},
]


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_a_key_that_signs_nothing_of_ours_is_passed_over(issuer: Issuer, bad: Json) -> None:
    issuer.publish(bad)

    found = issuer_keys.load(issuer.url, "", allow_local=True)

    assert found.keys() == issuer.keys.keys()


def serving(body: bytes) -> Behaviour:
    return answering(200, body=body)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (answering(301, {"Location": "https://elsewhere.example/keys"}), "status_301"),
        (answering(404), "status_404"),
        (serving(b"<html>"), "not_json"),
        (serving(b"\xff"), "not_json"),
        (serving(b"[" * 100_000), "not_json"),
        (serving(b"[]"), "not_an_object"),
        (serving(b"{}"), "no_keys"),
        (serving(b'{"keys": {}}'), "no_keys"),
        (serving(b'{"keys": [1, null]}'), "no_keys"),
        (serving(json.dumps({"keys": BAD_KEYS}).encode()), "no_keys"),
        (serving(b" " * 300_000), "too_large"),
    ],
)
def test_what_are_no_keys_is_not_taken_for_them(
    issuer: Issuer, behaviour: Behaviour, kind: str
) -> None:
    issuer.server.behaviours["/keys"] = behaviour

    with pytest.raises(Unusable) as failed:
        issuer_keys.load(issuer.url, "", allow_local=True)

    assert failed.value.kind == kind


@pytest.mark.parametrize("behaviour", [CUT_SHORT, RUBBISH, HANGING_MID_BODY, saying(b"")])
def test_an_issuer_that_misbehaves_leaves_the_keys_as_they_are(
    issuer: Issuer, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "_TIMEOUT_SECONDS", 0.3)
    keys = ring(issuer)
    assert keys.find("rsa", now=0)
    issuer.server.behaviours["/keys"] = behaviour

    with pytest.raises(Failed):
        issuer_keys.load(issuer.url, "", allow_local=True)

    assert keys.find("rsa", now=FRESH_SECONDS)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"issuer": "https://elsewhere.example"}, Unusable),
        ({"issuer": None}, Unusable),
        ({"jwks_uri": None}, Forbidden),
        ({"jwks_uri": 7}, Forbidden),
        ({"jwks_uri": "file:///etc/passwd"}, Forbidden),
        ({"jwks_uri": "https://169.254.169.254/keys"}, Forbidden),
    ],
    ids=str,
)
def test_what_an_issuer_says_of_itself_is_not_all_believed(
    issuer: Issuer, said: Json, refusal: type[Exception]
) -> None:
    issuer.publish(**said)

    with pytest.raises(refusal):
        issuer_keys.load(issuer.url, "", allow_local=True)


@pytest.mark.parametrize("where", [lambda url: (url, ""), lambda url: ("https://a.example", url)])
def test_in_a_cloud_keys_come_by_https_alone(
    issuer: Issuer, where: Callable[[str], tuple[str, str]]
) -> None:
    with pytest.raises(Forbidden):
        issuer_keys.load(*where(issuer.url), allow_local=False)

    assert issuer.server.received == []
