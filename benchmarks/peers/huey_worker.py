"""Huey on Redis: taken off the queue before it is done, one worker thread."""

import os

import meter
from huey import RedisHuey

huey = RedisHuey("peer", url=os.environ["REDIS_URL"], results=False)


@huey.task()
def nothing(number: int) -> None:
    """Do nothing."""
    meter.tick()


if __name__ == "__main__":
    for each in range(meter.tasks()):
        nothing(each)
    huey.create_consumer(workers=1, periodic=False).run()
