"""Take an export of users on: its job and its segments are committed, their stream starts them."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from batch_processing.exporting import export_progress, exports, segments
from batch_processing.exporting.selection import COLUMNS, IMPORTABLE, Column
from interchange import aws, clock, config, http, idempotency
from interchange.errors import UnprocessableContent
from interchange.observability import count
from interchange.store import Item
from interchange.validation import Body, Moment, validate


def _each_once(columns: list[Column]) -> list[Column]:
    if len(set(columns)) < len(columns):
        raise PydanticCustomError("each_once", "Must name each column once")
    return columns


Domain = Annotated[
    str, StringConstraints(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.-]+$", to_lower=True)
]


class UserFilter(Body):
    """Which users: all for whom everything that is given holds; the window is half-open."""

    created_from: Moment | None = None
    created_to: Moment | None = None
    origin: Literal["registered", "imported"] | None = None
    email_domain: Domain | None = None


class NewExport(Body):
    """What to export, and how: the columns come in the order in which they are asked for."""

    columns: Annotated[
        list[Column],
        Field(min_length=1, max_length=len(COLUMNS)),
        AfterValidator(_each_once),
    ] = IMPORTABLE
    format: Literal["csv", "ndjson"] = "csv"
    compression: Literal["gzip"] | None = None
    filter: UserFilter = UserFilter()


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str
    users_table: str
    segments: int
    export_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job once all of its rows are stored."""
    asked = _asked(validate(NewExport, http.json_body(event)))
    now = clock.now()
    expires = now + timedelta(days=settings().export_days)
    job = exports.new(
        idempotency.new_id("job", event),
        asked=asked,
        count=settings().segments,
        expected=_expected(),
        now=now,
        expires=int(expires.timestamp()),
        trace=http.trace_of(event),
    )
    job = exports.start(settings().exports_table, job)
    count("ExportStarted")
    # Relative to /api/users/exports (RFC 9110 s.10.2.2).
    headers = {"Location": f"exports/{job['job_id']}", "Retry-After": "1"}
    shown = export_progress.of(job, segments.of(job), now=now)
    return http.response(HTTPStatus.ACCEPTED, shown, headers)


def _asked(export: NewExport) -> Item:
    wanted = export.filter
    if wanted.created_from and wanted.created_to and wanted.created_from >= wanted.created_to:
        raise UnprocessableContent(
            "The window is empty.",
            errors=[{"detail": "Must be before `created_to`", "pointer": "/filter/created_from"}],
        )
    return export.model_dump() | {"filter": wanted.model_dump(exclude_none=True)}


def _expected() -> int:
    """Ask how many users there are; DynamoDB counts them every six hours or so."""
    return aws.dynamodb().describe_table(TableName=settings().users_table)["Table"]["ItemCount"]
