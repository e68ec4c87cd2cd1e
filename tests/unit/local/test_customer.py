import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
import standardwebhooks

from local import customer
from local.api import Answer, Api
from local.customer import Customer

SECRET = "whsec_" + "c2VjcmV0" * 4


class OneEndpoint(Api):
    """An API that makes one endpoint, and remembers what was asked."""

    asked: list[tuple[str, str]] = []  # noqa: RUF012 - one test's

    def call(self, method: str, path: str, *_: object, **__: object) -> Answer:
        self.asked.append((method, path))
        return Answer(201, {"id": "ep_1", "secret": SECRET}, {})  # type: ignore[arg-type]


def test_a_customer_takes_what_the_official_package_signed_and_nothing_else() -> None:
    found, now = Customer(), datetime.now(UTC)
    found.secret = SECRET
    signature = standardwebhooks.Webhook(SECRET).sign("evt_1", now, "{}")
    at = str(int(now.timestamp()))

    assert found.take("evt_2", at, signature, b"{}") == 401
    assert found.was_told("evt_2") is None
    assert found.take("evt_1", at, "v1,c29tZXRoaW5n " + signature, b"{}") == 204
    assert found.was_told("evt_1")


def test_the_server_is_there_as_long_as_its_endpoint() -> None:
    api = OneEndpoint("http://api.invalid", "key")
    with customer.subscribed(api, "payment-events") as found:
        server = found.url
        forged = {"webhook-id": "evt_1", "webhook-timestamp": str(int(time.time()))}
        request = urllib.request.Request(server, b"{}", forged | {"webhook-signature": "v1,"})
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request, timeout=5)

    assert api.asked == [("POST", "/webhook-endpoints"), ("DELETE", "/webhook-endpoints/ep_1")]
