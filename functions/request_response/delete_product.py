"""Delete a product that the caller has seen."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import conditional, config, http, store
from interchange.errors import BadRequest, NotFound, PreconditionFailed
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    products_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 204; 412 where the product has changed since, 404 where it is gone."""
    key = {"id": http.path_id(event)}
    condition = conditional.required(event)
    if condition is conditional.NEW:
        raise BadRequest("A deletion takes If-Match.", code="bad_header")
    try:
        store.delete(settings().products_table, key, when=condition.when, values=condition.values)
    except store.ConditionFailed as refusal:
        if not refusal.item:
            raise NotFound("No product has this id.", code="product_not_found") from None
        raise PreconditionFailed("The product is not in the state that you named.") from None
    count("ProductDeleted")
    return http.response(HTTPStatus.NO_CONTENT)
