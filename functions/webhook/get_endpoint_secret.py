"""Show the secret that an endpoint's deliveries are signed with, to who asks for it by name."""

from dataclasses import dataclass
from typing import Any

from interchange import clock, config, http, store
from interchange.observability import count
from webhook.delivering import endpoints


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoint_secrets_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the secret, and until when the former ones sign as well."""
    row = store.get(settings().endpoint_secrets_table, {"id": http.path_id(event)})
    if row is None:
        raise endpoints.not_found()
    count("EndpointSecretShown")
    former = [{"until": each["until"]} for each in endpoints.overlapping(row, now=clock.now())]
    body = {"secret": row["secret"], "former": former}
    return http.uncached(body)
