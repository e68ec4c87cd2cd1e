"""JSON Schema of the models, with the rules that pydantic keeps in functions put into words."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import AfterValidatorFunctionSchema, StringSchema

from batch_processing import start_export, start_sync, start_upload
from interchange import envelope, products, validation
from interchange.new_user import NewUser
from message_queue.options import Options
from message_queue.pause_tasks import Pause
from message_queue.recurring.recurrence import Schedule
from message_queue.redrive_dead_tasks import Redrive
from message_queue.task_types import TASK_TYPES, http_request
from openapi import reports, resources, syncs, webhooks, work
from publish_subscribe import start_replay, topics
from publish_subscribe.entries import Publication
from request_response import adjust_inventory
from webhook import replay_endpoint, try_endpoint
from webhook.delivering import endpoint_fields

type Json = dict[str, Any]

_LINE = r"^[^\x00-\x1f\x7f]*$"
# What is stripped must leave something.
_VISIBLE = r"[^\s\x00-\x1f\x7f\x85]"
_VISIBLE_LINE = rf"^[^\x00-\x1f\x7f]*{_VISIBLE}[^\x00-\x1f\x7f]*$"
_EMAIL = {
    "format": "email",
    "pattern": f"^{validation._EMAIL.pattern}$",  # noqa: SLF001 - the rule, not a copy of it
    "maxLength": validation._LONGEST_ADDRESS,  # noqa: SLF001
}


def _in_any_case(pattern: str) -> str:
    """Write a pattern for what is compared without regard to case, in words of ECMA-262."""
    return "".join(f"[{each.upper()}{each}]" if each.isalpha() else each for each in pattern)


_OURS = "|".join(f"^{_in_any_case(each)}$" for each in sorted(http_request._OURS))  # noqa: SLF001

# A function that is not here fails the generation: a rule that callers cannot read is none.
_RULES: dict[str, Json] = {
    "_email_address": _EMAIL,
    "_headers": {
        "propertyNames": {"pattern": f"^{http_request._NAME.pattern}$", "not": {"pattern": _OURS}},  # noqa: SLF001
        "additionalProperties": {"type": "string", "pattern": f"^{http_request._VALUE.pattern}$"},  # noqa: SLF001
    },
    "_each_once": {"uniqueItems": True},
    "_moment": {"format": "date-time"},
    "_not_zero": {"not": {"const": 0}},
    "_one_dialect": {"minProperties": 1, "maxProperties": 1},
    "_one_line": {"pattern": _LINE},
    "_own_attribute": {"not": {"enum": sorted(envelope.RESERVED)}},
    "_own_header": {"not": {"pattern": _in_any_case(endpoint_fields.RESERVED)}},
}


class _Words(GenerateJsonSchema):
    """Writes schemas without titles, and functions as what they demand."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def str_schema(self, schema: StringSchema) -> JsonSchemaValue:
        found = super().str_schema(schema)
        stripped = schema.get("strip_whitespace") and schema.get("min_length")
        return found | ({"pattern": _VISIBLE} if stripped else {})

    def function_after_schema(self, schema: AfterValidatorFunctionSchema) -> JsonSchemaValue:
        found = super().function_after_schema(schema)
        rule = _RULES[getattr(schema["function"]["function"], "__name__", "")]
        if found.get("pattern") == _VISIBLE and "pattern" in rule:
            return found | {"pattern": _VISIBLE_LINE}
        return found | rule


def _task(name: str, model: type[BaseModel]) -> Any:
    """Make the type of what callers send for a type of task: its name, its members, the options."""
    fields: Any = {"type": (Literal[name], ...)}
    return create_model(model.__name__, __base__=(model, Options), __doc__=model.__doc__, **fields)


def _new_task() -> Any:
    models = tuple(_task(name, each.model) for name, each in TASK_TYPES.items())
    found: Any = models[0]
    for each in models[1:]:
        found = found | each
    return Annotated[found, Field(discriminator="type")] if len(models) > 1 else found


def _several(type: Any) -> Any:
    return Annotated[list[type], Field(min_length=1, max_length=100)]


# What callers send, under the names that they see; what they get has its own names.
SENT: dict[str, Any] = {
    "NewAdjustment": adjust_inventory.Adjustment,
    "NewReplay": start_replay.Replay,
    "EndpointChange": endpoint_fields.EndpointChange,
    "NewEndpoint": endpoint_fields.NewEndpoint,
    "NewEndpointReplay": replay_endpoint.NewReplay,
    "NewPause": Pause,
    "NewRedrive": Redrive,
    "NewSchedule": Schedule,
    "NewSync": start_sync.NewSync,
    "NewTask": _new_task(),
    "NewTasks": _new_task() | _several(_new_task()),
    "NewExport": start_export.NewExport,
    "NewUpload": start_upload.Upload,
    "NewUser": NewUser,
    "ProductFields": products.Product,
    "CloudEvent": resources.CloudEvent,
    "Publication": Publication,
    "TopicFields": topics.Topic,
    "TriedEvent": try_endpoint.TriedEvent,
}
GOT: tuple[Any, ...] = (
    resources.Adjustment,
    resources.Event,
    resources.EventPage,
    resources.Health,
    resources.Inventory,
    resources.Problem,
    resources.Product,
    resources.ProductPage,
    resources.PublishedEvent,
    resources.PublishedEvents,
    resources.ReceivedWebhook,
    resources.RedrivenLetters,
    resources.SubscriberList,
    resources.Topic,
    resources.TopicPage,
    resources.ReceivedSummary,
    resources.Received,
    resources.ReceivedPage,
    resources.User,
    resources.UserPage,
    webhooks.CreatedEndpoint,
    webhooks.Delivery,
    webhooks.DeliveryPage,
    webhooks.Endpoint,
    webhooks.EndpointPage,
    webhooks.EndpointReplay,
    webhooks.EndpointSecret,
    webhooks.Trial,
    webhooks.WholeDelivery,
    syncs.Sync,
    syncs.SyncPage,
    work.Import,
    work.Replay,
    work.ReplayPage,
    work.Pause,
    work.PauseList,
    work.Redrive,
    work.Schedule,
    work.SchedulePage,
    work.Export,
    work.ExportPage,
    work.ExportResults,
    work.ImportPage,
    work.ImportResults,
    work.ImportUpload,
    work.Task,
    work.TaskPage,
    work.TaskResults,
    *reports.GOT,
)


@cache
def components() -> dict[str, Json]:
    """Give every schema by name."""
    found: dict[str, Json] = {}
    for name, type in [*SENT.items(), *((each.__name__, each) for each in GOT)]:
        schema = TypeAdapter(type).json_schema(
            ref_template="#/components/schemas/{model}", schema_generator=_Words
        )
        found |= {inner: _plain(each) for inner, each in schema.pop("$defs", {}).items()}
        found[name] = _plain(schema)
    return dict(sorted(found.items()))


def _plain(schema: Json) -> Json:
    """Leave out the title, and say of members' names what pydantic means."""
    plain: Json = _meant({name: each for name, each in schema.items() if name != "title"})
    return plain


def _meant(part: Any) -> Any:
    """Forbid names that break their pattern, and defaults that are only for type checkers."""
    if isinstance(part, list):
        return [_meant(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: _meant(each) for name, each in part.items()}
    if "default" in found and found["default"] is None and "anyOf" not in found:
        del found["default"]
    if isinstance(found.get("patternProperties"), dict):
        ((pattern, value),) = found.pop("patternProperties").items()
        names = {**found.get("propertyNames", {}), "pattern": pattern}
        found |= {"additionalProperties": value, "propertyNames": names}
    return found
