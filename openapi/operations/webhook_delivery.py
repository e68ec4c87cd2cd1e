"""Webhook, out: customers' endpoints, and what is delivered to them."""

from openapi.operations.parts import AT, EVENT_ID, JOB_ID, Answer, Body, Operation, link

_TAG = "Webhook delivery"
_ENDPOINT_ID = "ep_0192f0c1a2b37c4d8e5f60718293a4b8"
_DELIVERY_ID = "dlv_0192f0c1a2b37c4d8e5f60718293a4b9"
_SECRET = {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDxgY8gYHF1LA="}
_WANTED = {
    "url": "https://hooks.example.com/interchange",
    "topics": ["payment-events"],
    "filters": [
        {"any": [{"prefix": {"type": "stripe.invoice."}}, {"suffix": {"type": ".failed"}}]}
    ],
    "data_equals": {"/data/object/currency": "eur"},
    "rate_limit": 20,
    "ordered": False,
}
_ENDPOINT = {
    "id": _ENDPOINT_ID,
    **_WANTED,
    "description": "",
    "types": [],
    "metadata": {},
    "header_names": [],
    "status": "active",
    "created_at": AT,
    "updated_at": AT,
    "version": 1,
}
_DISABLED = _ENDPOINT | {
    "status": "disabled",
    "disabled_reason": "gone",
    "disabled_at": AT,
    "version": 2,
}
_DELIVERY = {
    "id": _DELIVERY_ID,
    "endpoint_id": _ENDPOINT_ID,
    "event_id": EVENT_ID,
    "event_type": "stripe.invoice.paid",
    "topic": "payment-events",
    "status": "retry_wait",
    "attempts": 1,
    "last_error": {"error_class": "server_error", "status_code": 500, "at": AT},
    "created_at": AT,
    "due_at": AT,
    "version": 3,
}
_ATTEMPT = {
    "number": 1,
    "at": AT,
    "millis": 84,
    "status_code": 500,
    "error_class": "server_error",
    "response": "Internal Server Error",
}
_REPLAY = {
    "id": JOB_ID,
    "endpoint_id": _ENDPOINT_ID,
    "status": "running",
    "since": AT,
    "statuses": ["exhausted", "skipped"],
    "progress": {"seen": 200, "replayed": 37},
    "created_at": AT,
    "version": 3,
}
_UNCHANGED = Answer("What the caller has is what there is.", headers=("ETag", "CacheControl"))
_OF_ENDPOINT = {
    name: link(name, {"id": "$response.body#/id"})
    for name in (
        *("get_endpoint", "update_endpoint", "delete_endpoint", "get_endpoint_secret"),
        *("rotate_endpoint_secret", "try_endpoint", "replay_endpoint"),
    )
}
_PAGES = ("PageSize", "PageToken")

OPERATIONS = {
    ("post", "/webhook-endpoints"): Operation(
        "create_endpoint",
        _TAG,
        "Every event that matches is POSTed to the URL as a CloudEvent, signed as Standard Webhooks"
        " v1 with a secret that is shown here and by its own route alone. Only addresses of the"
        " public internet are called. With `ordered` the events of one key, of an ordered topic,"
        " come one after another: each waits until the one before it is delivered or given up.",
        {
            201: Answer(
                "The endpoint, which gets events from now on, and its secret.",
                Body("CreatedEndpoint", {"created": _ENDPOINT | _SECRET}),
                ("ETag", "Location", "IdempotentReplayed"),
                _OF_ENDPOINT,
            )
        },
        ("IdempotencyKey",),
        Body("NewEndpoint", {"some payments": _WANTED}),
    ),
    ("get", "/webhook-endpoints"): Operation(
        "list_endpoints",
        _TAG,
        "All endpoints, in an order that stays the same.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("EndpointPage", {"last page": {"items": [_ENDPOINT]}}),
                ("CacheControl",),
                {"next": link("list_endpoints", {"page_token": "$response.body#/next_page_token"})},
            )
        },
        _PAGES,
    ),
    ("get", "/webhook-endpoints/{id}"): Operation(
        "get_endpoint",
        _TAG,
        "Of the headers that are sent along only the names are shown.",
        {
            200: Answer(
                "The endpoint.", Body("Endpoint", {"active": _ENDPOINT}), ("ETag", "CacheControl")
            ),
            304: _UNCHANGED,
        },
        ("Id", "IfNoneMatch"),
    ),
    ("patch", "/webhook-endpoints/{id}"): Operation(
        "update_endpoint",
        _TAG,
        "What is not named stays. `status` enables an endpoint again, or disables it: events are"
        " then kept as `skipped`, and can be replayed.",
        {200: Answer("As it is now.", Body("Endpoint", {"disabled": _DISABLED}), ("ETag",))},
        ("Id", "IfMatchRequired"),
        Body("EndpointChange", {"enable again": {"status": "active"}}),
    ),
    ("delete", "/webhook-endpoints/{id}"): Operation(
        "delete_endpoint",
        _TAG,
        "Its deliveries are erased in the background.",
        {204: Answer("Deleted.")},
        ("Id", "IfMatchRequired"),
    ),
    ("get", "/webhook-endpoints/{id}/secret"): Operation(
        "get_endpoint_secret",
        _TAG,
        "What the receiver verifies with.",
        {
            200: Answer(
                "The secret.",
                Body("EndpointSecret", {"one": _SECRET | {"former": []}}),
                ("CacheControl",),
            )
        },
        ("Id",),
    ),
    ("post", "/webhook-endpoints/{id}/secret/rotations"): Operation(
        "rotate_endpoint_secret",
        _TAG,
        "For 24 hours the former secret signs beside the new one: replace it at the receiver in the"
        " meantime.",
        {
            201: Answer(
                "The new secret.",
                Body("EndpointSecret", {"overlapping": _SECRET | {"former": [{"until": AT}]}}),
                ("CacheControl", "IdempotentReplayed"),
            )
        },
        ("Id", "IdempotencyKey"),
    ),
    ("post", "/webhook-endpoints/{id}/tests"): Operation(
        "try_endpoint",
        _TAG,
        "One signed delivery of an event of yours, at once, whether it matches or not. It is not"
        " kept, not tried again, and says nothing of the endpoint's health. A `source` is for the"
        " endpoint's filters alone: the receiver sees that it is a test.",
        {
            200: Answer(
                "What would match, and what came back.",
                Body(
                    "Trial",
                    {
                        "taken": {
                            "event_id": EVENT_ID,
                            "matches": True,
                            "attempt": {
                                "delivered": True,
                                "millis": 84,
                                "status_code": 200,
                                "response": "ok",
                            },
                        }
                    },
                ),
                ("IdempotentReplayed",),
            )
        },
        ("Id", "IdempotencyKey"),
        Body("TriedEvent", {"payment": {"topic": "payment-events", "data": {"amount": 1999}}}),
    ),
    ("post", "/webhook-endpoints/{id}/replays"): Operation(
        "replay_endpoint",
        _TAG,
        "Makes everything that failed or was skipped since a time due again, with a whole table of"
        " attempts and the same `webhook-id`.",
        {
            202: Answer(
                "The job; follow it.",
                Body("EndpointReplay", {"running": _REPLAY}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {
                    "follow": link(
                        "get_endpoint_replay",
                        {"id": "$request.path.id", "job_id": "$response.body#/id"},
                    )
                },
            )
        },
        ("Id", "IdempotencyKey"),
        Body("NewEndpointReplay", {"of today": {"since": AT}}),
    ),
    ("get", "/webhook-endpoints/{id}/replays/{job_id}"): Operation(
        "get_endpoint_replay",
        _TAG,
        "State and progress.",
        {200: Answer("The job.", Body("EndpointReplay", {"running": _REPLAY}), ("CacheControl",))},
        ("Id", "ReplayId"),
    ),
    ("get", "/webhook-deliveries"): Operation(
        "list_deliveries",
        _TAG,
        "Of an endpoint or an event the oldest first; of all in no order. A page may have fewer"
        " than are asked for: the end is the absent `next_page_token` alone.",
        {
            200: Answer(
                "A page.",
                Body("DeliveryPage", {"last page": {"items": [_DELIVERY]}}),
                ("CacheControl",),
                {
                    "next": link(
                        "list_deliveries", {"page_token": "$response.body#/next_page_token"}
                    )
                },
            )
        },
        (*_PAGES, "OfEndpoint", "OfEvent", "DeliveryStatus", "CreatedFrom", "CreatedTo"),
    ),
    ("get", "/webhook-deliveries/{id}"): Operation(
        "get_delivery",
        _TAG,
        "With every attempt: when, how long, what came back.",
        {
            200: Answer(
                "The delivery.",
                Body("WholeDelivery", {"failed once": _DELIVERY | {"tries": [_ATTEMPT]}}),
                ("CacheControl",),
            )
        },
        ("Id",),
    ),
    ("post", "/webhook-deliveries/{id}/retries"): Operation(
        "retry_delivery",
        _TAG,
        "One attempt now, with the same `webhook-id` and the current secret, even to a disabled"
        " endpoint; it says nothing of the endpoint's health.",
        {
            202: Answer(
                "The delivery is due.",
                Body("Delivery", {"due": _DELIVERY | {"status": "pending"}}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
            )
        },
        ("Id", "IdempotencyKey"),
    ),
}
