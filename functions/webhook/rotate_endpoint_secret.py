"""Give an endpoint a new secret; the old one signs beside it for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, idempotency, store
from interchange.errors import Conflict
from interchange.observability import count
from interchange.store import Item
from webhook.delivering import endpoints, signing

OVERLAP = timedelta(hours=24)
_MOST_FORMER = 4


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoint_secrets_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the new secret; 409 where too many old ones sign still."""
    endpoint_id = http.path_id(event)
    row = store.get(settings().endpoint_secrets_table, {"id": endpoint_id})
    if row is None:
        raise endpoints.not_found()
    rotation = idempotency.new_id("rot", event)
    if row.get("rotation") != rotation:  # else this very request was here before
        row = _rotate(row, rotation, now=clock.now())
    count("EndpointSecretRotated")
    former = [{"until": each["until"]} for each in row["former"]]
    body = {"secret": row["secret"], "former": former}
    return http.response(HTTPStatus.CREATED, body, {"Cache-Control": "no-store"})


def _rotate(row: Item, rotation: str, *, now: datetime) -> Item:
    until = clock.rfc3339(now + OVERLAP)
    former = [{"secret": row["secret"], "until": until}, *endpoints.overlapping(row, now=now)]
    if len(former) > _MOST_FORMER:
        detail = f"{_MOST_FORMER} former secrets sign still; wait until one is over."
        raise Conflict(detail, code="too_many_rotations")
    try:
        return store.update(
            settings().endpoint_secrets_table,
            {"id": row["id"]},
            "SET #secret = :secret, #former = :former, #rotation = :rotation",
            when="#version = :version",
            values={
                "secret": signing.new_secret(),
                "former": former,
                "rotation": rotation,
                "version": row["version"],
            },
        )
    except store.ConditionFailed:
        detail = "Another rotation was made at this moment."
        raise Conflict(detail, code="rotated_meanwhile") from None
