import shutil
import subprocess

import pytest
import stripe

from local.guide import signed_curl
from tests.unit.local.test_stack import stack_on

# Stands in for curl: prints the signature's header and the body, which come last.
CURL = 'curl() { while [ $# -gt 3 ]; do shift; done; printf "%s\\n%s" "$1" "$3"; }\n'


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the pasted command signs by openssl")
def test_the_pasted_webhook_call_is_signed_as_stripe_signs() -> None:
    script = CURL + signed_curl(stack_on(4566))
    printed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    header, body = printed.stdout.split("\n", 1)
    signature = header.removeprefix("stripe-signature: ")
    event = stripe.Webhook.construct_event(body, signature, "whsec_1")
    assert event["id"] == "evt_by_hand"
