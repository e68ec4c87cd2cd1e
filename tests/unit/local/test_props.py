import json

import stripe

from local import props


def test_the_signature_is_one_that_stripes_own_library_accepts() -> None:
    body = json.dumps(props.stripe_event("run")).encode()
    signature = props.stripe_signature("whsec_1", body)
    event = stripe.Webhook.construct_event(body, signature, "whsec_1")
    assert event["type"] == "payment_intent.succeeded"


def test_the_file_has_the_rows_that_the_story_counts() -> None:
    header, *rows = props.users_csv(lambda name: f"{name}@example.com").decode().splitlines()
    assert header == "email,name"
    assert rows[0] == "user1@example.com,User 1"
    assert rows[249] == "not-an-address,User 250"
    assert props.import_counts() == {"total": len(rows), "created": 997, "failed": 3}
