"""Tokens: who may call what, with real keys, and every way to pretend that is known."""

import base64
import hashlib
import hmac
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interchange import http, tokens
from tests.architecture import ROOT, Json
from tests.aws_events import request
from tests.issuer import AUDIENCE, Issuer, ec_key, jwk, rsa_key, usual_keys
from tests.receiver import answering

type Make = Callable[[Issuer], str]

# RFC 7515, appendices A.1 and A.5; RFC 7519, appendix A.1 begins like the last.
RFC_7515_HS256 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
    "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC_7515_NONE = (
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p"
    "c19yb290Ijp0cnVlfQ."
)


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    """An issuer; a server of its own for each test would cost seconds."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """An issuer that the function trusts, and has never asked."""
    for name, value in running.variables.items():
        monkeypatch.setenv(name, value)
    tokens._ring.cache_clear()
    running.server.received.clear()
    running.keys = usual_keys()
    running.publish()
    return running


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer whoever gets here."""
    return http.response(HTTPStatus.OK, {})


def call(token: str | None, method: str = "GET", path: str = "/api/tasks/{id}") -> http.Response:
    given = {} if token is None else {"Authorization": f"Bearer {token}"}
    return handler(request(method, path, headers=given, id="tsk_1"), None)


def code_of(answer: http.Response) -> tuple[int, str | None]:
    body = json.loads(answer["body"])
    return answer["statusCode"], body.get("code")


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hmac(issuer: Issuer, secret: bytes, alg: str = "HS256") -> str:
    """Sign with a secret, as who takes the public key for one; PyJWT itself would refuse to."""
    signed = f"{encoded({'alg': alg, 'kid': 'rsa', 'typ': 'JWT'})}.{encoded(issuer.claims())}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def public_pem() -> bytes:
    public = rsa_key("rsa").public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned(issuer: Issuer, alg: str) -> str:
    return f"{encoded({'alg': alg, 'kid': 'rsa'})}.{encoded(issuer.claims())}."


def tampered(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{encoded(issuer.claims(scope='tasks:read tasks:write'))}.{signature}"


def all_zero(issuer: Issuer) -> str:
    """A signature of zeros, which Java once took for anybody's (CVE-2022-21449)."""
    return f"{issuer.token('ec').rpartition('.')[0]}.{encoded(bytes(64))}"


def with_its_own_key(issuer: Issuer) -> str:
    """A token that brings the key along by which it is to be proven (RFC 8725, 3.10)."""
    key = rsa_key("stranger")
    own = {"jwk": jwk("rsa", key), "jku": "https://attacker.example/keys"}
    return issuer.token(key=key, headers=own)


def soon(seconds: int) -> int:
    return int(time.time()) + seconds


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
def test_a_good_token_passes(issuer: Issuer, kid: str) -> None:
    assert call(issuer.token(kid))["statusCode"] == 200


GOOD: dict[str, Make] = {
    "one of several audiences": lambda issuer: issuer.token(aud=["https://a.example", AUDIENCE]),
    "Cognito's client": lambda issuer: issuer.token(aud=None, client_id=AUDIENCE),
    "just expired": lambda issuer: issuer.token(exp=soon(-30)),
    "of a clock that is ahead": lambda issuer: issuer.token(nbf=soon(30), iat=soon(30)),
    "of before": lambda issuer: issuer.token(nbf=soon(-600)),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD.keys())
def test_a_token_passes_whose_claims_are_good(issuer: Issuer, make: Make) -> None:
    assert call(make(issuer))["statusCode"] == 200


@pytest.mark.parametrize("type", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_a_token_may_say_that_it_is_one_for_access(issuer: Issuer, type: str) -> None:
    assert call(issuer.token(headers={"typ": type}))["statusCode"] == 200


PRETENDERS: dict[str, Make] = {
    "expired": lambda issuer: issuer.token(exp=soon(-90)),
    "expired long ago": lambda issuer: issuer.token(exp=0),
    "not valid yet": lambda issuer: issuer.token(nbf=soon(600)),
    "issued in the future": lambda issuer: issuer.token(iat=soon(600)),
    "without an end": lambda issuer: issuer.token(exp=None),
    "without a subject": lambda issuer: issuer.token(sub=None),
    "another issuer's": lambda issuer: issuer.token(iss="https://elsewhere.example"),
    "an issuer that begins like ours": lambda issuer: issuer.token(iss=f"{issuer.url}.example"),
    "no issuer's": lambda issuer: issuer.token(iss=None),
    "another audience's": lambda issuer: issuer.token(aud="https://elsewhere.example"),
    "others' audiences": lambda issuer: issuer.token(aud=["https://elsewhere.example", "x"]),
    "no audience's": lambda issuer: issuer.token(aud=None),
    "another audience's, by our client": lambda issuer: issuer.token(aud="x", client_id=AUDIENCE),
    "an audience that holds ours": lambda issuer: issuer.token(aud=f"{AUDIENCE} x"),
    "for nothing": lambda issuer: issuer.token(aud=[]),
    "alg none": lambda issuer: unsigned(issuer, "none"),
    "alg None": lambda issuer: unsigned(issuer, "NoNe"),
    "no signature": lambda issuer: unsigned(issuer, "RS256"),
    "HS256 by the public key": lambda issuer: by_hmac(issuer, public_pem()),
    "HS256 by the key as it is published": lambda issuer: by_hmac(
        issuer, json.dumps(jwk("rsa", rsa_key("rsa"))).encode()
    ),
    "HS256, said to be RS256": lambda issuer: by_hmac(issuer, public_pem(), "RS256"),
    "another key under a known name": lambda issuer: issuer.token(key=rsa_key("stranger")),
    "another algorithm's key": lambda issuer: issuer.token(key=ec_key()),
    "an unknown key": lambda issuer: issuer.token("next", key=rsa_key("stranger")),
    "no key's name": lambda issuer: jwt.encode(issuer.claims(), rsa_key("rsa"), "RS256"),
    "its own key": with_its_own_key,
    "a key's name that is a path": lambda issuer: issuer.token("../../dev/null", key=rsa_key("x")),
    "tampered": tampered,
    "zeros": all_zero,
    "made for logging out": lambda issuer: issuer.token(headers={"typ": "logout+jwt"}),
    "a critical extension": lambda issuer: issuer.token(headers={"crit": ["exp"], "exp": 1}),
    "an unencoded payload": lambda issuer: issuer.token(headers={"b64": False, "crit": ["b64"]}),
    "RFC 7515, A.1": lambda _: RFC_7515_HS256,
    "RFC 7515, A.5": lambda _: RFC_7515_NONE,
    "encrypted": lambda issuer: f"{issuer.token()}.AAAA.AAAA",
    "two tokens": lambda issuer: f"{issuer.token()}, Bearer {issuer.token()}",
    "cut off": lambda issuer: issuer.token()[:-20],
    "nothing": lambda _: "",
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "other letters": lambda _: "é.ü.\udcff",
    "nested deeply": lambda _: f"{encoded(b'[' * 200_000)}.e30.AA",
    "an object for a key's name": lambda _: f"{encoded({'alg': 'RS256', 'kid': {}})}.e30.AA",
    "an end that is no number": lambda issuer: issuer.token(exp="tomorrow"),
    "no end at all": lambda issuer: issuer.token(exp=math.inf),
    "a beginning that is a list": lambda issuer: issuer.token(nbf=[]),
    "a subject that is a number": lambda issuer: issuer.token(sub=7),
    "a list for a head": lambda _: f"{encoded([])}.e30.AA",
}


@pytest.mark.parametrize("pretend", PRETENDERS.values(), ids=PRETENDERS.keys())
def test_a_token_that_proves_nothing_is_a_401(issuer: Issuer, pretend: Make) -> None:
    answer = call(pretend(issuer))

    assert code_of(answer) == (401, "token_invalid")
    challenge = answer["headers"]["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="interchange", error="invalid_token", ')
    assert challenge.isascii()


@given(garbage=st.text() | st.tuples(*[st.binary().map(encoded)] * 3).map(".".join))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_is_our_fault(issuer: Issuer, garbage: str) -> None:
    assert code_of(call(garbage))[0] == 401


def test_a_weak_key_proves_nothing(issuer: Issuer) -> None:
    issuer.keys["weak"] = key = rsa_key("weak", 1024)
    issuer.publish()
    token = jwt.PyJWT({"enforce_minimum_key_length": False})  # it warns of such a key
    with pytest.warns(match="below the minimum"):
        made = token.encode(issuer.claims(), key, "RS256", headers={"kid": "weak"})

    assert code_of(call(made)) == (401, "token_invalid")


@pytest.mark.parametrize("given", [{}, {"Authorization": "Basic YTpi"}, {"authorization": "x"}])
def test_who_sends_none_is_asked_for_one(issuer: Issuer, given: Json) -> None:
    answer = handler(request("GET", "/api/tasks/{id}", headers=given), None)

    assert code_of(answer) == (401, "token_missing")
    assert answer["headers"]["WWW-Authenticate"] == 'Bearer realm="interchange"'  # RFC 6750, 3.1


def test_two_headers_are_one_too_many(issuer: Issuer) -> None:
    event = request("GET", "/api/tasks/{id}", headers={"Authorization": f"Bearer {issuer.token()}"})
    good = event["headers"]["Authorization"]

    event["multiValueHeaders"] = {"Authorization": [good]}
    assert handler(event, None)["statusCode"] == 200
    for several in (
        {"Authorization": [good, good]},
        {"Authorization": [good], "authorization": [good]},
    ):
        event["multiValueHeaders"] = several
        assert code_of(handler(event, None)) == (401, "token_invalid")


def test_the_scheme_is_bearer_in_any_case(issuer: Issuer) -> None:
    given = {"authorization": f"bearer {issuer.token()}"}

    assert handler(request("GET", "/api/tasks/{id}", headers=given), None)["statusCode"] == 200


SCOPES: list[tuple[Json, bool]] = [
    ({"scope": "tasks:write"}, True),
    ({"scope": "openid  tasks:write email"}, True),
    ({"scope": ["tasks:write"]}, True),
    ({"scope": None, "scp": "tasks:write users:read"}, True),  # Entra
    ({"scope": None, "scp": ["users:read", "tasks:write"]}, True),  # Okta
    ({"scope": None, "roles": ["tasks:write"], "idtyp": "app"}, True),  # Entra, no user
    ({"scope": "tasks:read"}, False),
    ({"scope": "users:write"}, False),
    ({"scope": "tasks:writes"}, False),
    ({"scope": "xtasks:write"}, False),
    ({"scope": "TASKS:WRITE"}, False),
    ({"scope": "tasks:*"}, False),
    ({"scope": "billing/tasks:write"}, False),
    ({"scope": "tasks:read\ttasks:write"}, False),
    ({"scope": ""}, False),
    ({"scope": None}, False),
    ({"scope": 7}, False),
    ({"scope": [["tasks:write"]]}, False),
    ({"scope": None, "roles": ["tasks:write"]}, False),
    ({"scope": "", "roles": ["tasks:write"], "idtyp": "app"}, False),
    ({"scope": None, "scp": "", "roles": ["tasks:write"], "idtyp": "user"}, False),
]


@pytest.mark.parametrize(("claims", "passes"), SCOPES, ids=str)
def test_a_route_takes_its_scope_and_no_other(
    issuer: Issuer, claims: Json, *, passes: bool
) -> None:
    answer = call(issuer.token(**claims), "DELETE")

    assert code_of(answer) == ((200, None) if passes else (403, "insufficient_scope"))
    if not passes:
        challenge = 'Bearer realm="interchange", error="insufficient_scope", scope="tasks:write"'
        assert answer["headers"]["WWW-Authenticate"] == challenge


def test_scopes_may_have_a_prefix(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SCOPE_PREFIX", "interchange/")

    assert call(issuer.token(scope="interchange/tasks:read"))["statusCode"] == 200
    for other in ("tasks:read", "billing/tasks:read"):
        assert code_of(call(issuer.token(scope=other))) == (403, "insufficient_scope")


def test_there_may_be_several_audiences(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_AUDIENCE", "one,two")

    assert call(issuer.token(aud="two"))["statusCode"] == 200
    assert call(issuer.token(aud="one,two"))["statusCode"] == 401


def test_without_an_audience_nobody_passes(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_AUDIENCE", "")

    for audience in (AUDIENCE, "", [""], None):
        assert code_of(call(issuer.token(aud=audience))) == (401, "token_invalid")


@pytest.mark.parametrize("path", ["/health", "/docs", "/webhooks/{source}", "/{proxy+}"])
def test_an_open_route_stays_open(issuer: Issuer, path: str) -> None:
    assert call(None, "POST", path)["statusCode"] == 200
    assert issuer.server.received == []


def test_a_route_of_no_family_is_closed(issuer: Issuer) -> None:
    assert code_of(call(issuer.token(), "GET", "/new")) == (500, "internal_error")


def test_without_an_issuer_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JWT_ISSUER", raising=False)
    assert call(None)["statusCode"] == 200

    monkeypatch.setenv("JWT_ISSUER", "")
    assert call(None)["statusCode"] == 200


def test_without_an_issuer_nothing_is_loaded_for_it() -> None:
    paths = [str(ROOT / "functions"), str(ROOT / "layers/interchange")]
    code = f"""
import sys; sys.path[:0] = {paths}
from interchange import http
http.endpoint(lambda event, context: http.response(200, {{}}))(
    {request("GET", "/api/tasks")!r}, None)
assert not {{"jwt", "cryptography", "interchange.tokens"}} & sys.modules.keys()
"""

    subprocess.run([sys.executable, "-c", code], env={}, check=True, capture_output=True)


def test_while_no_keys_can_be_had_a_caller_is_told_to_come_back(issuer: Issuer) -> None:
    issuer.server.behaviours["/keys"] = answering(500)

    answer = call(issuer.token())

    assert code_of(answer) == (503, "token_keys_unavailable")
    assert json.loads(answer["body"])["retryable"] is True
    assert answer["headers"]["Retry-After"] == "5"


def test_an_environment_asks_once_for_its_keys(issuer: Issuer) -> None:
    for _ in range(5):
        assert call(issuer.token())["statusCode"] == 200
        assert call(issuer.token("unheard-of", key=rsa_key("stranger")))["statusCode"] == 401

    asked = [each.path for each in issuer.server.received]
    assert asked == ["/.well-known/openid-configuration", "/keys"]


def test_garbage_makes_nobody_ask_the_issuer(issuer: Issuer) -> None:
    for name in ("alg none", "HS256 by the public key", "no key's name", "garbage"):
        call(PRETENDERS[name](issuer))

    assert issuer.server.received == []


def test_no_log_has_anything_of_a_token(issuer: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    made = [issuer.token(), *(make(issuer) for make in PRETENDERS.values())]
    for each in made:
        call(each)

    logged = capsys.readouterr().out
    assert "token_invalid" in logged
    parts = {part for each in made for part in each.split(".") if len(part) > 10}
    assert not any(part in logged for part in parts)
    assert "caller-7" not in logged


def test_what_is_granted_needs_no_library_to_be_read() -> None:
    assert tokens.granted({"scope": "a b"}) == {"a", "b"}
