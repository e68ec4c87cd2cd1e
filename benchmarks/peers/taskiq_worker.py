"""taskiq on a Redis stream: acknowledged once done, without results, one event loop."""

import asyncio
import os

import meter
from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

broker = RedisStreamBroker(url=os.environ["REDIS_URL"])


@broker.task
async def nothing(number: int) -> None:
    """Do nothing."""
    meter.tick()


async def main() -> None:
    """Enqueue, then work them off as taskiq's own worker does."""
    await broker.startup()
    for each in range(meter.tasks()):
        await nothing.kiq(each)
    await Receiver(broker, run_startup=False).listen(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
