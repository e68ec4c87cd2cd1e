"""Make the deliveries of an event that has a key, after those of the one before it.

Its queue is FIFO: the events of a key come one after the other, so their deliveries enter their
lanes in the order of publication.
"""

from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config, subscribers
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
    """Fan the event out; an endpoint that wants no order gets it at once, too."""
    fan_out.carry_out(
        subscribers.received(message),
        endpoints_table=settings().endpoints_table,
        deliveries_table=settings().deliveries_table,
        retention=timedelta(days=settings().retention_days),
        now=clock.now(),
    )
