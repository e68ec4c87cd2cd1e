"""HTTP at the edge: requests are read strictly, and whatever happens is answered."""

import base64
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from interchange import errors, http
from tests.architecture import Json
from tests.aws_events import REQUEST_ID, request

EVERY_ERROR = errors.InterchangeError.__subclasses__()


def answering(act: Callable[[], Any]) -> http.Handler:
    """Make a handler that does `act` and then answers 200."""

    def answer(event: http.Event, context: Any) -> http.Response:
        act()
        return http.response(HTTPStatus.OK, {})

    return http.endpoint(answer)


def raising(error: BaseException) -> http.Handler:
    def act() -> None:
        raise error

    return answering(act)


def of_aws(code: str, status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "arn:aws:secret"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Operation")


def body_of(response: http.Response) -> Json:
    found: Json = json.loads(response["body"])
    return found


# ------------------------------------------------------------------------ Requests


@given(st.binary())
def test_a_body_arrives_as_sent(sent: bytes) -> None:
    assert http.raw_body(request(body=sent), limit=len(sent)) == sent


@pytest.mark.parametrize(("body", "raw"), [(None, b""), ("", b""), ("é\n", b"\xc3\xa9\n")])
def test_a_body_that_is_text_arrives_in_utf_8(body: str | None, raw: bytes) -> None:
    event = request() | {"body": body, "isBase64Encoded": False}

    assert http.raw_body(event, limit=10) == raw


def test_a_body_one_byte_over_the_limit_is_too_large() -> None:
    with pytest.raises(errors.ContentTooLarge, match="11 bytes; this route takes 10"):
        http.raw_body(request(body=b"x" * 11), limit=10)


def test_a_body_is_measured_in_bytes_not_in_base64() -> None:
    assert len(base64.b64encode(b"x" * 10)) > 10
    assert http.raw_body(request(body=b"x" * 10), limit=10)


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        " application/json ; charset=utf-8",
        "application/json;",
    ],
)
def test_a_media_type_is_told_by_its_name_alone(value: str) -> None:
    event = request(headers={"Content-Type": value})

    assert http.require_media_type(event, http.JSON) == http.JSON


@pytest.mark.parametrize("value", ["", "text/plain", "application/jsonp", "a; application/json"])
def test_another_media_type_is_refused_with_those_that_are_read(value: str) -> None:
    with pytest.raises(errors.UnsupportedMediaType) as refused:
        http.require_media_type(request(headers={"Content-Type": value}), "text/csv", http.JSON)

    assert refused.value.headers["Accept"] == "text/csv, application/json"


def test_headers_are_found_however_their_names_are_written() -> None:
    event = request() | {"headers": {"STRIPE-signature": "t=1", "Accept": "*/*"}}

    assert http.headers(event) == {"stripe-signature": "t=1", "accept": "*/*"}
    assert http.headers(event | {"headers": None}) == {}


@pytest.mark.parametrize("id", ["a", "usr_0123", "A.b~c:d-e", "x" * 128])
def test_what_may_be_an_id_is_looked_up(id: str) -> None:
    assert http.path_id(request(id=id)) == id


@pytest.mark.parametrize("id", ["", "x" * 129, "a b", "../a", "a/b", "a\n", "é", "٣", "a%20", "\0"])
def test_what_cannot_be_an_id_is_not_looked_up(id: str) -> None:
    with pytest.raises(errors.NotFound):
        http.path_id(request(id=id))


# ------------------------------------------------------------------------ Answers


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_of_ours_is_answered_with_its_problem_details(
    kind: type[errors.InterchangeError],
) -> None:
    response = raising(kind("No, thank you."))(request(), None)

    assert response["statusCode"] == kind.status
    assert response["headers"]["Content-Type"] == "application/problem+json"
    assert body_of(response) == {
        "type": f"urn:interchange:problem:{kind.code}",
        "title": kind.status.phrase,
        "status": kind.status,
        "detail": "No, thank you.",
        "instance": f"urn:uuid:{REQUEST_ID}",
        "code": kind.code,
        "request_id": REQUEST_ID,
        "retryable": kind is errors.Unavailable,
    }


def test_every_error_has_a_status_and_a_code_of_its_own() -> None:
    assert len({kind.status for kind in EVERY_ERROR}) == len(EVERY_ERROR)
    assert len({kind.code for kind in EVERY_ERROR}) == len(EVERY_ERROR)


def test_an_errors_own_code_headers_and_fields_are_answered() -> None:
    field: errors.FieldError = {"detail": "Too small", "pointer": "/a"}
    error = errors.Conflict("No.", code="taken", errors=[field], headers={"Retry-After": "7"})

    response = raising(error)(request(), None)

    assert body_of(response)["type"] == "urn:interchange:problem:taken"
    assert body_of(response)["errors"] == [field]
    assert response["headers"]["Retry-After"] == "7"
    assert errors.Conflict.code == "conflict"


@pytest.mark.parametrize(
    "error",
    [ValueError("whsec_1"), KeyError("whsec_1"), RecursionError(), of_aws("AccessDeniedException")],
)
def test_a_fault_of_ours_is_answered_without_its_text(error: Exception) -> None:
    response = raising(error)(request(), None)

    assert response["statusCode"] == 500
    assert body_of(response)["code"] == "internal_error"
    assert "whsec_1" not in str(response)
    assert "arn:aws" not in str(response)


@pytest.mark.parametrize(
    "error",
    [
        of_aws("ThrottlingException"),
        of_aws("ProvisionedThroughputExceededException"),
        of_aws("RequestLimitExceeded"),
        of_aws("TransactionConflictException"),
        of_aws("InternalServerError", 500),
        of_aws("ServiceUnavailable", 503),
        of_aws("SlowDown", 503),
        EndpointConnectionError(endpoint_url="https://sns"),
        ConnectTimeoutError(endpoint_url="https://sqs"),
    ],
    ids=str,
)
def test_a_service_that_is_busy_is_answered_with_when_to_try_again(error: Exception) -> None:
    response = raising(error)(request(), None)

    assert response["statusCode"] == 503
    assert body_of(response)["code"] == "unavailable"
    assert body_of(response)["retryable"] is True
    assert response["headers"]["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("SNS", "Throttled", 429),
        ("SNS", "InternalError", 500),
        ("SQS", "RequestThrottled", 403),
        ("S3", "InternalError", 500),
        ("Secrets Manager", "InternalServiceError", 500),
        ("S3", "RequestTimeout", 400),
        ("any", "InternalFailure", 500),
    ],
)
def test_what_the_sdk_itself_tries_again_the_caller_may_try_again(
    service: str, code: str, status: int
) -> None:
    response = raising(of_aws(code, status))(request(), None)

    assert response["statusCode"] == 503, service


def test_the_end_of_the_process_is_not_answered() -> None:
    with pytest.raises(KeyboardInterrupt):
        raising(KeyboardInterrupt())(request(), None)


def test_an_answer_carries_the_request_id_and_the_callers_correlation_id() -> None:
    response = answering(lambda: None)(request(headers={"X-Correlation-ID": "order-7"}), None)

    assert response["headers"]["X-Request-Id"] == REQUEST_ID
    assert response["headers"]["X-Correlation-Id"] == "order-7"


@pytest.mark.parametrize("given", ["", "a b", "a\r\nSet-Cookie: b", "x" * 129, "é"])
def test_an_answer_carries_no_correlation_id_that_could_be_more_than_one(given: str) -> None:
    response = answering(lambda: None)(request(headers={"X-Correlation-Id": given}), None)

    assert response["headers"]["X-Correlation-Id"] == REQUEST_ID


def test_a_request_has_one_trace_however_often_it_is_asked_for() -> None:
    event = request()

    assert http.trace_of(event) == http.trace_of(event)


def test_an_answer_is_compact_json_in_utf_8() -> None:
    response = http.response(HTTPStatus.OK, {"name": "Zoë", "n": 1}, {"Cache-Control": "no-store"})

    assert response == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": '{"name":"Zoë","n":1}',
        "isBase64Encoded": False,
    }


def test_an_answer_without_a_body_has_no_content_type() -> None:
    response = http.response(HTTPStatus.NOT_MODIFIED)

    assert response["headers"] == {}
    assert response["body"] == ""


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('{"n":1.10}', "none"),
        ('"' + "é" * 900_000 + '"', "none"),
        ("[" + '"",' * 800_000 + '""]', "base64"),
        ('"' + "x" * 4_500_000 + '"', "base64"),
        ('{"data_base64":"' + "x" * 6_000_000 + '"}', "none"),
    ],
)
def test_a_text_is_answered_as_it_is_and_fits_into_what_lambda_answers(
    text: str, encoding: str
) -> None:
    answer = http.json_text(HTTPStatus.OK, text, {"Cache-Control": "no-store"})

    body = answer["body"]
    assert answer["isBase64Encoded"] is (encoding == "base64")
    assert (base64.b64decode(body).decode() if encoding == "base64" else body) == text
    assert answer["headers"]["Content-Type"] == "application/json"
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < 6_291_556


# ------------------------------------------------------------------------ The one line


def line_of(response: http.Response, capsys: pytest.CaptureFixture[str]) -> Json:
    http.endpoint(lambda *_: response)(request(), None)
    found: Json = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("status", "counted"),
    [(200, set()), (302, set()), (404, {"RequestRefused"}), (503, {"RequestFailed"})],
)
def test_the_line_of_a_request_is_its_metrics_too(
    status: int, counted: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    line = line_of(http.response(HTTPStatus(status), {}), capsys)

    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert {each["Name"] for each in directive["Metrics"]} == {"RequestMillis"} | counted
    assert list(directive["Dimensions"]) == [["service"]]
    assert directive["Metrics"][0]["Unit"] == "Milliseconds"
    assert all(line[name] == 1 for name in counted)


@pytest.mark.parametrize(
    ("location", "made"),
    [
        ("users/usr_0a1b", "usr_0a1b"),
        ("tsk_2c", "tsk_2c"),
        ("https://bucket.example/exports/job_1/users.csv?X-Amz-Signature=secret", None),
        ("espresso-machine", None),
    ],
)
def test_the_line_of_a_request_names_what_was_made_and_no_secret_of_a_location(
    location: str, made: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    response = http.response(HTTPStatus.OK, {}, {"Location": location})

    assert line_of(response, capsys).get("made") == made
