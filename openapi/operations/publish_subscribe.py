"""Publish-Subscribe: events, and their log."""

from openapi.operations.parts import AT, EVENT_ID, TRACEPARENT, Answer, Body, Operation, link

_TAG = "Publish-Subscribe"
_PAYLOAD = {"userId": "123", "email": "test@example.com"}

OPERATIONS = {
    ("post", "/events/publish"): Operation(
        "publish_events",
        _TAG,
        "The payload reaches every subscriber of the topic unaltered; `type` is the topic's name"
        " where it is not given.",
        {
            202: Answer(
                "SNS has it. The log shows it a moment later.",
                Body("PublishedEvent", {"taken": {"id": EVENT_ID, "topic": "user-events"}}),
                ("IdempotentReplayed",),
                {"read": link("get_event", {"id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body("Publication", {"user event": {"topic": "user-events", "payload": _PAYLOAD}}),
    ),
    ("get", "/events/{id}"): Operation(
        "get_event",
        _TAG,
        "An event as its subscribers got it; 404 until it is logged, and past its retention.",
        {
            200: Answer(
                "The CloudEvent.",
                Body(
                    "Event",
                    {
                        "user event": {
                            "specversion": "1.0",
                            "id": EVENT_ID,
                            "source": "/events/publish",
                            "type": "user-events",
                            "time": AT,
                            "topic": "user-events",
                            "recordedtime": AT,
                            "correlationid": "checkout-7f3a",
                            "traceparent": TRACEPARENT,
                            "datacontenttype": "application/json",
                            "data": _PAYLOAD,
                        }
                    },
                ),
            )
        },
        ("Id",),
    ),
}
