"""Read a webhook endpoint; its secret has a route of its own."""

from dataclasses import dataclass
from typing import Any

from interchange import conditional, config, http
from webhook.delivering import endpoints


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the endpoint, with 304 where the caller has it, or 404."""
    row = endpoints.get(settings().endpoints_table, http.path_id(event))
    return conditional.answer(event, row, endpoints.representation(row))
