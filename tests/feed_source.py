"""A source that serves its products as a feed: whole, or in pages of what has changed since."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.architecture import Json
from tests.receiver import Behaviour, Handler, answering

COLUMNS = ("id", "name", "description", "category", "price", "currency", "updated_at")
EPOCH = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
SHOWN = ("name", "description", "category", "price", "currency")


def at(seconds: float) -> str:
    """Give a time of the source's own clock, in its own words."""
    return (EPOCH + timedelta(seconds=seconds)).isoformat()


def product(id: str, *, seconds: float = 0, **fields: Any) -> Json:
    """Make a row of a feed."""
    usual: Json = {"name": id.title(), "description": "", "category": "kitchen"}
    usual |= {"price": 100, "currency": "EUR", "updated_at": at(seconds)}
    return {"id": id, **usual, **fields}


def as_csv(rows: list[Json]) -> bytes:
    """Write rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_lines(rows: list[Json]) -> bytes:
    """Write rows as lines of JSON."""
    return "".join(f"{json.dumps(each)}\n" for each in rows).encode()


def as_array(rows: list[Json]) -> bytes:
    """Write rows as a JSON array."""
    return json.dumps(rows, indent=1).encode()


WRITERS: dict[str, tuple[Callable[[list[Json]], bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "ndjson": (as_lines, "application/x-ndjson"),
    "json": (as_array, "application/json"),
}


class Source:
    """A shop's products: rows by id, tombstones among them."""

    def __init__(self, *rows: Json, format: str = "json", page: int = 500) -> None:
        self.rows = {each["id"]: each for each in rows}
        self.format, self.page = format, page
        self.asked: list[dict[str, str]] = []
        self.between: Callable[[], None] = lambda: None

    def put(self, id: str, *, seconds: float, **fields: Any) -> None:
        """Create or change a product."""
        self.rows[id] = product(id, seconds=seconds, **fields)

    def delete(self, id: str, *, seconds: float) -> None:
        """Delete a product, and leave a tombstone."""
        self.rows[id] = {"id": id, "updated_at": at(seconds), "deleted": True}

    def alive(self) -> dict[str, Json]:
        """Give what the catalogue should have."""
        return {
            id: {name: row[name] for name in SHOWN}
            for id, row in self.rows.items()
            if not row.get("deleted")
        }

    def body(self) -> bytes:
        """Write all of it, as a feed that is read whole."""
        write, _ = WRITERS[self.format]
        return write([row for row in self.rows.values() if not row.get("deleted")])

    def whole(self) -> Behaviour:
        """Serve all of it, or 304 to who has it."""

        def behave(handler: Handler) -> None:
            body = self.body()
            etag = f'"{hashlib.sha256(body).hexdigest()}"'
            if handler.headers.get("if-none-match") == etag:
                answering(304, {"ETag": etag}, b"")(handler)
                return
            answering(200, {"ETag": etag, "Content-Type": WRITERS[self.format][1]}, body)(handler)

        return behave

    def pages(self) -> Behaviour:
        """Serve what has changed since, in the order of (updated_at, id)."""

        def behave(handler: Handler) -> None:
            query = parse_qs(urlsplit(handler.path).query)
            asked = {name: value for name, (value,) in query.items()}
            self.asked.append(asked)
            write, media = WRITERS[self.format]
            answering(200, {"Content-Type": media}, write(self.after(asked)))(handler)
            self.between()

        return behave

    def after(self, asked: dict[str, str]) -> list[Json]:
        """Give a page's rows."""
        since, after = asked.get("updated_since"), asked.get("after")
        found = sorted(self.rows.values(), key=_place)
        if since is not None:
            start = datetime.fromisoformat(since)
            found = [
                row
                for row in found
                if (_place(row) > (start, after) if after else _place(row)[0] >= start)
            ]
        return found[: min(self.page, int(asked["limit"]))]


def _place(row: Json) -> tuple[datetime, str]:
    return datetime.fromisoformat(row["updated_at"]), row["id"]
