"""Parameters and headers that operations share, by the names that they have in components."""

from typing import Any

from batch_processing import options
from batch_processing.reports import files
from interchange import conditional, pages
from message_queue.lifecycle import STATES
from openapi.resources import SLUG, TOPIC
from webhook.delivering import deliveries

type Json = dict[str, Any]

_ID = r"^[A-Za-z0-9._~:-]{1,128}$"
_TAG = r'(W/)?"[!#-~]*"'
_MORE = conditional._MOST_TAGS - 1  # noqa: SLF001 - the rule, not a copy of it
_TAGS_OR_ANY = rf"^(\*|{_TAG}(, ?{_TAG}){{0,{_MORE}}})$"
_KEY = r'^("[!#-~]{1,255}"|[!#-~]{1,255})$'
_SIGNATURE = r"^t=[1-9][0-9]{0,11}(,v1=[0-9a-f]{64})+$"
_NAME = "^[!-~]{1,128}$"
_TIME = {"type": "string", "format": "date-time"}
_MOMENT: Json = {"type": "string", "format": "date-time"}
_PRODUCT = "espresso-machine"
_TYPE = {"type": "string", "pattern": r"^[^\x00-\x1f\x7f-\x9f]{1,512}$"}
_VISIBLE = {"type": "string", "pattern": "^[!-~]{1,128}$"}
_EXAMPLE_TAG = '"1-2026-01-15T09:30:00.000Z"'


def _path(name: str, pattern: str, description: str, **more: Any) -> Json:
    schema = {"type": "string", "pattern": pattern}
    about = {"name": name, "in": "path", "required": True, "description": description}
    return {**about, "schema": schema, **more}


def _query(name: str, schema: Json, description: str, **more: Any) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _header(name: str, pattern: str, description: str, **more: Any) -> Json:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "description": description, "schema": schema, **more}


PARAMETERS: dict[str, Json] = {
    "Id": _path("id", _ID, "The resource's id."),
    "ProductId": _path("id", _ID, "The product's id.", example=_PRODUCT),
    "JobId": _path("job_id", _ID, "The import's id."),
    "SyncId": _path("job_id", _ID, "The synchronisation's id."),
    "ExportId": _path("job_id", _ID, "The export's id."),
    "NewProductId": _path(
        "id", SLUG, "The product's id, as it is to stand in its URL.", example=_PRODUCT
    ),
    "Topic": _path("topic", TOPIC, "The topic's name.", example="user-events"),
    "TopicOfCloudEvent": _query(
        "topic", {"type": "string"}, "The topic of a CloudEvent that has no attribute `topic`."
    ),
    "Source": _path("source", _ID, "The configured source's name.", example="stripe"),
    "PageSize": _query(
        "page_size",
        {
            "type": "integer",
            "minimum": 0,
            "maximum": 999_999_999,
            "default": pages.DEFAULT_SIZE,
        },
        f"How many at most; 0 means the default, and over {pages.LARGEST_SIZE} that many.",
    ),
    "PageToken": _query(
        "page_token",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        "Where to go on: the answer's `next_page_token`, with the same filters, within a day.",
    ),
    "ReplayId": _path("job_id", _ID, "The replay's id."),
    "OfEndpoint": _query(
        "endpoint_id", {"type": "string", "pattern": _ID}, "To this endpoint only."
    ),
    "OfEvent": _query("event_id", {"type": "string", "pattern": _ID}, "Of this event only."),
    "DeliveryStatus": _query(
        "status", {"type": "string", "enum": list(deliveries.STATUSES)}, "In this state only."
    ),
    "CreatedFrom": _query(
        "from", {"type": "string", "format": "date-time"}, "Accepted at this time or later."
    ),
    "CreatedTo": _query(
        "to", {"type": "string", "format": "date-time"}, "Accepted at this time or before."
    ),
    "TaskStatus": _query("status", {"type": "string", "enum": list(STATES)}, "In this state only."),
    "TaskType": _query(
        "type", {"type": "string", "pattern": "^[a-z_]{1,64}$"}, "Of this type only."
    ),
    "EnqueuedFrom": _query("from", _MOMENT, "Enqueued at this time or later."),
    "EnqueuedTo": _query("to", _MOMENT, "Enqueued before this time."),
    "Scope": _path(
        "id", _ID, "What to pause: `priority:low`, `type:http_request`.", example="priority:low"
    ),
    "Mode": _query(
        "mode",
        {"type": "string", "enum": ["create", "upsert"], "default": "create"},
        "What a row does whose user is there: fail, or change it (`user.updated`).",
    ),
    "DryRun": _query(
        "dry_run",
        {"type": "string", "enum": ["false", "true"], "default": "false"},
        "Check everything, write no user.",
    ),
    "Notify": _query(
        "notify",
        {"type": "string", "enum": ["false", "true"], "default": "false"},
        "Have users register (`user.registered`, and a welcome) instead of `user.imported`.",
    ),
    "MaxErrors": _query(
        "max_errors",
        {"type": "string", "pattern": options.PATTERN},
        "How many rows may fail, as a count or as a percentage of all rows: over it, it stops.",
    ),
    "Delimiter": _query(
        "delimiter",
        {"type": "string", "enum": list(options.DELIMITERS)},
        "What is between two fields of CSV; told by the header otherwise.",
    ),
    "Encoding": _query(
        "encoding",
        {"type": "string", "enum": list(options.ENCODINGS)},
        "The file's encoding; told by its mark otherwise, UTF-8 without one.",
    ),
    "ContentEncoding": {
        "name": "Content-Encoding",
        "in": "header",
        "description": "How the body is packed; gzip is told by its first bytes, too.",
        "schema": {"type": "string", "enum": ["gzip", "identity"]},
    },
    "Category": _query(
        "category", {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}, "Of this category only."
    ),
    "OfTopic": _query("topic", _VISIBLE, "Of this topic.", required=True),
    "Key": _query(
        "key", _TYPE, "Of this key of an ordered topic, as they are numbered; excludes the window."
    ),
    "From": _query("from", _MOMENT, "Recorded at this time or later."),
    "To": _query("to", _MOMENT, "Recorded before this time."),
    "Type": _query("type", _TYPE, "Of this type only."),
    "Order": _query(
        "order", {"type": "string", "enum": ["asc", "desc"], "default": "asc"}, "By recording."
    ),
    "ReportDate": _path("date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "The day.", example="2026-01-14"),
    "ReportForm": _query(
        "format",
        {"type": "string", "enum": list(files.MEDIA)},
        "The form; what Accept prefers otherwise, JSON without it.",
    ),
    "SubscriberName": _path("name", _ID, "The subscriber's name.", example="welcome_user"),
    "IfMatch": _header(
        "If-Match",
        _TAGS_OR_ANY,
        "Replace only what has this ETag; `*` for whatever is there.",
        example=_EXAMPLE_TAG,
    ),
    "IfMatchRequired": _header(
        "If-Match",
        _TAGS_OR_ANY,
        "Delete only what has this ETag; `*` for whatever is there.",
        required=True,
        example=_EXAMPLE_TAG,
    ),
    "IfNoneMatch": _header(
        "If-None-Match", _TAGS_OR_ANY, "The ETag of what you have.", example=_EXAMPLE_TAG
    ),
    "IfNoneMatchAny": _header("If-None-Match", r"^\*$", "`*`: create, replace nothing."),
    "IfNoneMatchLoose": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of what you have.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": _header(
        "Idempotency-Key",
        _KEY,
        "Makes sending the same request again safe, for 24 hours: it has one effect, and gets the"
        " first one's answer.",
        example="9b2f7e0c-5d0a-4c55-8a55-0f2c9f0d8a11",
    ),
    "FromSource": {
        **_query("source", {"type": "string", "pattern": _NAME}, "Of this source."),
        "required": True,
        "example": "stripe",
    },
    "OfWebhookType": _query("type", {"type": "string", "pattern": _NAME}, "Of this type only."),
    "ReceivedFrom": _query("from", _TIME, "Received at this time or after."),
    "ReceivedTo": _query("to", _TIME, "Received before this time."),
    "StripeSignature": _header(
        "Stripe-Signature",
        _SIGNATURE,
        "HMAC-SHA256 of the time, a dot and the body, in hex.",
        required=True,
    ),
    "StripeSignatureMaybe": _header(
        "Stripe-Signature",
        _SIGNATURE,
        "As of `/stripe/payment-success`, where the source's provider is Stripe.",
    ),
}


def _text(description: str, *, required: bool = True, **schema: Any) -> Json:
    return {
        "description": description,
        **({"required": True} if required else {}),
        "schema": {"type": "string", **schema},
    }


HEADERS: dict[str, tuple[str, Json]] = {
    "CacheControl": ("Cache-Control", _text("Who may keep the answer.")),
    "ContentLocation": ("Content-Location", _text("Where this form is, relative to the URL.")),
    "ETag": ("ETag", _text("Names this state of the resource.", pattern='^"[!#-~]+"$')),
    "Location": ("Location", _text("Where it is, relative to the request's URL.")),
    "LocationMaybe": (
        "Location",
        _text("Where it is, relative to the request's URL; not of an array.", required=False),
    ),
    "LocationOfUser": (
        "Location",
        _text("Where the address's user is, relative to the request's URL.", required=False),
    ),
    "RetryAfter": ("Retry-After", _text("Seconds to wait.", pattern="^[0-9]+$")),
    "RetryAfterMaybe": (
        "Retry-After",
        _text("Seconds to wait, where waiting helps.", required=False, pattern="^[0-9]+$"),
    ),
    "IdempotentReplayed": (
        "Idempotent-Replayed",
        _text("That this is the first request's answer, again.", required=False, const="true"),
    ),
    "XRequestId": ("X-Request-Id", _text("Names this request, in logs too.", minLength=1)),
    "XCorrelationId": (
        "X-Correlation-Id",
        _text("The caller's own, or the request's id: it follows what the request causes."),
    ),
    "XCorrelationIdMaybe": (
        "X-Correlation-Id",
        _text("As of a success; absent where the gateway answers.", required=False),
    ),
    "Accept": ("Accept", _text("What the route reads.", required=False)),
    "Allow": ("Allow", _text("The path's methods.")),
    "WwwAuthenticate": (
        "WWW-Authenticate",
        _text(
            "What the token lacks (RFC 6750); in AWS, X-Amzn-Remapped-WWW-Authenticate.",
            required=False,
        ),
    ),
}
SECURITY: Json = {
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "A key of the API's usage plan.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": (
            "Beside the key, where this API is deployed with an issuer of tokens: an access token"
            " with the operation's scope. Elsewhere the key is all."
        ),
    },
}


def headers(*names: str) -> Json:
    """Refer to headers by what they are called in a message."""
    return {HEADERS[name][0]: {"$ref": f"#/components/headers/{name}"} for name in names}


def parameters(*names: str) -> list[Json]:
    """Refer to parameters."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
