"""What callers get that take time: imports and tasks, as types."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field, JsonValue

from batch_processing.exporting.selection import Column
from openapi.resources import (
    Code,
    Count,
    JobId,
    NextPageToken,
    Problem,
    RedriveId,
    ReplayId,
    ScheduleId,
    TaskId,
    Timestamp,
    Version,
    closed,
)


@closed
class ImportFailure(TypedDict):
    """Why a file as a whole cannot be imported."""

    code: Code
    detail: str


@closed
class ImportCounts(TypedDict):
    """The rows so far; once the import has ended, all of them, each in one of the numbers."""

    total: Count
    created: Count
    updated: Count
    unchanged: Count
    failed: Count
    unprocessed: Count


@closed
class ImportFile(TypedDict):
    """How the file is read; what was detected is there once the import is planned."""

    format: Literal["csv", "ndjson"]
    bytes: Annotated[int, Field(ge=0)] | None
    compression: Literal["gzip"] | None
    encoding: str | None
    delimiter: str | None
    columns: list[str] | None


@closed
class ImportProgress(TypedDict):
    """How much of the work is done, at which rate; how much there is, the plan says."""

    chunks: Annotated[int, Field(ge=0)] | None
    chunks_done: Count
    rows_done: Count
    rows_per_second: Annotated[float, Field(ge=0)] | None
    seconds_left: Annotated[float, Field(ge=0)] | None


@closed
class RowFailure(TypedDict):
    """One fault of one row; `column` is null where the row as a whole is at fault."""

    row: Annotated[int, Field(ge=1)]
    line: Annotated[int, Field(ge=1)]
    column: str | None
    code: Code
    detail: str


type ImportStatus = Literal[
    "awaiting_upload",
    "planning",
    "running",
    "finishing",
    "completed",
    "completed_with_errors",
    "failed",
    "cancelling",
    "cancelled",
    "expired",
]


@closed
class ImportSummary(TypedDict):
    """An import of users; its counts are those of its end, zero before."""

    id: JobId
    status: ImportStatus
    mode: Literal["create", "upsert"]
    dry_run: bool
    notify: bool
    max_errors: str | None
    created_at: Timestamp
    planned_at: NotRequired[Timestamp]
    resumed_at: NotRequired[Timestamp]
    ended_at: NotRequired[Timestamp]
    expires_at: Annotated[Timestamp, Field(description="When the job and its files go")]
    error: NotRequired[ImportFailure]
    version: Version
    counts: ImportCounts


@closed
class Import(ImportSummary):
    """An import of users, with its progress and its first hundred errors."""

    file: ImportFile
    progress: ImportProgress
    errors: Annotated[list[RowFailure], Field(max_length=100)]


@closed
class ImportPage(TypedDict):
    """Some imports, the newest first."""

    items: list[ImportSummary]
    next_page_token: NotRequired[NextPageToken]


@closed
class UploadForm(TypedDict):
    """Where the file goes: a multipart form with these fields, and the file as the last one."""

    url: str
    fields: dict[str, str]
    expires_at: Timestamp


@closed
class ImportUpload(Import):
    """An import that waits for its file, and the form that brings it."""

    upload: UploadForm


@closed
class ResultFile(TypedDict):
    """A file of rows in the upload's own columns, and notes on each."""

    url: str
    rows: Count


@closed
class ImportResults(TypedDict):
    """The result files; the URLs work until `expires_at`, the files stay as long as the job."""

    id: JobId
    expires_at: Timestamp
    succeeded: ResultFile
    failed: ResultFile
    unprocessed: ResultFile


@closed
class ExportFailure(TypedDict):
    """Why an export came to nothing."""

    code: Code
    detail: str


@closed
class ExportCounts(TypedDict):
    """The users looked at: those in the file, and those that the filter left out."""

    total: Count
    exported: Count
    filtered: Count


@closed
class ExportFilter(TypedDict):
    """Which users there are in the file: all for whom everything that was given holds."""

    created_from: NotRequired[Timestamp]
    created_to: NotRequired[Timestamp]
    origin: NotRequired[Literal["registered", "imported"]]
    email_domain: NotRequired[str]


@closed
class ExportProgress(TypedDict):
    """How much of the table is read, at which rate; how much is left is a guess of DynamoDB's."""

    segments: Annotated[int, Field(ge=1)]
    segments_done: Count
    rows_done: Count
    rows_per_second: Annotated[float, Field(ge=0)] | None
    seconds_left: Annotated[float, Field(ge=0)] | None


@closed
class ExportSummary(TypedDict):
    """An export of users; its counts are those of its end, zero before."""

    id: JobId
    status: Literal["running", "finishing", "completed", "failed", "cancelled"]
    columns: list[Column]
    format: Literal["csv", "ndjson"]
    compression: Literal["gzip"] | None
    filter: ExportFilter
    created_at: Timestamp
    ended_at: NotRequired[Timestamp]
    expires_at: Annotated[Timestamp, Field(description="When the job and its file go")]
    error: NotRequired[ExportFailure]
    version: Version
    counts: ExportCounts


@closed
class Export(ExportSummary):
    """An export of users, with its progress."""

    progress: ExportProgress


@closed
class ExportPage(TypedDict):
    """Some exports, the newest first."""

    items: list[ExportSummary]
    next_page_token: NotRequired[NextPageToken]


@closed
class ExportedFile(TypedDict):
    """The file with the users; packed where that was asked for."""

    url: str
    rows: Count
    bytes: Count


@closed
class ExportResults(TypedDict):
    """The file; its URL works until `expires_at`, the file stays as long as the job."""

    id: JobId
    expires_at: Timestamp
    file: ExportedFile


@closed
class TaskFailure(TypedDict):
    """How the latest attempt failed."""

    code: Code
    detail: str
    at: Timestamp
    attempt: Annotated[int, Field(ge=1)]


@closed
class FailedAttempt(TaskFailure):
    """How an attempt failed, and when it began."""

    started_at: Timestamp


@closed
class TaskSummary(TypedDict):
    """A task in a list; what has not happened yet is absent."""

    id: TaskId
    type: str
    status: Literal[
        "scheduled",
        "queued",
        "running",
        "retry_wait",
        "succeeded",
        "dead",
        "cancelled",
        "expired",
    ]
    priority: Literal["high", "normal", "low"]
    attempts: Count
    max_attempts: Annotated[int, Field(ge=1, le=25)]
    created_at: Timestamp
    due_at: Timestamp
    expires_at: NotRequired[Timestamp]
    started_at: NotRequired[Timestamp]
    ended_at: NotRequired[Timestamp]
    cancel_requested_at: NotRequired[Timestamp]
    ordering_key: NotRequired[str]
    fairness_key: NotRequired[str]
    schedule_id: NotRequired[ScheduleId]
    error: NotRequired[TaskFailure]
    version: Version


@closed
class ReplayFailure(TypedDict):
    """Why a replay has stopped."""

    code: Code
    detail: str


@closed
class ReplayProgress(TypedDict):
    """How far a replay has come: events looked at, events sent, and the time of recording."""

    scanned: Count
    sent: Count
    position: NotRequired[Timestamp]


@closed
class Replay(TypedDict):
    """A replay of a topic's events; its window is fixed from the beginning."""

    id: ReplayId
    status: Literal["queued", "running", "completed", "failed", "cancelled"]
    topic: str
    type: NotRequired[str]
    subscriber: NotRequired[str]
    # `from` is a word of Python's.
    start: Annotated[Timestamp, Field(alias="from")]
    to: Timestamp
    events_per_second: Annotated[int, Field(ge=1)]
    created_at: Timestamp
    started_at: NotRequired[Timestamp]
    ended_at: NotRequired[Timestamp]
    error: NotRequired[ReplayFailure]
    version: Version
    progress: ReplayProgress


@closed
class ReplayPage(TypedDict):
    """Some replays, the newest first."""

    items: list[Replay]
    next_page_token: NotRequired[NextPageToken]


@closed
class Task(TaskSummary):
    """A task; `failures` are its attempts that failed, `result` is what its type gave back."""

    failures: NotRequired[Annotated[list[FailedAttempt], Field(max_length=25)]]
    progress: NotRequired[dict[str, int]]
    result: NotRequired[dict[str, JsonValue]]


@closed
class TaskPage(TypedDict):
    """Some tasks."""

    items: list[TaskSummary]
    next_page_token: NotRequired[NextPageToken]


@closed
class TakenTask(TypedDict):
    """What became of one task of an array: it was taken."""

    status: Literal[202]
    task: Task


@closed
class TaskResults(TypedDict):
    """What became of each task of an array, in its order: taken, or refused with the problem."""

    items: Annotated[list[TakenTask | Problem], Field(min_length=1, max_length=100)]


@closed
class Redrive(TypedDict):
    """A redrive of dead tasks; `moved` are those that it has queued so far."""

    id: RedriveId
    status: Literal["queued", "running", "completed"]
    type: NotRequired[str]
    moved: Count
    limit: NotRequired[Annotated[int, Field(ge=1)]]
    per_second: Annotated[int, Field(ge=1, le=1000)]
    created_at: Timestamp
    ended_at: NotRequired[Timestamp]


@closed
class Pause(TypedDict):
    """What of the queue stands still, by its type or its priority."""

    id: str
    reason: str
    paused_at: Timestamp


@closed
class PauseList(TypedDict):
    """Every pause."""

    items: list[Pause]


@closed
class Schedule(TypedDict):
    """A recurring task."""

    id: ScheduleId
    type: str
    declared_as: NotRequired[str]
    expression: str
    timezone: str
    missed: Literal["skip", "catch_up"]
    created_at: Timestamp
    next_at: Timestamp
    last_tick_at: NotRequired[Timestamp]


@closed
class SchedulePage(TypedDict):
    """Some recurring tasks."""

    items: list[Schedule]
    next_page_token: NotRequired[NextPageToken]
