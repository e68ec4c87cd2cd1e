"""Webhook: what other systems call; they prove themselves by signature."""

from openapi.operations.parts import AT, EVENT_ID, Answer, Body, Operation, link

_TAG = "Webhook"
_KEPT = {"id": "rcv_5f0c1e1e7d3a4b0f9c2d8e6a7b1c3d5e", "event_id": EVENT_ID}
_READ = {"read": link("get_event", {"id": "$response.body#/event_id"})}

# Any JSON, and even what is none: authentic bytes are kept as they are.
_BODY = Body(
    {"description": "The provider's own event."},
    {
        "payment": {
            "id": "evt_1QK9",
            "object": "event",
            "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_1", "amount": 1999, "currency": "eur"}},
        }
    },
)
_ANSWERS = {
    200: Answer(
        "It was kept before, and makes no second event.",
        Body("ReceivedWebhook", {"duplicate": _KEPT | {"status": "duplicate"}}),
        links=_READ,
    ),
    202: Answer(
        "It is kept, and becomes an event.",
        Body("ReceivedWebhook", {"accepted": _KEPT | {"status": "accepted"}}),
        links=_READ,
    ),
}

_SUMMARY = {
    **_KEPT,
    "source": "stripe",
    "topic": "payment-events",
    "type": "stripe.payment_intent.succeeded",
    "media": "application/json",
    "size": 148,
    "received_at": AT,
    "version": 1,
}
_WHOLE = _SUMMARY | {
    "headers": {"content-type": "application/json; charset=utf-8"},
    "body_encoding": "json",
    "body": _BODY.examples["payment"],
}
_REPLAYED = _SUMMARY | {
    "replay_id": "rpl_0192f0c1a2b37c4d8e5f60718293a4b8",
    "replayed_at": AT,
    "version": 2,
}
_NEXT = {"next": link("list_received", {"page_token": "$response.body#/next_page_token"})}

OPERATIONS = {
    ("post", "/stripe/payment-success"): Operation(
        "receive_stripe_webhook",
        _TAG,
        "The source `stripe`. The signature is over the body's bytes as sent.",
        _ANSWERS,
        ("StripeSignature",),
        _BODY,
    ),
    ("post", "/webhooks/{source}"): Operation(
        "receive_webhook",
        _TAG,
        "Any configured source, with its provider's own headers and media types: Standard Webhooks,"
        " Stripe, GitHub, Shopify, Slack, Twilio, or any HMAC. The signature is over the body's"
        " bytes as sent. Slack and Twilio hear 200 in their own words where a person waits: a"
        " challenge, nothing, or empty TwiML.",
        _ANSWERS,
        ("Source", "StripeSignatureMaybe"),
        _BODY,
    ),
    ("get", "/webhooks/received"): Operation(
        "list_received",
        _TAG,
        "What a source has sent, the newest first.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("ReceivedPage", {"last page": {"items": [_SUMMARY]}}),
                ("CacheControl",),
                _NEXT,
            )
        },
        ("PageSize", "PageToken", "FromSource", "OfWebhookType", "ReceivedFrom", "ReceivedTo"),
    ),
    ("get", "/webhooks/received/{id}"): Operation(
        "get_received",
        _TAG,
        "The webhook with its body as it was sent, while it is kept.",
        {200: Answer("The webhook.", Body("Received", {"payment": _WHOLE}), ("CacheControl",))},
        ("Id",),
    ),
    ("post", "/webhooks/received/{id}/replays"): Operation(
        "replay_received",
        _TAG,
        "Its event is published again, under the same id and marked by `replayid`.",
        {
            202: Answer(
                "It is marked, and becomes an event again.",
                Body("ReceivedSummary", {"replayed": _REPLAYED}),
                ("IdempotentReplayed",),
                {"read": link("get_received", {"id": "$response.body#/id"})},
            )
        },
        ("Id", "IdempotencyKey"),
    ),
}
