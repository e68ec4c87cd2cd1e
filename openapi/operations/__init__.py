"""What the code does not say of its routes: prose, examples, successes; a module per pattern."""

from openapi.operations import (
    batch_exports,
    batch_processing,
    message_queue,
    public,
    publish_subscribe,
    reports,
    request_response,
    syncs,
    webhook,
    webhook_delivery,
)
from openapi.operations.parts import Operation

# In the order in which they are shown.
_MODULES = (
    request_response,
    publish_subscribe,
    webhook,
    webhook_delivery,
    batch_processing,
    syncs,
    reports,
    batch_exports,
    message_queue,
    public,
)

OPERATIONS: dict[tuple[str, str], Operation] = {
    route: operation for module in _MODULES for route, operation in module.OPERATIONS.items()
}
