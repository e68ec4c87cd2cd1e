"""What callers get of webhooks out, as types: endpoints, deliveries, replays."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field, JsonValue

from openapi.resources import Count, EventId, JobId, NextPageToken, Timestamp, Version, closed

type EndpointId = Annotated[str, Field(pattern="^ep_[0-9a-f]{32}$")]
type DeliveryId = Annotated[str, Field(pattern="^dlv_[0-9a-f]{32}$")]
type Secret = Annotated[str, Field(pattern="^whsec_[A-Za-z0-9+/]+=*$")]
type ErrorClass = Annotated[
    Literal[
        "address_forbidden",
        "client_error",
        "connect_refused",
        "dns",
        "gone",
        "protocol",
        "rate_limited",
        "redirect",
        "reset",
        "server_error",
        "timeout",
        "tls",
        "unreachable",
        "url_forbidden",
    ],
    Field(description="What went wrong"),
]
type Status = Literal[
    "queued", "pending", "running", "retry_wait", "delivered", "exhausted", "skipped"
]


@closed
class Endpoint(TypedDict):
    """A customer's server that is told of events; its secret is not shown here."""

    id: EndpointId
    url: str
    description: str
    topics: list[str]
    types: list[str]
    filters: list[dict[str, JsonValue]]
    data_equals: dict[str, JsonValue]
    rate_limit: int | None
    ordered: bool
    metadata: dict[str, str]
    header_names: list[str]
    status: Literal["active", "disabled"]
    disabled_reason: NotRequired[Literal["gone", "failing", "requested"]]
    disabled_at: NotRequired[Timestamp]
    created_at: Timestamp
    updated_at: Timestamp
    version: Version


@closed
class CreatedEndpoint(Endpoint):
    """A new endpoint, with the secret that its deliveries are signed with."""

    secret: Secret


@closed
class EndpointPage(TypedDict):
    """Some endpoints."""

    items: list[Endpoint]
    next_page_token: NotRequired[NextPageToken]


@closed
class FormerSecret(TypedDict):
    """That a former secret signs still."""

    until: Timestamp


@closed
class EndpointSecret(TypedDict):
    """What deliveries are signed with (Standard Webhooks v1), and until when others sign too."""

    secret: Secret
    former: list[FormerSecret]


@closed
class TriedAttempt(TypedDict):
    """What became of a test delivery."""

    delivered: bool
    millis: Count
    status_code: NotRequired[int]
    error_class: NotRequired[ErrorClass]
    detail: NotRequired[str]
    response: str


@closed
class Trial(TypedDict):
    """Whether an endpoint wants an event, and what it answers when it gets it."""

    event_id: EventId
    matches: bool
    attempt: TriedAttempt


@closed
class LastError(TypedDict):
    """How the last attempt failed."""

    error_class: ErrorClass
    at: Timestamp
    status_code: NotRequired[int]


@closed
class Delivery(TypedDict):
    """One event on its way to one endpoint."""

    id: DeliveryId
    endpoint_id: EndpointId
    event_id: str
    event_type: str
    topic: str
    status: Status
    reason: NotRequired[Literal["endpoint_disabled", "event_erased", "event_expired"]]
    attempts: Count
    last_error: NotRequired[LastError]
    created_at: Timestamp
    due_at: Timestamp
    ended_at: NotRequired[Timestamp]
    version: Version


@closed
class Attempt(TypedDict):
    """One attempt; `response` is at most 16 KiB of the answer's body."""

    number: Annotated[int, Field(ge=1)]
    at: Timestamp
    millis: Count
    status_code: NotRequired[int]
    error_class: NotRequired[ErrorClass]
    detail: NotRequired[str]
    manual: NotRequired[bool]
    response: str


@closed
class WholeDelivery(Delivery):
    """A delivery with every attempt."""

    tries: list[Attempt]


@closed
class DeliveryPage(TypedDict):
    """Some deliveries."""

    items: list[Delivery]
    next_page_token: NotRequired[NextPageToken]


@closed
class EndpointReplayProgress(TypedDict):
    """How many deliveries were looked at, and how many of them made due again."""

    seen: Count
    replayed: Count


@closed
class EndpointReplay(TypedDict):
    """A job that makes an endpoint's missed deliveries due again."""

    id: JobId
    endpoint_id: EndpointId
    status: Literal["running", "completed"]
    since: Timestamp
    statuses: list[Literal["exhausted", "skipped", "delivered"]]
    progress: EndpointReplayProgress
    created_at: Timestamp
    ended_at: NotRequired[Timestamp]
    version: Version
