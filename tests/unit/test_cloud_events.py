"""CloudEvents over HTTP: what a mode says, what an attribute may be, and hostile ones."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.errors import (
    BadRequest,
    InterchangeError,
    UnprocessableContent,
    UnsupportedMediaType,
)
from publish_subscribe import reading
from publish_subscribe.entries import Entry
from tests.architecture import Json
from tests.aws_events import request

EVENT: Json = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "placed", "topic": "t"}
HEADERS = {f"ce-{name}": value for name, value in EVENT.items()}


def read(headers: dict[str, str], body: Any = None) -> list[Entry | InterchangeError]:
    event = request("POST", "/events/publish", body=body)
    event["headers"] = headers
    return reading.read(event).entries


def structured(**given: Any) -> Entry:
    (entry,) = read({"Content-Type": "application/cloudevents+json"}, EVENT | given)
    assert isinstance(entry, Entry)
    return entry


def faults(**given: Any) -> list[str]:
    with pytest.raises(UnprocessableContent) as caught:
        structured(**given)
    return [each["pointer"] for each in caught.value.errors]


def binary(
    body: bytes = b"{}", media: str = "application/json", more: dict[str, str] | None = None
) -> Entry:
    headers = HEADERS | {"content-type": media} | (more or {})
    (entry,) = read(headers, body)
    assert isinstance(entry, Entry)
    return entry


# https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ('"quoted %41"', "quoted A"),
        ('"a \\"b\\" %22"', 'a "b" "'),
        ("%2541", "%41"),
        ("100%", "100%"),
        ("%4", "%4"),
        ("plain é", "plain é"),
    ],
)
def test_a_header_is_unquoted_then_percent_decoded_exactly_once(value: str, decoded: str) -> None:
    assert binary(more={"ce-subject": value}).subject == decoded


@pytest.mark.parametrize("value", ["%C0%A0", "%FF", "%ED%A0%80", "%E2%82"])
def test_a_header_that_is_no_utf_8_is_refused(value: str) -> None:
    with pytest.raises(BadRequest, match="UTF-8"):
        binary(more={"ce-subject": value})


@pytest.mark.parametrize("name", ["ce-datacontenttype", "ce-data", "ce-data_base64"])
def test_a_header_says_nothing_of_the_data(name: str) -> None:
    with pytest.raises(BadRequest, match="Content-Type"):
        binary(more={name: "x"})


def test_the_mode_is_what_the_content_type_says_whatever_its_case() -> None:
    batch = read({"content-type": "Application/CloudEvents-Batch+json"}, [EVENT, EVENT])
    assert len(batch) == 2
    (one,) = read({"CONTENT-TYPE": "application/CLOUDEVENTS+json", **HEADERS}, EVENT)
    assert isinstance(one, Entry)
    assert binary(b"<a/>", "text/xml").data == b"<a/>"


@pytest.mark.parametrize(
    "media", ["application/cloudevents", "application/cloudevents+avro", "text/plain", ""]
)
def test_a_format_that_is_not_json_is_refused(media: str) -> None:
    with pytest.raises(InterchangeError) as caught:
        read({"content-type": media}, EVENT)
    assert caught.value.status == 415


def test_a_null_attribute_is_an_absent_one() -> None:
    assert structured(subject=None, data=None).subject is None
    assert faults(type=None) == ["/type"]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"id": ""}, "/id"),
        ({"id": 7}, "/id"),
        ({"type": "a\nb"}, "/type"),
        ({"source": "/api/users"}, "/source"),
        ({"source": "/webhooks/stripe"}, "/source"),
        ({"source": "/events/publish"}, "/source"),
        ({"time": "yesterday"}, "/time"),
        ({"time": "2026-02-30T00:00:00Z"}, "/time"),
        ({"time": "2026-01-15 09:30:00Z"}, "/time"),
        ({"subject": "x" * 513}, "/subject"),
        ({"Capital": "x"}, "/Capital"),
        ({"a~/b": "x"}, "/a~0~1b"),
        ({"recordid": "evt_1"}, "/recordid"),
        ({"replayid": "rpl_1"}, "/replayid"),
        ({"orderingkey": "k"}, "/orderingkey"),
        ({"partitionkey": 7}, "/partitionkey"),
        ({"partitionkey": "😀" * 500}, "/partitionkey"),
        ({"number": 1.5}, "/number"),
        ({"number": 2**31}, "/number"),
        ({"list": []}, "/list"),
        ({"data": 1, "data_base64": "AA=="}, "/data_base64"),
        ({"data_base64": "A"}, "/data_base64"),
        ({"data_base64": 7}, "/data_base64"),
    ],
)
def test_an_attribute_that_breaks_a_rule_is_pointed_to(given: Json, place: str) -> None:
    assert faults(**given) == [place]


def test_extensions_pass_on_as_they_are() -> None:
    given = {"flag": True, "number": -(2**31), "text": "€", "dataref": "https://example.com/x"}

    assert structured(**given).extensions == given


def test_an_event_continues_its_own_trace_where_it_has_one() -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    own = structured(correlationid="order-7", traceparent=traceparent).trace
    assert own == ("order-7", traceparent)
    assert structured(correlationid="\u20ac", traceparent="nonsense").trace != own


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def assert_entry_or_refusal(headers: dict[str, str], body: bytes) -> None:
    with contextlib.suppress(BadRequest, UnprocessableContent, UnsupportedMediaType):
        assert all(isinstance(each, Entry) for each in read(headers, body))


@given(
    st.dictionaries(st.sampled_from([*EVENT, "data", "data_base64", "time"]) | st.text(), hostile)
)
def test_a_hostile_event_is_an_entry_or_a_refusal(fields: Json) -> None:
    body = json.dumps(EVENT | fields).encode()

    assert_entry_or_refusal({"content-type": "application/cloudevents+json"}, body)


@given(
    st.dictionaries(st.text(st.characters(codec="latin-1"), max_size=8), st.text(max_size=20)),
    st.sampled_from(["application/json", "text/plain", "", "/", "a/b+json;"]),
    st.binary(max_size=20),
)
def test_hostile_headers_are_an_entry_or_a_refusal(
    given: dict[str, str], media: str, body: bytes
) -> None:
    headers = HEADERS | {f"ce-{name}": value for name, value in given.items()}

    assert_entry_or_refusal(headers | {"content-type": media}, body)
