"""The event log, filled a line each."""

from datetime import datetime, timedelta
from typing import Any

from interchange import aws, clock, store
from publish_subscribe import event_rows
from tests.cloud_events import event
from tests.moto_cloud import Cloud

# Within the retention of a log that is read now.
START = clock.now().replace(microsecond=0) - timedelta(days=1)
MONTH = timedelta(days=30)


def at(second: float) -> datetime:
    """Give a moment of the log."""
    return START + timedelta(seconds=second)


def logged(cloud: Cloud, id: str, second: float, *, retention: timedelta = MONTH, **of: Any) -> str:
    """Log an event as recorded at a second of the log; give its text."""
    moment = clock.rfc3339(at(second))
    found = event(**{"id": id, "time": moment, "recorded_at": moment, "type": "it"} | of)
    text = found.to_json()
    key = None
    if len(text) > 250_000:
        key = f"events/{found.log_id}/digest"
        bucket = cloud.name("PayloadsBucket")
        aws.s3().put_object(Bucket=bucket, Key=key, Body=text.encode())
    row = event_rows.row(found, text, key, now=at(second), retention=retention)
    store.put_new(cloud.name("EventsTable"), row)
    return text
