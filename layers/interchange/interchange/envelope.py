"""The event that every pattern speaks: CloudEvents 1.0 in structured JSON.

Extensions of ours: `topic` (where it was published), `correlationid`, `traceparent` (Distributed
Tracing), `recordedtime` (when Interchange took it), `orderingkey` (what it is ordered by),
`recordid` (the log's name for it, where `id` is its publisher's own) and `replayid`. Those of its
publisher pass on as they are.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interchange.trace import Trace

# What is not a publisher's to name: the attributes of CloudEvents, and our extensions.
RESERVED = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"}
    | {"data", "data_base64", "topic", "correlationid", "traceparent"}
    | {"recordedtime", "orderingkey", "recordid", "replayid"}
)


@dataclass(frozen=True, slots=True)
class Json:
    """JSON text that passes through as it is: reading and writing it again could make it longer."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact, as published. `data` is the publisher's own: plain values, Json, or other bytes.

    Only events of ordered topics have a `key`; what publishers call `partitionkey` is theirs.
    """

    id: str
    source: str
    type: str
    topic: str
    time: str
    data: Any
    trace: Trace
    subject: str | None = None
    key: str | None = None
    recorded_at: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    record_id: str | None = None
    replay: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def log_id(self) -> str:
        """Name the event as the log keeps it: publishers' own ids may meet, these do not."""
        return self.record_id or self.id

    def to_json(self) -> str:
        """Write the event as CloudEvents has it; absent attributes are left out."""
        media, member, data = _data(self.data)
        attributes = self._attributes() | {"datacontenttype": self.datacontenttype or media}
        opened = _dump(attributes).removesuffix("}")
        text = f'{opened},"{member}":{data}}}'
        # Of what JSON may have in a string, SNS and SQS refuse these two alone.
        return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")

    def _attributes(self) -> dict[str, Any]:
        attributes = {
            **self.extensions,
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "dataschema": self.dataschema,
            "topic": self.topic,
            "orderingkey": self.key,
            "recordedtime": self.recorded_at or self.time,
            "recordid": self.record_id,
            "correlationid": self.trace.correlation_id,
            "traceparent": self.trace.traceparent,
            "replayid": self.replay,
        }
        return {name: value for name, value in attributes.items() if value is not None}


def from_dict(fields: dict[str, Any]) -> Event:
    """Read what `to_json` wrote, once parsed; KeyError for anything else."""
    encoded = fields.get("data_base64")
    return Event(
        id=fields["id"],
        source=fields["source"],
        type=fields["type"],
        topic=fields["topic"],
        time=fields["time"],
        data=fields.get("data") if encoded is None else base64.b64decode(encoded),
        trace=Trace(fields["correlationid"], fields["traceparent"]),
        subject=fields.get("subject"),
        key=fields.get("orderingkey"),
        recorded_at=fields.get("recordedtime", fields["time"]),
        datacontenttype=fields.get("datacontenttype"),
        dataschema=fields.get("dataschema"),
        record_id=fields.get("recordid"),
        replay=fields.get("replayid"),
        extensions={name: fields[name] for name in fields if name not in RESERVED},
    )


def replayed(text: str, replay_id: str) -> str:
    """Mark an event's text as replayed, at its end: reading and writing could alter its data."""
    return f'{text.removesuffix("}")},"replayid":{_dump(replay_id)}}}'


def _data(data: Any) -> tuple[str, str, str]:
    if isinstance(data, bytes):
        encoded = base64.b64encode(data).decode()
        return "application/octet-stream", "data_base64", f'"{encoded}"'
    return "application/json", "data", data.text if isinstance(data, Json) else _dump(data)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
