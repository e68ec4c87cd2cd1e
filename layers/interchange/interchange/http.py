"""HTTP at the edge: read a request, answer it, turn every error into problem details (RFC 9457)."""

import base64
import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import BotoCoreError, ClientError

from interchange import errors, observability, refusals, strict_json, trace
from interchange.observability import logger

type Event = dict[str, Any]
type Response = dict[str, Any]
type Handler = Callable[[Event, Any], Response]

_ID = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
_ID_OF_OURS = re.compile(r"[a-z]+_[0-9a-z]+")

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"

_SURE_TO_FIT = 2_000_000  # bytes of JSON, whatever is escaped in them
_FITS_IN_BASE64 = 4_600_000

_EXPOSED = "ETag, Idempotent-Replayed, Location, Retry-After, X-Correlation-Id, X-Request-Id"


def endpoint(answer: Handler) -> Handler:
    """Make a Lambda handler of `answer`: bind the trace, map errors, log one line, never raise.

    A raise would reach the caller as the gateway's bare 502.
    """
    guarded = problems(permitted(answer))

    @functools.wraps(answer)
    def handler(event: Event, context: Any) -> Response:
        request_id = event["requestContext"]["requestId"]
        caused_by = trace_of(event)
        observability.begin(correlation_id=caused_by.correlation_id, request_id=request_id)
        result = guarded(event, context)
        result["headers"] |= {
            "X-Request-Id": request_id,
            "X-Correlation-Id": caused_by.correlation_id,
            "Access-Control-Allow-Origin": os.environ.get("ALLOWED_ORIGIN", "*"),
            "Access-Control-Expose-Headers": _EXPOSED,
        }
        if event["httpMethod"] == "HEAD":
            result["body"] = ""
        logger.info(
            "Request answered",
            method=event["httpMethod"],
            route=event["resource"],
            status=result["statusCode"],
            **_made(result),
            **_measured(result["statusCode"]),
        )
        observability.flush()
        return result

    return handler


def permitted(answer: Handler) -> Handler:
    """Let `answer` see what its caller's token allows, where the template names an issuer."""

    @functools.wraps(answer)
    def asked(event: Event, context: Any) -> Response:
        if os.environ.get("JWT_ISSUER"):
            from interchange import tokens  # noqa: PLC0415 - 80 ms that nobody else waits for

            tokens.check(event)
        return answer(event, context)

    return asked


def problems(answer: Handler) -> Handler:
    """Make every error that `answer` raises an answer itself."""

    @functools.wraps(answer)
    def guarded(event: Event, context: Any) -> Response:
        try:
            return answer(event, context)
        except errors.InterchangeError as error:
            logger.warning("Request refused", code=error.code)
            return problem(error, event)
        except (ClientError, BotoCoreError) as error:
            return problem(refusal(error), event)
        except Exception:  # noqa: BLE001 - the edge: the caller gets a problem, the log its cause
            logger.exception("Request failed")
            return problem(errors.InternalError("The request could not be carried out."), event)

    return guarded


def refusal(error: ClientError | BotoCoreError) -> errors.InterchangeError:
    """Say what a caller is told of a service's failure; the log has its cause."""
    logger.exception("A service below us failed")
    if isinstance(error, ClientError) and not refusals.is_busy(error):
        return errors.InternalError("The request could not be carried out.")
    return errors.Unavailable(
        "A service that this one stands on is busy; send the same request again."
    )


def _made(result: Response) -> dict[str, str]:
    """Name what the request made, or met: the way from the caller to the row.

    Only an id of ours: the Location of a download is a secret.
    """
    last = result["headers"].get("Location", "").rpartition("/")[2]
    return {"made": last} if _ID_OF_OURS.fullmatch(last) else {}


def _measured(status: int) -> dict[str, Any]:
    """Have the one line count, too: how many, how long, and how many of them were no success."""
    figures = {"RequestMillis": observability.elapsed_ms()}
    if status >= HTTPStatus.BAD_REQUEST:
        failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        figures["RequestFailed" if failed else "RequestRefused"] = 1
    units = {name: "Milliseconds" if name == "RequestMillis" else "Count" for name in figures}
    return figures | observability.embedded(units, "service")


def response(
    status: HTTPStatus,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    media: str = JSON,
) -> Response:
    """Answer with JSON; `body` None sends no content."""
    return {
        "statusCode": int(status),
        "headers": {**({} if body is None else {"Content-Type": media}), **(headers or {})},
        "body": "" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "isBase64Encoded": False,
    }


def uncached(body: Any) -> Response:
    """Answer 200 with what holds at this moment: no cache may keep it."""
    return response(HTTPStatus.OK, body, {"Cache-Control": "no-store"})


def json_text(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON that is written already; in base64 where escaped quotes could be too many.

    Lambda answers with 6 MB at most, and the body is a string in it. A text of more than 4.6 MB
    fits as it is, if it is little but base64 itself.
    """
    raw = text.encode()
    result = response(status, None, {"Content-Type": JSON, **(headers or {})})
    if _SURE_TO_FIT < len(raw) <= _FITS_IN_BASE64:
        return result | {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}
    return result | {"body": text}


def problem(error: errors.InterchangeError, event: Event) -> Response:
    """Answer with problem details."""
    return response(error.status, details(error, event), error.headers, PROBLEM)


def details(error: errors.InterchangeError, event: Event) -> dict[str, Any]:
    """Write problem details, extended by `code`, `request_id`, `retryable` and `errors`."""
    body = {
        "type": f"urn:interchange:problem:{error.code}",
        "title": error.status.phrase,
        "status": int(error.status),
        "detail": error.detail,
        "instance": f"urn:uuid:{event['requestContext']['requestId']}",
        "code": error.code,
        "request_id": event["requestContext"]["requestId"],
        "retryable": error.retryable,
    }
    if error.errors:
        body["errors"] = error.errors
    return body


def trace_of(event: Event) -> trace.Trace:
    """Continue or start the request's trace; the same every time it is asked."""
    context = event["requestContext"]
    if "interchange_trace" not in context:
        request_id = context["requestId"]
        context["interchange_trace"] = trace.from_headers(headers(event), request_id=request_id)
    found: trace.Trace = context["interchange_trace"]
    return found


def headers(event: Event) -> dict[str, str]:
    """Give the headers with lower-case names: HTTP's are case-insensitive, Lambda's are not."""
    return {name.lower(): value for name, value in (event["headers"] or {}).items()}


def path_id(event: Event, name: str = "id") -> str:
    """Give the id in the path; NotFound, without asking a store, for what no id of ours can be."""
    found: str = event["pathParameters"][name]
    if not _ID.fullmatch(found):
        raise errors.NotFound("Nothing has this id.")
    return found


def raw_body(event: Event, *, limit: int = 10_000_000) -> bytes:
    """Give the body's bytes as sent: signatures are over them. ContentTooLarge over `limit`."""
    body = event["body"] or ""
    raw = (
        base64.b64decode(body) if event["isBase64Encoded"] else body.encode(errors="surrogatepass")
    )
    if len(raw) > limit:
        raise errors.ContentTooLarge(f"The body has {len(raw)} bytes; this route takes {limit}.")
    return raw


def media_type(event: Event) -> str:
    """Give the Content-Type without its parameters, in lower case; empty where there is none."""
    return headers(event).get("content-type", "").partition(";")[0].strip().lower()


def require_media_type(event: Event, *accepted: str) -> str:
    """Give the Content-Type without its parameters; UnsupportedMediaType for one not accepted."""
    media = media_type(event)
    if media not in accepted:
        raise errors.UnsupportedMediaType(
            f"This route reads {' or '.join(accepted)}.", headers={"Accept": ", ".join(accepted)}
        )
    return media


def json_body(event: Event, *, limit: int = 256_000) -> Any:
    """Read a JSON body (RFC 8259): UTF-8, no NaN, no name twice; BadRequest says what is wrong."""
    require_media_type(event, JSON)
    return strict_json.loads(raw_body(event, limit=limit))


def form_body(event: Event, *, limit: int = 256_000) -> dict[str, str]:
    """Read an HTML form's body; BadRequest where it is not UTF-8 or has a name twice."""
    raw = raw_body(event, limit=limit)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        detail = "The body is not a form in UTF-8."
        raise errors.BadRequest(detail, code="malformed_form") from error
    if len(dict(pairs)) < len(pairs):
        raise errors.BadRequest("A name comes twice in the form.", code="malformed_form")
    return dict(pairs)


def query(event: Event, name: str) -> str | None:
    """Give a query parameter; BadRequest where it comes more than once."""
    values = (event["multiValueQueryStringParameters"] or {}).get(name, [])
    if len(values) > 1:
        raise errors.BadRequest(f"The parameter {name} comes more than once.", code="bad_query")
    return values[0] if values else None


def caller(event: Event) -> str:
    """Name the caller without naming its key: a digest that scopes what belongs to it."""
    key = headers(event).get("x-api-key", "")
    return hashlib.sha256(key.encode()).hexdigest()
