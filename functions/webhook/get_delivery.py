"""Read a delivery with every attempt."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http
from webhook.delivering import deliveries


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the delivery: state, and of each attempt time, status, class and response."""
    row, *attempts = deliveries.get(settings().deliveries_table, http.path_id(event))
    body = deliveries.representation(row) | {"tries": list(deliveries.attempts(attempts))}
    return http.uncached(body)
