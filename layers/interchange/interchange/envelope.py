"""The event that every pattern speaks: CloudEvents 1.0 in structured JSON.

Extensions: `topic` (where it was published), `correlationid`, and `traceparent` of the Distributed
Tracing extension. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from interchange.trace import Trace


@dataclass(frozen=True, slots=True)
class Json:
    """JSON text that passes through as it is: reading and writing it again could make it longer."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact, as published. `data` is the publisher's own: plain values, Json, or other bytes."""

    id: str
    source: str
    type: str
    topic: str
    time: str
    data: Any
    trace: Trace
    subject: str | None = None

    def to_json(self) -> str:
        """Write the event as CloudEvents has it; an absent subject is left out."""
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            **({} if self.subject is None else {"subject": self.subject}),
            "time": self.time,
            "topic": self.topic,
            "correlationid": self.trace.correlation_id,
            "traceparent": self.trace.traceparent,
        }
        media, member, data = _data(self.data)
        opened = _dump(attributes | {"datacontenttype": media}).removesuffix("}")
        text = f'{opened},"{member}":{data}}}'
        # Of what JSON may have in a string, SNS and SQS refuse these two alone.
        return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def from_dict(fields: dict[str, Any]) -> Event:
    """Read what `to_json` wrote, once parsed; KeyError for anything else."""
    encoded = fields.get("data_base64")
    return Event(
        id=fields["id"],
        source=fields["source"],
        type=fields["type"],
        topic=fields["topic"],
        time=fields["time"],
        subject=fields.get("subject"),
        data=fields.get("data") if encoded is None else base64.b64decode(encoded),
        trace=Trace(fields["correlationid"], fields["traceparent"]),
    )


def _data(data: Any) -> tuple[str, str, str]:
    if isinstance(data, bytes):
        encoded = base64.b64encode(data).decode()
        return "application/octet-stream", "data_base64", f'"{encoded}"'
    return "application/json", "data", data.text if isinstance(data, Json) else _dump(data)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
