"""The envelope: what one function writes another reads, and CloudEvents' own package too."""

import dataclasses
import json
import re
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from interchange import envelope
from interchange.envelope import Event, Json
from interchange.trace import Trace

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
events = st.builds(
    Event,
    id=words,
    source=words,
    type=words,
    topic=words,
    time=st.just("2026-01-15T09:30:00.000Z"),
    subject=st.none() | words,
    data=json_values | st.binary(),
    trace=st.builds(Trace, words, st.just(TRACEPARENT)),
    key=st.none() | words,
    recorded_at=st.just("2026-01-15T09:30:01.000Z"),
    datacontenttype=st.sampled_from(["application/json", "text/xml", "image/png"]),
    dataschema=st.none() | words,
    record_id=st.none() | words,
    replay=st.none() | words,
    extensions=st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True).filter(
            lambda name: name not in envelope.RESERVED
        ),
        words | st.booleans() | st.integers(-(2**31), 2**31 - 1),
        max_size=3,
    ),
)


def event(**given: Any) -> Event:
    attributes = {"id": "evt_1", "source": "/api/users", "type": "user.registered", "data": {}}
    attributes |= {"topic": "user-events", "time": "2026-01-15T09:30:00.000Z"}
    return Event(**attributes | {"trace": Trace("correlation-1", TRACEPARENT)} | given)


@given(events)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    assert envelope.from_dict(json.loads(event.to_json())) == event


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
REFUSED_BY_SQS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@given(events)
def test_an_event_is_written_in_characters_that_sqs_takes(event: Event) -> None:
    assert REFUSED_BY_SQS.search(event.to_json()) is None


@given(events)
def test_a_replayed_event_is_the_same_but_for_its_mark(event: Event) -> None:
    event = dataclasses.replace(event, replay=None)
    text = event.to_json()

    marked = envelope.replayed(text, 'rpl_"1"')

    assert marked.startswith(text[:-1])
    read = envelope.from_dict(json.loads(marked))
    assert read == dataclasses.replace(event, replay='rpl_"1"')


def test_an_event_says_when_it_was_taken_and_its_own_time_where_nothing_else_is_said() -> None:
    assert json.loads(event().to_json())["recordedtime"] == event().time
    taken = event(recorded_at="2026-01-15T09:31:00.000Z")
    assert json.loads(taken.to_json())["recordedtime"] == "2026-01-15T09:31:00.000Z"


def test_an_event_of_before_there_was_a_recorded_time_has_its_own() -> None:
    fields = json.loads(event().to_json())
    del fields["recordedtime"]

    assert envelope.from_dict(fields).recorded_at == event().time


def test_the_log_names_an_event_by_its_record_where_its_id_is_its_publishers() -> None:
    assert event(id="evt_1").log_id == "evt_1"
    assert event(id="7", record_id="evt_2").log_id == "evt_2"


def test_no_extension_takes_the_place_of_an_attribute() -> None:
    written = json.loads(event(extensions={"id": "forged", "topic": "forged"}).to_json())

    assert (written["id"], written["topic"]) == ("evt_1", "user-events")


def test_json_text_passes_through_as_it_is() -> None:
    written = event(data=Json('{"n": 1.10, "s": "\u00e9\ufffe"}')).to_json()

    assert '"data":{"n": 1.10, "s": "\u00e9\\ufffe"}' in written


@given(events)
def test_cloudevents_own_package_accepts_an_event(event: Event) -> None:
    body = event.to_json().encode()
    read = JSONFormat().read(None, body)

    assert read.get_id() == event.id
    assert read.get_source() == event.source
    assert read.get_type() == event.type
    assert read.get_subject() == event.subject
    assert read.get_dataschema() == event.dataschema
    assert read.get_datacontenttype() == event.datacontenttype
    assert read.get_data() == event.data
    assert read.get_extension("orderingkey") == event.key
    assert all(read.get_extension(name) == value for name, value in event.extensions.items())
    assert read.get_extension("topic") == event.topic
    assert read.get_extension("correlationid") == event.trace.correlation_id
    assert read.get_extension("traceparent") == event.trace.traceparent


def test_cloudevents_own_package_accepts_an_event_as_a_request() -> None:
    headers = {"content-type": "application/cloudevents+json"}
    message = HTTPMessage(headers, event(data={"a": 1}).to_json().encode())

    assert from_structured_event(message, JSONFormat()).get_data() == {"a": 1}


@pytest.mark.parametrize(
    ("data", "members"),
    [
        ({"a": 1}, {"datacontenttype": "application/json", "data": {"a": 1}}),
        (None, {"datacontenttype": "application/json", "data": None}),
        ("text", {"datacontenttype": "application/json", "data": "text"}),
        (b"\xff", {"datacontenttype": "application/octet-stream", "data_base64": "/w=="}),
    ],
)
def test_data_is_json_or_base64_and_never_both(data: Any, members: dict[str, Any]) -> None:
    written = json.loads(event(data=data).to_json())

    names = {"datacontenttype", "data", "data_base64"}
    assert {name: written[name] for name in written if name in names} == members


@pytest.mark.parametrize(
    "name", ["id", "source", "type", "topic", "time", "correlationid", "traceparent"]
)
def test_what_lacks_an_attribute_is_no_event_of_ours(name: str) -> None:
    fields = json.loads(event().to_json())
    del fields[name]

    with pytest.raises(KeyError):
        envelope.from_dict(fields)
