"""A task by Powertools' batch and idempotency utilities, as their documentation shows it."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

processor = BatchProcessor(event_type=EventType.SQS)
persistence = DynamoDBPersistenceLayer(table_name="tasks")
config = IdempotencyConfig(event_key_jmespath="task_id")


@idempotent_function(data_keyword_argument="task", config=config, persistence_store=persistence)
def work(task: dict[str, Any]) -> dict[str, Any]:
    """Do nothing, as the other side does."""
    return {}


def do(record: SQSRecord) -> dict[str, Any]:
    """Do one message's task."""
    return work(task=record.json_body)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Do a batch."""
    config.register_lambda_context(context)
    return process_partial_response(
        event=event, record_handler=do, processor=processor, context=context
    )
