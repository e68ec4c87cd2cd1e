"""The event that every pattern speaks: CloudEvents 1.0 in structured JSON.

Extensions: `topic` (where it was published), `correlationid`, and `traceparent` of the Distributed
Tracing extension. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from interchange.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact, as published. `data` is the publisher's own JSON, or bytes that were not JSON."""

    id: str
    source: str
    type: str
    topic: str
    time: str
    data: Any
    trace: Trace
    subject: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the attributes in CloudEvents' words; an absent subject is left out."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            **({} if self.subject is None else {"subject": self.subject}),
            "time": self.time,
            "topic": self.topic,
            "correlationid": self.trace.correlation_id,
            "traceparent": self.trace.traceparent,
            **_data(self.data),
        }

    def to_json(self) -> str:
        """Write the event in ASCII: SQS and SNS refuse control characters and bill by the byte."""
        return json.dumps(self.to_dict(), separators=(",", ":"))


def from_dict(fields: dict[str, Any]) -> Event:
    """Read what `to_dict` gave; KeyError for anything else."""
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


def _data(data: Any) -> dict[str, Any]:
    if isinstance(data, bytes):
        return {
            "datacontenttype": "application/octet-stream",
            "data_base64": base64.b64encode(data).decode(),
        }
    return {"datacontenttype": "application/json", "data": data}
