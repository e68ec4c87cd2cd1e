"""What callers get, as types: the code answers with plain dicts, and tests hold those to these."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import ConfigDict, Field, JsonValue, with_config

from interchange.products import Category, Currency, Name
from interchange.validation import EmailAddress

TOPIC = r"^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$"
SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"
_PROBLEM = r"^urn:interchange:problem:[a-z_]+$"
_CODE = r"^[a-z_]+$"
_TRACEPARENT = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"

closed = with_config(ConfigDict(extra="forbid"))

type Slug = Annotated[str, Field(pattern=SLUG)]
type UserId = Annotated[str, Field(pattern="^usr_[0-9a-f]{32}$")]
type EventId = Annotated[str, Field(pattern="^evt_[0-9a-f]{32}$")]
type JobId = Annotated[str, Field(pattern="^job_[0-9a-f]{32}$")]
type ReplayId = Annotated[str, Field(pattern="^rpl_[0-9a-f]{32}$")]
type TaskId = Annotated[str, Field(pattern="^tsk_[0-9a-f]{32}$")]
type ScheduleId = Annotated[str, Field(pattern="^sch_[0-9a-f]{32}$")]
type RedriveId = Annotated[str, Field(pattern="^swp_[0-9a-f]{32}$")]
type Timestamp = Annotated[
    str, Field(description="RFC 3339 in UTC", json_schema_extra={"format": "date-time"})
]
type Version = Annotated[int, Field(ge=1, description="Counts the changes")]
type Count = Annotated[int, Field(ge=0)]
type NextPageToken = Annotated[
    str, Field(min_length=1, description="Where to go on; absent at the end")
]
type Code = Annotated[str, Field(pattern=_CODE, description="Stable, for programs")]


@closed
class FieldError(TypedDict):
    """One broken rule."""

    detail: str
    pointer: Annotated[str, Field(description="A JSON pointer (RFC 6901) into the request body")]


@closed
class Problem(TypedDict):
    """Why a request was refused, or failed: problem details (RFC 9457)."""

    type: Annotated[str, Field(pattern=_PROBLEM)]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="For people; programs read `code`")]
    instance: Annotated[str, Field(pattern="^urn:uuid:")]
    code: Code
    request_id: Annotated[str, Field(description="The same as X-Request-Id; logs have it")]
    retryable: Annotated[bool, Field(description="Whether the same request may succeed later")]
    errors: NotRequired[list[FieldError]]


@closed
class Product(TypedDict):
    """An item of the catalogue."""

    id: Slug
    name: Name
    description: Annotated[str, Field(max_length=5000)]
    category: Category
    price: Annotated[int, Field(ge=0, description="In the currency's minor unit")]
    currency: Annotated[Currency, Field(description="ISO 4217")]
    stock: Count
    created_at: Timestamp
    updated_at: Timestamp
    feed_updated_at: NotRequired[
        Annotated[Timestamp, Field(description="The feed's own time; of the feed's products alone")]
    ]
    version: Version


@closed
class ProductPage(TypedDict):
    """Some products."""

    items: list[Product]
    next_page_token: NotRequired[NextPageToken]


@closed
class Inventory(TypedDict):
    """How much of a product there is."""

    product_id: Slug
    stock: Count


@closed
class Adjustment(TypedDict):
    """A change of a product's stock, and why."""

    product_id: Slug
    id: Annotated[str, Field(pattern="^adj_[0-9a-f]{32}$")]
    delta: int
    reason: str
    created_at: Timestamp


@closed
class User(TypedDict):
    """Somebody who registered, or whom an import created."""

    id: UserId
    email: EmailAddress
    name: str
    created_at: Timestamp
    version: Version


@closed
class UserPage(TypedDict):
    """Some users."""

    items: list[User]
    next_page_token: NotRequired[NextPageToken]


@closed
class PublishedEvent(TypedDict):
    """What SNS has taken."""

    id: EventId
    topic: str
    duplicate: NotRequired[Annotated[Literal[True], Field(description="It was published before")]]


@closed
class TakenEntry(PublishedEvent):
    """An entry of an array that SNS has taken."""

    status: Literal[202]


@closed
class RefusedEntry(Problem):
    """An entry of an array that was not published, and why."""


@closed
class PublishedEvents(TypedDict):
    """Each entry's fate, in the order of the entries."""

    items: list[TakenEntry | RefusedEntry]


@closed
class Topic(TypedDict):
    """A topic."""

    id: Annotated[str, Field(pattern=TOPIC)]
    description: str
    schema: Annotated[
        dict[str, JsonValue] | None, Field(description="What each payload must satisfy")
    ]
    ordered: Annotated[bool, Field(description="Whether each event has a key")]
    created_at: Timestamp
    updated_at: Timestamp
    version: Version


@closed
class TopicPage(TypedDict):
    """Some topics."""

    items: list[Topic]
    next_page_token: NotRequired[NextPageToken]


_LINE = r"[^\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]{1,512}$"
type _Text = Annotated[str, Field(json_schema_extra={"pattern": f"^{_LINE}"})]
_FOREIGN = {"pattern": rf"^(?!/api/|/events/|/webhooks/){_LINE}"}


@with_config(
    ConfigDict(
        extra="allow",
        json_schema_extra={
            "not": {"required": ["data", "data_base64"]},
            "propertyNames": {"pattern": "^([a-z0-9]{1,64}|data_base64)$"},
            "additionalProperties": {"type": ["boolean", "null"]},
        },
    )
)
class CloudEvent(TypedDict):
    """A CloudEvent (1.0) as its publisher sends it; extensions pass on as they are."""

    specversion: Literal["1.0"]
    id: _Text
    source: Annotated[str, Field(json_schema_extra=_FOREIGN)]
    type: _Text
    topic: Annotated[
        str, Field(pattern=TOPIC, description="May stand in the query instead: `?topic=`")
    ]
    subject: NotRequired[_Text]
    time: NotRequired[Timestamp]
    partitionkey: NotRequired[_Text]
    datacontenttype: NotRequired[_Text]
    dataschema: NotRequired[_Text]
    data: NotRequired[JsonValue]
    data_base64: NotRequired[
        Annotated[str, Field(pattern=r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==)?$")]
    ]


@with_config(
    ConfigDict(
        extra="allow",
        json_schema_extra={"oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}]},
    )
)
class Event(TypedDict):
    """A CloudEvent (1.0, structured JSON); `data` and extensions are the publisher's own."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: NotRequired[str]
    time: Timestamp
    topic: str
    partitionkey: NotRequired[Annotated[str, Field(description="The publisher's key")]]
    orderingkey: NotRequired[Annotated[str, Field(description="The key, on an ordered topic")]]
    recordedtime: Annotated[Timestamp, Field(description="When it was taken")]
    recordid: NotRequired[
        Annotated[EventId, Field(description="The log's id, where `id` is its publisher's own")]
    ]
    replayid: NotRequired[Annotated[str, Field(description="Which replay sent it again")]]
    correlationid: str
    traceparent: Annotated[str, Field(pattern=_TRACEPARENT)]
    datacontenttype: str
    dataschema: NotRequired[str]
    data: NotRequired[JsonValue]
    data_base64: NotRequired[str]


@with_config(
    ConfigDict(
        extra="allow",
        json_schema_extra={
            "oneOf": [
                {"required": ["data"]},
                {"required": ["data_base64"]},
                {"required": ["event_url"]},
            ]
        },
    )
)
class ListedEvent(Event):
    """A CloudEvent; a large one comes without its data, and says where it is whole."""

    event_url: NotRequired[Annotated[str, Field(description="Relative to the request's URL")]]


@closed
class EventPage(TypedDict):
    """Some of a topic's events, in the order in which they were recorded."""

    items: list[ListedEvent]
    next_page_token: NotRequired[NextPageToken]


@closed
class SubscriptionFilter(TypedDict):
    """What a subscriber takes; everything where it names nothing."""

    topic: NotRequired[list[str]]
    type: NotRequired[list[str]]


@closed
class Depth(TypedDict):
    """How many messages a queue has, as SQS counts them: some seconds late."""

    waiting: Count
    in_flight: Count
    delayed: Count


@closed
class Subscriber(TypedDict):
    """Who gets events, and how it is doing."""

    name: str
    filter: SubscriptionFilter
    queue: Depth
    dead_letters: Count


@closed
class SubscriberList(TypedDict):
    """All subscribers."""

    items: list[Subscriber]


@closed
class RedrivenLetters(TypedDict):
    """How many dead letters went back to the subscriber, and how many are left."""

    moved: Count
    left: Count


@closed
class ReceivedWebhook(TypedDict):
    """What was kept of a webhook, or that it was kept before."""

    id: Annotated[str, Field(pattern="^rcv_[0-9a-f]{32}$")]
    event_id: EventId
    status: Literal["accepted", "duplicate"]


type ReceivedId = Annotated[str, Field(pattern="^rcv_[0-9a-f]{32}$")]


@closed
class ReceivedSummary(TypedDict):
    """A webhook as it was received, without its headers and its body."""

    id: ReceivedId
    event_id: EventId
    source: str
    topic: str
    type: Annotated[str, Field(description="`<provider>.<type>`")]
    media: Annotated[str, Field(description="Its Content-Type, without parameters")]
    size: Annotated[int, Field(ge=0, description="Of the body, in bytes")]
    received_at: Timestamp
    replayed_at: NotRequired[Timestamp]
    replay_id: NotRequired[Annotated[str, Field(pattern="^rpl_[0-9a-f]{32}$")]]
    version: Version


@closed
class Received(ReceivedSummary):
    """A webhook as it was received; of its headers those that matter, never a signature."""

    headers: dict[str, str]
    body_encoding: Annotated[
        Literal["json", "text", "base64"],
        Field(description="How to read `body`; over 300,000 bytes always base64"),
    ]
    body: JsonValue


@closed
class ReceivedPage(TypedDict):
    """Some received webhooks."""

    items: list[ReceivedSummary]
    next_page_token: NotRequired[NextPageToken]


@closed
class Health(TypedDict):
    """That requests reach the code."""

    status: Literal["ok"]
