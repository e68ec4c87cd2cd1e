"""Webhook: what other systems call; they prove themselves by signature."""

from openapi.operations.parts import EVENT_ID, Answer, Body, Operation, link

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
        "Any configured source, with its provider's own headers. The signature is over the body's"
        " bytes as sent.",
        _ANSWERS,
        ("Source", "StripeSignatureMaybe"),
        _BODY,
    ),
}
