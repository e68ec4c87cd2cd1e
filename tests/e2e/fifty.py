"""Run in a process of its own: fifty threads call one handler with one Idempotency-Key, at once."""

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from message_queue import enqueue_task
from tests.aws_events import request
from tests.moto_cloud import Context

COUNT = 50


def main(recipient: str) -> None:
    """Print the answers' statuses and ids."""
    body = {"type": "email_notification", "recipient": recipient, "subject": "Hello"}
    gate = threading.Barrier(COUNT)

    def post(_: int) -> tuple[int, str | None]:
        headers = {"X-Api-Key": "one", "Idempotency-Key": recipient}
        event = request(path="/api/tasks/enqueue", body=body, headers=headers)
        gate.wait()
        answer = enqueue_task.handler(event, Context())
        return answer["statusCode"], json.loads(answer["body"]).get("id")

    with ThreadPoolExecutor(COUNT) as pool:
        answers = list(pool.map(post, range(COUNT)))
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1])
