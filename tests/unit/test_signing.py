"""Signing as Standard Webhooks has it: the specification's vectors and the official packages."""

import base64
import json
from datetime import UTC, datetime

import pytest
import standardwebhooks
import svix
from hypothesis import given
from hypothesis import strategies as st

from webhook.delivering import signing

VECTORS = [
    (
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        "msg_loFOjxBNrRLzqYUf",
        1731705121,
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        b'{"event_type":"ping","data":{"success":true}}',
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    ),
]


@pytest.mark.parametrize(("id", "now", "secret", "body", "signature"), VECTORS)
def test_a_signature_is_the_specifications(
    id: str, now: int, secret: str, body: bytes, signature: str
) -> None:
    found = signing.headers(id, body, [secret], now=now)

    assert found == {
        "webhook-id": id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature,
    }


@given(st.dictionaries(st.text(), st.text()), st.integers(1, 4))
def test_whichever_secret_a_receiver_knows_it_verifies(data: dict[str, str], many: int) -> None:
    secrets = [signing.new_secret() for _ in range(many)]
    body = json.dumps(data).encode()

    headers = signing.headers("evt_1", body, secrets, now=int(datetime.now(UTC).timestamp()))

    for secret in secrets:
        standardwebhooks.Webhook(secret).verify(body, headers)
        svix.webhooks.Webhook(secret).verify(body, headers)
    with pytest.raises(standardwebhooks.webhooks.WebhookVerificationError):
        standardwebhooks.Webhook(signing.new_secret()).verify(body, headers)


def test_a_secret_has_a_length_that_the_specification_allows_and_is_never_twice() -> None:
    secrets = {signing.new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in secrets} == {32}
