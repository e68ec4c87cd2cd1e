"""Traces: the W3C's rules of a traceparent, and ours of a correlation id."""

import re

import pytest

from interchange import trace

# https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
NOT_SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
VALID = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


def continued(traceparent: str) -> str:
    headers = {"traceparent": traceparent}
    return trace.from_headers(headers, request_id="request-1").traceparent


@pytest.mark.parametrize("traceparent", [SAMPLED, NOT_SAMPLED, SAMPLED[:-2] + "ff"])
def test_a_valid_trace_is_continued(traceparent: str) -> None:
    assert continued(traceparent) == traceparent


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        SAMPLED.upper(),
        SAMPLED + "-00",
        SAMPLED + "\n",
        " " + SAMPLED,
        SAMPLED[:-1],
        SAMPLED[3:],
        "ff" + SAMPLED[2:],
        "0" + SAMPLED,
        SAMPLED.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        SAMPLED.replace("00f067aa0ba902b7", "0" * 16),
        SAMPLED.replace("4bf9", "4bg9"),
        SAMPLED.replace("-", "_"),
    ],
)
def test_an_invalid_trace_is_started_anew(traceparent: str) -> None:
    started = continued(traceparent)

    assert VALID.fullmatch(started)
    assert "0" * 32 not in started
    assert continued(traceparent) != started


@pytest.mark.parametrize(
    ("given", "kept"),
    [("order-7", "order-7"), ("a=b:c.d/e@f+g", "a=b:c.d/e@f+g"), ("x" * 128, "x" * 128)]
    + [(each, "request-1") for each in ("", " ", "a b", "a\n", "é", "x" * 129, "<b>", '"')],
)
def test_a_correlation_id_is_the_callers_or_the_requests(given: str, kept: str) -> None:
    found = trace.from_headers({"x-correlation-id": given}, request_id="request-1")

    assert found.correlation_id == kept


def test_a_row_carries_its_trace() -> None:
    assert trace.of({"correlation_id": "c", "traceparent": SAMPLED, "id": "1"}) == ("c", SAMPLED)
    assert trace.of({}) == ("", "")
