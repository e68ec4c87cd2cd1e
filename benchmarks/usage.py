"""Measure what an operation uses: invocations with their time and logs, and calls of services.

First as the stack is, for the time; then once more with the recorder between the functions and the
cloud, for the calls.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from statistics import median
from typing import Any

from benchmarks.invocations import Invoked, Logs
from benchmarks.operations import Operation
from benchmarks.recorder import Recorder
from local.api import StoryError
from local.logs import function_name
from local.stack import Stack

ROUNDS = 3
REPEATS = 10
WARM_UP = 3
FEW = 1  # imports: each has rows enough
PATIENCE_SECONDS = 300

type Usage = dict[str, Any]


def of(stack: Stack, found: list[Operation]) -> dict[str, Usage]:
    """Measure each operation, and give everything per operation."""
    logs = Logs(stack)
    logs.settled()
    rounds = [{each.name: functions(logs, each) for each in found} for _ in range(ROUNDS)]
    used = {each.name: medians([one[each.name] for one in rounds]) for each in found}
    with Recorder(stack.endpoint_url) as recorder:
        send_by(stack, recorder.url, {name for each in used.values() for name in each})
        for each in found:
            again(each, WARM_UP if each.rows == 1 else 1)
        logs.settled()
        recorder.taken()
        calls = {each.name: calls_of(recorder, logs, each) for each in found}
    return {
        each.name: {
            "requests": 1 / each.rows,
            "functions": used[each.name],
            "calls": calls[each.name],
        }
        for each in found
    }


def functions(logs: Logs, operation: Operation) -> dict[str, Invoked]:
    """Give what each function did for one operation."""
    share = 1 / again(operation, REPEATS if operation.rows == 1 else FEW)
    return {
        name: Invoked(each.invocations * share, each.billed_ms * share, each.log_bytes * share)
        for name, each in logs.settled().items()
    }


def calls_of(recorder: Recorder, logs: Logs, operation: Operation) -> dict[str, float]:
    """Give what an operation's calls are billed as."""
    share = 1 / again(operation, REPEATS if operation.rows == 1 else FEW)
    logs.settled()
    return {name: round(each * share, 4) for name, each in sorted(recorder.taken().items()) if each}


def again(operation: Operation, times: int) -> int:
    """Repeat an operation, each after the effect of the one before; give how many that makes."""
    for _ in range(times):
        seen = operation.begin(operation.rows)
        start = time.monotonic()
        while not seen():
            if time.monotonic() - start > PATIENCE_SECONDS:
                raise StoryError(f"{operation.name}: no effect; see the emulator's log.")
            time.sleep(0.05)
    return times * operation.rows


def medians(rounds: list[dict[str, Invoked]]) -> dict[str, dict[str, float]]:
    """Take the median of the rounds: a cold start, or another program, falls on one of them."""
    names = sorted({name for each in rounds for name in each})
    return {name: middle(each.get(name, Invoked()) for each in rounds) for name in names}


def middle(rounds: Iterable[Invoked]) -> dict[str, float]:
    """Take the median of each figure."""
    found = [asdict(each) for each in rounds]
    return {name: round(median(each[name] for each in found), 4) for name in found[0]}


def send_by(stack: Stack, url: str, names: set[str]) -> None:
    """Let functions call AWS by way of another address."""
    client = stack.client("lambda")
    for page in client.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            if function_name(each["FunctionName"]) in names:
                variables: Mapping[str, str] = each.get("Environment", {}).get("Variables", {})
                client.update_function_configuration(
                    FunctionName=each["FunctionName"],
                    Environment={"Variables": {**variables, "AWS_ENDPOINT_URL": url}},
                )
