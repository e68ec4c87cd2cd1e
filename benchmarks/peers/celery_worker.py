"""Celery on Redis: acknowledged once done, without results, the worker itself doing the tasks."""

import os

import meter
from celery import Celery

app = Celery("peer", broker=os.environ["REDIS_URL"])
app.conf.update(task_acks_late=True, task_ignore_result=True)


@app.task
def nothing(number: int) -> None:
    """Do nothing."""
    meter.tick()


if __name__ == "__main__":
    for each in range(meter.tasks()):
        nothing.delay(each)
    app.worker_main(["worker", "--pool", "solo", "--loglevel", "ERROR"])
