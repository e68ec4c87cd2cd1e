"""What callers get of daily reports, as types."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field

from openapi.resources import Code, Count, NextPageToken, Timestamp, Version, closed

type Date = Annotated[
    str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="The day, which is the id")
]
type Counts = Annotated[dict[str, Count], Field(description="How many, by name")]


@closed
class ReportPeriod(TypedDict):
    """From one local midnight up to the next, which is not in it."""

    start: Timestamp
    end: Timestamp
    time_zone: str
    hours: Annotated[Count, Field(description="23 to 25, where clocks change")]


@closed
class ReportTotals(TypedDict):
    """What days are compared by."""

    registered: Count
    imported: Count
    payments: Count
    events: Count
    deliveries: Count
    tasks: Count


@closed
class ReportFailure(TypedDict):
    """Why a day could not be counted."""

    code: Code
    detail: str


@closed
class ReportProgress(TypedDict):
    """How far the counting is."""

    step: Annotated[int, Field(ge=1)]
    rows_read: Count


@closed
class ReportJob(TypedDict):
    """The making of a day's report."""

    id: Date
    status: Literal["running", "completed", "failed"]
    run: Annotated[int, Field(ge=1, description="Counts how often it was made")]
    created_at: Timestamp
    started_at: Timestamp
    ended_at: NotRequired[Timestamp]
    made_at: NotRequired[Annotated[Timestamp, Field(description="When what can be read was made")]]
    error: NotRequired[ReportFailure]
    version: Version
    period: ReportPeriod
    progress: ReportProgress
    totals: Annotated[ReportTotals | None, Field(description="Of the last run that was completed")]
    page_url: NotRequired[
        Annotated[str, Field(description="Opens the page in a browser, for some minutes")]
    ]


@closed
class ReportPage(TypedDict):
    """Some reports."""

    items: list[ReportJob]
    next_page_token: NotRequired[NextPageToken]


@closed
class ReportedUsers(TypedDict):
    """What happened to users."""

    registered: Count
    imported: Count
    deleted: Count


@closed
class ReportedRows(TypedDict):
    """What became of the rows of the imports that have ended."""

    total: Count
    created: Count
    updated: Count
    unchanged: Count
    failed: Count
    unprocessed: Count


@closed
class ReportedImports(TypedDict):
    """Imports that were started; those that only checked are left out."""

    total: Count
    by_status: Counts
    rows: ReportedRows


@closed
class ReportedAmount(TypedDict):
    """What was paid in one currency."""

    currency: str
    payments: Count
    amount: Annotated[Count, Field(description="In the currency's minor unit")]


@closed
class ReportedPayments(TypedDict):
    """Payments that Stripe reported as succeeded; and whatever else is on the topic, by type."""

    received: Count
    amounts: list[ReportedAmount]
    by_type: Counts


@closed
class ReportedHour(TypedDict):
    """An hour as clocks showed it."""

    at: str
    events: Count


@closed
class ReportedEvents(TypedDict):
    """Events that were recorded."""

    total: Count
    by_topic: Counts
    by_hour: list[ReportedHour]


@closed
class ReportedDeliveries(TypedDict):
    """Deliveries of webhooks to customers."""

    total: Count
    attempts: Count
    by_status: Counts


@closed
class ReportedTasks(TypedDict):
    """Tasks that were enqueued."""

    total: Count
    by_status: Counts
    by_type: dict[str, Counts]


@closed
class ReportedDay(TypedDict):
    """A day of the week before, or the day itself; null where a day has no report."""

    id: Date
    registered: Count | None
    imported: Count | None
    payments: Count | None
    events: Count | None
    deliveries: Count | None
    tasks: Count | None


@closed
class Report(TypedDict):
    """What came to be on a day, as it stood when the report was made."""

    id: Date
    run: Annotated[int, Field(ge=1)]
    made_at: Timestamp
    period: ReportPeriod
    users: ReportedUsers
    imports: ReportedImports
    payments: ReportedPayments
    events: ReportedEvents
    deliveries: ReportedDeliveries
    tasks: ReportedTasks
    week: list[ReportedDay]


GOT = (Report, ReportJob, ReportPage)
