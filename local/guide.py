"""Tell a person how to use the running stack by hand."""

import json
import shlex

from local.stack import FILE, Stack

JSON = "content-type: application/json"
STRIPE_EVENT = json.dumps(
    {
        "id": "evt_by_hand",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_by_hand", "object": "payment_intent", "amount": 1999}},
    }
)
CALLS = (
    ("Request-Response", "GET", "/api/products/espresso-machine", None, None),
    (
        "Publish-Subscribe",
        "POST",
        "/events/publish",
        JSON,
        '{"topic": "user-events", "payload": {"userId": "123"}}',
    ),
    (
        "Batch Processing",
        "POST",
        "/api/users/batch",
        "content-type: text/csv",
        "email,name\nada@example.com,Ada\n",
    ),
    (
        "Message Queue",
        "POST",
        "/api/tasks/enqueue",
        JSON,
        '{"type": "email_notification", "recipient": "user@example.com", "subject": "Welcome!"}',
    ),
    ("All together", "POST", "/api/users", JSON, '{"email": "grace@example.com", "name": "Grace"}'),
)


def print_guide(stack: Stack) -> None:
    """Print the address, the key, and a call per pattern that can be pasted into a shell."""
    print(f"\nBase URL   {stack.base_url}")
    print(f"API key    {stack.api_key}")
    print(f"E-mails    {stack.mail_url}")
    print(f"Programs   read all of this in {FILE.parent.name}/{FILE.name}")
    for pattern, method, path, media_type, body in CALLS:
        print(f"\n# {pattern}\n{curl(stack, method, path, media_type, body)}")
    print(f"\n# Webhook, signed as Stripe signs\n{signed_curl(stack)}")


def curl(stack: Stack, method: str, path: str, media_type: str | None, body: str | None) -> str:
    """Write a call as a command."""
    words = ["curl", "-i", "-X", method, stack.base_url + path, "-H", f"x-api-key: {stack.api_key}"]
    if media_type and body:
        words += ["-H", media_type, "--data-binary", body]
    return shlex.join(words)


def signed_curl(stack: Stack) -> str:
    """Write the webhook's call; the shell computes the signature, which holds for five minutes."""
    url = shlex.quote(f"{stack.base_url}/stripe/payment-success")
    secret = shlex.quote(stack.webhook_secrets["stripe"])
    sign = f"openssl dgst -sha256 -hmac {secret} | sed 's/.* //'"
    return (
        f"body={shlex.quote(STRIPE_EVENT)} now=$(date +%s)\n"
        f"""signature=$(printf '%s.%s' "$now" "$body" | {sign})\n"""
        f"curl -i {url} -H '{JSON}' "
        """-H "stripe-signature: t=$now,v1=$signature" --data-binary "$body\""""
    )
