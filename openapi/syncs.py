"""What callers get of the catalogue's synchronisations, as types."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field

from openapi.resources import Code, Count, JobId, NextPageToken, Timestamp, Version, closed


@closed
class SyncFailure(TypedDict):
    """Why a run has failed, or why it has deleted nothing."""

    code: Code
    detail: str


@closed
class SyncCounts(TypedDict):
    """What became of the feed's rows so far, and how many products it has no longer."""

    total: Count
    created: Count
    updated: Count
    unchanged: Count
    deleted: Count
    failed: Count


@closed
class SyncProgress(TypedDict):
    """How far a run is; how many rows there are is known of a feed that is read whole."""

    rows: Annotated[int, Field(ge=0)] | None
    rows_done: Count
    rows_per_second: Annotated[float, Field(ge=0)] | None
    seconds_left: Annotated[float, Field(ge=0)] | None


@closed
class FeedRowFailure(TypedDict):
    """One fault of one row; `id` is null where none can be read, `column` for the whole row."""

    row: Annotated[int, Field(ge=1)]
    id: str | None
    column: str | None
    code: Code
    detail: str


@closed
class SyncSummary(TypedDict):
    """A synchronisation of the catalogue with its feed."""

    id: JobId
    status: Literal[
        "planning",
        "running",
        "finishing",
        "completed",
        "completed_with_errors",
        "failed",
        "cancelled",
    ]
    mode: Literal["full", "incremental"]
    trigger: Literal["schedule", "request"]
    allow_shrink: bool
    from_start: bool
    not_modified: Annotated[bool, Field(description="The feed said that it has not changed")]
    created_at: Timestamp
    ended_at: NotRequired[Timestamp]
    expires_at: Timestamp
    error: NotRequired[SyncFailure]
    version: Version
    counts: SyncCounts


@closed
class Sync(SyncSummary):
    """A synchronisation, with its progress and its first hundred errors."""

    progress: SyncProgress
    errors: Annotated[list[FeedRowFailure], Field(max_length=100)]


@closed
class SyncPage(TypedDict):
    """Some synchronisations, the newest first."""

    items: list[SyncSummary]
    next_page_token: NotRequired[NextPageToken]
