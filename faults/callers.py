"""Callers who send until they have an answer, as the patterns' own callers do."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from faults.account import Sent
from faults.pattern import Request
from local.api import Answer, StoryError, until

AT_ONCE = 2  # of each pattern; four patterns are under way at a time
PATIENCE_SECONDS = 180.0
LONGEST_WAIT_SECONDS = 2.0
CONFLICTS_THAT_PASS = {"idempotency_key_in_use", "event_in_progress"}


def send_all(requests: Sequence[Request], sent: Sent, *, times: int = 1) -> None:
    """Send each request, `times` times at once, and note what it made."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(insist, [each for each in requests for _ in range(times)]))
    for number, answer in enumerate(answers):
        request = requests[number // times]
        if answer.status // 100 != 2:  # noqa: PLR2004 - 2xx
            sent.refused.append(f"{answer.status} {answer.body}")
        elif number % times:
            sent.again.update(request.ids(answer))
        else:
            sent.accepted.update(request.ids(answer))


def insist(request: Request) -> Answer:
    """Send until the answer is final."""
    return until("a final answer", lambda: _final(request), within=PATIENCE_SECONDS)


def _final(request: Request) -> Answer | None:
    try:
        answer = request.send()
    except StoryError:  # nobody there, or no answer
        time.sleep(0.2)
        return None
    if not passes(answer):
        return answer
    time.sleep(min(LONGEST_WAIT_SECONDS, float(answer.headers["retry-after"] or 0.2)))
    return None


def passes(answer: Answer) -> bool:
    """Tell an answer after which the caller is to send the same again."""
    code = answer.body.get("code") if isinstance(answer.body, dict) else None
    if answer.status == HTTPStatus.MULTI_STATUS:
        return "retry-after" in answer.headers  # some entries may be taken the next time
    return answer.status == 429 or answer.status >= 500 or code in CONFLICTS_THAT_PASS  # noqa: PLR2004
