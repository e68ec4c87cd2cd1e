"""Read a day's report, or the latest: as JSON, as CSV, or as a page to look at."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing.reports import files, rows
from interchange import conditional, config, http, store
from interchange.errors import BadRequest, Conflict, NotFound
from interchange.store import Item

_ENOUGH = 31  # the latest are completed, or one of the last month's is
_FORMS = {"application/json": "json", "text/csv": "csv", "text/html": "html"}
_QUALITY = re.compile(r"\s*q=(0|1|0\.[0-9]{1,3}|1\.0{1,3})\s*")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    reports_table: str
    reports_by_kind_index: str
    reports_bucket: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the report in the form asked for; while the first is made, 202 with the job."""
    form = _form(event)
    row = _latest() if event["resource"].endswith("/latest") else _named(event)
    if "made_at" not in row:
        return _not_yet(row)
    file = files.get(settings().reports_bucket, row["id"], form)
    # A run that is asked for overwrites it: a cache may keep it, but asks with the ETag each time.
    headers = {"ETag": file.etag, "Cache-Control": "private, no-cache", "Vary": "Accept"}
    headers["Content-Location"] = f"{row['id']}?format={form}"
    if conditional.is_known(event, file.etag):
        return http.response(HTTPStatus.NOT_MODIFIED, None, headers)
    headers |= {"Content-Type": files.MEDIA[form], "X-Content-Type-Options": "nosniff"}
    return http.response(HTTPStatus.OK, None, headers) | {"body": file.text}


def _not_yet(row: Item) -> http.Response:
    if row["status"] == "failed":
        detail = "The day's report could not be made; POST to it to have another try."
        raise Conflict(detail, code="report_failed")
    headers = {"Retry-After": "2", "Cache-Control": "no-store"}
    return http.response(HTTPStatus.ACCEPTED, rows.shown(row), headers)


def _named(event: http.Event) -> Item:
    row = store.get(settings().reports_table, rows.key(http.path_id(event, "date")))
    if row is None:
        raise NotFound("This day has no report.", code="report_not_found")
    return row


def _latest() -> Item:
    page = store.index_page(
        settings().reports_table,
        settings().reports_by_kind_index,
        "#kind = :kind",
        {"kind": rows.KIND},
        size=_ENOUGH,
        after=None,
        order="desc",
    )
    for each in page.items:
        if "made_at" in each:
            return each
    raise NotFound("No report has been made yet.", code="report_not_found")


def _form(event: http.Event) -> str:
    """Tell the form: what `format` says, else what the caller prefers, else JSON."""
    asked = http.query(event, "format")
    if asked is None:
        return _preferred(http.headers(event).get("accept", ""))
    if asked not in files.MEDIA:
        raise BadRequest("format is json, csv or html.", code="bad_format")
    return asked


def _preferred(accept: str) -> str:
    """Give the first of the forms that Accept likes best (RFC 9110 s.12.5.1)."""
    liked: dict[str, float] = {}
    for each in accept.split(","):
        media, _, quality = each.partition(";")
        found = _QUALITY.fullmatch(quality)
        name = _FORMS.get(media.strip().lower())
        if name is not None:
            liked.setdefault(name, float(found[1]) if found else 1.0)
    return max(liked, key=lambda name: liked[name], default="json")
