"""Publish-Subscribe: events, and their log."""

from openapi.operations.parts import (
    AT,
    EVENT_ID,
    REPLAY_ID,
    TRACEPARENT,
    Answer,
    Body,
    Operation,
    link,
)

_TAG = "Publish-Subscribe"
_PAYLOAD = {"userId": "123", "email": "test@example.com"}
_TAKEN = {"id": EVENT_ID, "topic": "user-events"}
_CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "1042",
    "source": "https://shop.example.com/orders",
    "type": "com.example.order.placed",
    "topic": "orders",
    "partitionkey": "1042",
    "data": {"total": 1999},
}
_TOPIC_FIELDS = {
    "description": "What happens to orders.",
    "schema": {"type": "object", "required": ["total"]},
    "ordered": True,
}
_TOPIC = {"id": "orders", **_TOPIC_FIELDS, "created_at": AT, "updated_at": AT, "version": 1}
_EVENT = {
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
_LARGE = {name: _EVENT[name] for name in _EVENT if name != "data"}
_LARGE |= {"event_url": f"events/{EVENT_ID}"}
_TO = "2026-01-15T10:00:00.000Z"
_ASKED = {"topic": "user-events", "from": AT, "to": _TO, "subscriber": "welcome_user"}
_QUEUED = _ASKED | {
    "id": REPLAY_ID,
    "status": "queued",
    "events_per_second": 50,
    "created_at": _TO,
    "version": 1,
    "progress": {"scanned": 0, "sent": 0},
}
_COMPLETED = _QUEUED | {
    "status": "completed",
    "started_at": _TO,
    "ended_at": _TO,
    "version": 3,
    "progress": {"scanned": 60, "sent": 60, "position": _TO},
}
_CANCELLED = _COMPLETED | {
    "status": "cancelled",
    "progress": {"scanned": 50, "sent": 50, "position": AT},
}
_SUBSCRIBER = {
    "name": "welcome_user",
    "filter": {"topic": ["user-events"], "type": ["user.registered"]},
    "queue": {"waiting": 0, "in_flight": 1, "delayed": 0},
    "dead_letters": 2,
}
_OF_REPLAY = {
    "follow": link("get_replay", {"id": "$response.body#/id"}),
    "cancel": link("cancel_replay", {"id": "$response.body#/id"}),
}

OPERATIONS = {
    ("post", "/events/publish"): Operation(
        "publish_events",
        _TAG,
        "The payload reaches every subscriber of the topic unaltered; `type` is the topic's name"
        " where it is not given. An array has up to a hundred, each with a fate of its own. A"
        " CloudEvent comes structured, batched, or binary: `ce-` headers, and any media type. One"
        " `source` and `id` is one event, and is published once.",
        {
            202: Answer(
                "SNS has it, or all of an array. The log shows it a moment later.",
                Body(
                    {
                        "anyOf": [
                            {"$ref": "#/components/schemas/PublishedEvent"},
                            {"$ref": "#/components/schemas/PublishedEvents"},
                        ]
                    },
                    {"taken": _TAKEN, "all taken": {"items": [{"status": 202, **_TAKEN}]}},
                ),
                ("IdempotentReplayed",),
                {"read": link("get_event", {"id": "$response.body#/id"})},
            ),
            207: Answer(
                "SNS has some of an array; with `Retry-After`, the same again may have more.",
                Body("PublishedEvents", {"all taken": {"items": [{"status": 202, **_TAKEN}]}}),
                ("IdempotentReplayed", "RetryAfterMaybe"),
            ),
        },
        ("IdempotencyKey", "TopicOfCloudEvent"),
        (
            Body(
                {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Publication"},
                        {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/Publication"},
                            "minItems": 1,
                            "maxItems": 100,
                        },
                    ]
                },
                {"user event": {"topic": "user-events", "payload": _PAYLOAD}},
            ),
            Body("CloudEvent", {"order": _CLOUD_EVENT}, ("application/cloudevents+json",)),
            Body(
                {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/CloudEvent"},
                    "minItems": 1,
                    "maxItems": 100,
                },
                {"orders": [_CLOUD_EVENT]},
                ("application/cloudevents-batch+json",),
            ),
        ),
    ),
    ("get", "/events/topics"): Operation(
        "list_topics",
        _TAG,
        "All topics, those that are built in first.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("TopicPage", {"last page": {"items": [_TOPIC]}}),
                ("CacheControl",),
                {"next": link("list_topics", {"page_token": "$response.body#/next_page_token"})},
            )
        },
        ("PageSize", "PageToken"),
    ),
    ("get", "/events/topics/{topic}"): Operation(
        "get_topic",
        _TAG,
        "What is said of a topic.",
        {
            200: Answer("The topic.", Body("Topic", {"orders": _TOPIC}), ("ETag", "CacheControl")),
            304: Answer("You have it.", None, ("ETag", "CacheControl")),
        },
        ("Topic", "IfNoneMatch"),
    ),
    ("put", "/events/topics/{topic}"): Operation(
        "put_topic",
        _TAG,
        "Registers a topic (`If-None-Match: *`), or replaces what is said of it (`If-Match`). A"
        " schema may refer to its own parts alone; its patterns have no lookaround.",
        {
            200: Answer("Replaced.", Body("Topic", {"orders": _TOPIC}), ("ETag",)),
            201: Answer("Created.", Body("Topic", {"orders": _TOPIC}), ("ETag",)),
        },
        ("Topic", "IfMatch", "IfNoneMatchAny"),
        Body("TopicFields", {"orders": _TOPIC_FIELDS}),
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
                        "user event": _EVENT,
                    },
                ),
            )
        },
        ("Id",),
    ),
    ("get", "/events"): Operation(
        "list_events",
        _TAG,
        "A topic's events as they were recorded, or those of one key as they are numbered. A page"
        " may have fewer than it could, where few of many are of the type.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("EventPage", {"last page": {"items": [_EVENT, _LARGE]}}),
                ("CacheControl",),
                {"next": link("list_events", {"page_token": "$response.body#/next_page_token"})},
            )
        },
        ("OfTopic", "Key", "From", "To", "Type", "Order", "PageSize", "PageToken"),
    ),
    ("post", "/events/replays"): Operation(
        "start_replay",
        _TAG,
        "Sends what the log has of a window again, to all or to one subscriber, at most so many a"
        " second. Events keep their ids, so that consumers know them, and have a `replayid`.",
        {
            202: Answer(
                "The replay is kept; follow it.",
                Body("Replay", {"queued": _QUEUED}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                _OF_REPLAY,
            )
        },
        ("IdempotencyKey",),
        Body("NewReplay", {"half an hour": _ASKED}),
    ),
    ("get", "/events/replays"): Operation(
        "list_replays",
        _TAG,
        "The newest first.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("ReplayPage", {"last page": {"items": [_COMPLETED]}}),
                ("CacheControl",),
                {"next": link("list_replays", {"page_token": "$response.body#/next_page_token"})},
            )
        },
        ("PageSize", "PageToken"),
    ),
    ("get", "/events/replays/{id}"): Operation(
        "get_replay",
        _TAG,
        "State and progress.",
        {200: Answer("The replay.", Body("Replay", {"ended": _COMPLETED}), ("CacheControl",))},
        ("Id",),
    ),
    ("delete", "/events/replays/{id}"): Operation(
        "cancel_replay",
        _TAG,
        "Sends no further events; what was sent is counted.",
        {200: Answer("The replay, cancelled.", Body("Replay", {"cancelled": _CANCELLED}))},
        ("Id",),
    ),
    ("get", "/events/subscribers"): Operation(
        "list_subscribers",
        _TAG,
        "Who gets which events, how many wait for it, and how many it could not do.",
        {
            200: Answer(
                "All subscribers.",
                Body("SubscriberList", {"one": {"items": [_SUBSCRIBER]}}),
                ("CacheControl",),
            )
        },
    ),
    ("post", "/events/subscribers/{name}/redrives"): Operation(
        "redrive_subscriber",
        _TAG,
        "Gives the subscriber its dead letters again, once what killed them is mended; call again"
        " while some are left.",
        {
            200: Answer(
                "What went back.",
                Body("RedrivenLetters", {"all": {"moved": 2, "left": 0}}),
                ("IdempotentReplayed",),
            )
        },
        ("SubscriberName", "IdempotencyKey"),
    ),
}
