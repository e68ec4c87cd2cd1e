"""Dramatiq on Redis: acknowledged once done, one worker thread."""

import os
import time

import dramatiq
import meter
from dramatiq.brokers.redis import RedisBroker

broker = RedisBroker(url=os.environ["REDIS_URL"])
dramatiq.set_broker(broker)


@dramatiq.actor
def nothing(number: int) -> None:
    """Do nothing."""
    meter.tick()


if __name__ == "__main__":
    for each in range(meter.tasks()):
        nothing.send(each)
    dramatiq.Worker(broker, worker_threads=1).start()
    time.sleep(600)
