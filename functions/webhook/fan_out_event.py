"""Make a delivery for each endpoint that wants an event: the row is the outbox."""

from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config, subscribers
from interchange.observability import logger
from interchange.records import Message, each_message
from webhook.delivering import fan_out


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    deliveries_table: str
    retention_days: int


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Fan the event out, unless it has a key: then it comes by the ordered topic, too."""
    received = subscribers.received(message)
    if received.event.key is not None:
        logger.info("Event is fanned out in order", event_id=received.event.log_id)
        return
    fan_out.carry_out(
        received,
        endpoints_table=settings().endpoints_table,
        deliveries_table=settings().deliveries_table,
        retention=timedelta(days=settings().retention_days),
        now=clock.now(),
    )
