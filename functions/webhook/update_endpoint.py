"""Change a webhook endpoint that the caller has seen; enable it again, or disable it."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from interchange import clock, conditional, config, http, store
from interchange.conditional import Condition
from interchange.errors import BadRequest, PreconditionFailed, Unavailable
from interchange.observability import count
from interchange.validation import validate
from webhook.delivering import endpoint_rows, endpoints, health
from webhook.delivering.endpoint_fields import EndpointChange


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    endpoint_secrets_table: str
    deliveries_table: str
    allow_local_targets: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the endpoint as it is now; 412 where its state is not the one that was named."""
    endpoint_id = http.path_id(event)
    asked = validate(EndpointChange, http.json_body(event))
    if "url" in asked.model_fields_set:
        endpoint_rows.check_url(asked.url, allow_local=settings().allow_local_targets == "true")
    condition = conditional.required(event)
    if condition is conditional.NEW:
        raise BadRequest("A change takes If-Match.", code="bad_header")
    _change(endpoint_id, asked, condition, now=clock.now())
    count("EndpointChanged")
    row = endpoints.get(settings().endpoints_table, endpoint_id)
    shown = endpoints.representation(row)
    return http.response(HTTPStatus.OK, shown, {"ETag": conditional.etag(row)})


def _change(
    endpoint_id: str, asked: EndpointChange, condition: Condition, *, now: datetime
) -> None:
    writes = [
        _of_endpoint(endpoint_id, asked, condition, now=now),
        endpoints.counting(settings().deliveries_table),
    ]
    if "headers" in asked.model_fields_set:
        writes.append(_of_headers(endpoint_id, asked))
    if asked.status == endpoints.ACTIVE:
        writes.append(health.forgetting(settings().deliveries_table, endpoint_id))
    try:
        store.transact(writes)
    except store.TransactionRefused as refused:
        if not refused.writes[0].failed:
            raise Unavailable("Many change endpoints now; send the same again.") from refused
        if not refused.writes[0].item:
            raise endpoints.not_found() from None
        raise PreconditionFailed("The endpoint is not in the state that you named.") from None


def _of_endpoint(
    endpoint_id: str, asked: EndpointChange, condition: Condition, *, now: datetime
) -> store.Write:
    at = clock.rfc3339(now)
    values = endpoint_rows.changed(asked) | {"updated_at": at}
    removed = ""
    if asked.status == endpoints.DISABLED:
        values |= {"disabled_reason": endpoints.REQUESTED, "disabled_at": at}
    elif asked.status == endpoints.ACTIVE:
        removed = " REMOVE #disabled_reason, #disabled_at"
    return store.updating(
        settings().endpoints_table,
        {"id": endpoint_id},
        store.setting(values) + removed,
        when=condition.when,
        values=values | condition.values,
    )


def _of_headers(endpoint_id: str, asked: EndpointChange) -> store.Write:
    return store.updating(
        settings().endpoint_secrets_table,
        {"id": endpoint_id},
        "SET #headers = :headers",
        when="attribute_exists(#id)",
        values={"headers": dict(asked.headers)},
    )
