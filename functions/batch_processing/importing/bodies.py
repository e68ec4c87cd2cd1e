"""Read the body of a request that brings rows: CSV, JSON or lines of JSON, gzip or not."""

from typing import NamedTuple

from batch_processing.formats import converting, json_array
from batch_processing.formats.planning import Unplannable
from interchange import http
from interchange.errors import BadRequest, ContentTooLarge, UnsupportedMediaType

CSV, NDJSON = "text/csv", "application/x-ndjson"
FORMATS = {CSV: "csv", NDJSON: "ndjson", http.JSON: "ndjson"}

# The gateway hands Lambda at most 6 MB, and the bytes arrive in base64.
LARGEST = 4_500_000


class Body(NamedTuple):
    """Rows as they are to be kept, and how they are written."""

    format: str
    data: bytes


def read(event: http.Event) -> Body:
    """Give the rows as they were sent; a JSON array's elements as lines, for a worker to cut."""
    media = http.require_media_type(event, *FORMATS)
    coding = http.headers(event).get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip"}:
        detail = "This route reads gzip, or what is not encoded."
        raise UnsupportedMediaType(detail, headers={"Accept-Encoding": "gzip"})
    data = http.raw_body(event, limit=LARGEST)
    if not data:
        raise BadRequest("The body is empty; send a file with rows.", code="body_empty")
    return Body(FORMATS[media], _lines(data) if media == http.JSON else data)


def _lines(data: bytes) -> bytes:
    try:
        plain = _unpacked(data) if converting.is_gzip(data) else data
        lines = [f"{each}\n" for each in json_array.elements(plain.decode())]
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, not an array
        detail = "The body is not a JSON array in UTF-8."
        raise BadRequest(detail, code="malformed_json") from error
    return "".join(lines).encode()


def _unpacked(data: bytes) -> bytes:
    found = bytearray()
    try:
        for block in converting.gunzipped(iter([data])):
            found += block
            if len(found) > LARGEST:
                detail = f"A JSON array has up to {LARGEST} bytes, unpacked."
                raise ContentTooLarge(detail)
    except Unplannable as fault:
        raise BadRequest(fault.detail, code="gzip_malformed") from fault
    return bytes(found)
