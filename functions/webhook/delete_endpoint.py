"""Delete a webhook endpoint that the caller has seen; its deliveries are erased afterwards."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import conditional, config, http, store
from interchange.conditional import Condition
from interchange.errors import BadRequest, PreconditionFailed, Unavailable
from interchange.observability import count
from webhook.delivering import endpoints


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    endpoint_secrets_table: str
    deliveries_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 204; 412 where the endpoint has changed since, 404 where it is gone."""
    endpoint_id = http.path_id(event)
    condition = conditional.required(event)
    if condition is conditional.NEW:
        raise BadRequest("A deletion takes If-Match.", code="bad_header")
    _delete(endpoint_id, condition)
    count("EndpointDeleted")
    return http.response(HTTPStatus.NO_CONTENT)


def _delete(endpoint_id: str, condition: Condition) -> None:
    """Delete the endpoint and its secret, both or neither; the table's stream does the rest."""
    key = {"id": endpoint_id}
    when, values = condition
    try:
        store.transact(
            [
                store.deleting(settings().endpoints_table, key, when=when, values=values),
                store.deleting(
                    settings().endpoint_secrets_table, key, when="attribute_exists(#id)"
                ),
                endpoints.counting(settings().deliveries_table),
            ]
        )
    except store.TransactionRefused as refused:
        if not refused.writes[0].failed:
            raise Unavailable("Many change endpoints now; send the same again.") from refused
        if not refused.writes[0].item:
            raise endpoints.not_found() from None
        raise PreconditionFailed("The endpoint is not in the state that you named.") from None
