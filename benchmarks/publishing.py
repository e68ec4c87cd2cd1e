"""`python -m benchmarks.publishing`: events per second, and how long one takes to its effect.

The effect is a row: the event log's, and that of a chain of the same services through two functions
that do nothing else (chain.yaml). Both are on one embedded cloud and take turns.
"""

import argparse
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from local.api import Api
from local.cloud import STATE, LocalCloudError, free_port
from local.stack import Stack
from local.up import deployed

CHAIN = Path(__file__).with_name("chain.yaml")
TOPIC = "user-events"
UNLIMITED = {"RequestsPerSecond": "100000", "RequestBurst": "100000"}
WARM_UP = 10
THREADS = 8
SINGLE, ARRAYS, ARRAY = 400, 20, 100  # requests with one event; requests with a hundred
PATIENCE_SECONDS = 120
LOOK_EVERY_SECONDS = 0.002
TARGET = 1.5


@dataclass(frozen=True)
class Way:
    """A way from a request to a row."""

    name: str
    send: Callable[[], str]
    table: str


def main() -> int:
    """Deploy both ways, measure, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishing", description=__doc__)
    parser.add_argument("--events", type=int, default=200, help="for the latency, each way")
    events = parser.parse_args().events
    try:
        with deployed(STATE / "bench/publishing", free_port(), overrides=UNLIMITED) as stack:
            for line in chain(latencies(stack, events), [""], throughput(stack)):
                print(line, flush=True)
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def latencies(stack: Stack, events: int) -> Iterator[str]:
    """Send one event at a time, each way in turn; the first ones only warm the functions up."""
    ours, empty = Way("Interchange", lambda: publish(stack), events_table(stack)), deploy(stack)
    found: dict[str, list[float]] = {ours.name: [], empty.name: []}
    for number in range(events + WARM_UP):
        for way in (empty, ours):
            seconds = until_effect(stack, way)
            if number >= WARM_UP:
                found[way.name].append(seconds)
    base = median(found[empty.name])
    yield "| publish → first subscriber's row | median, ms | p95, ms | ÷ empty functions |"
    yield "|---|--:|--:|--:|"
    for name, each in found.items():
        middle, p95 = median(each), quantiles(each, n=20)[-1]
        yield f"| {name} | {1e3 * middle:.1f} | {1e3 * p95:.1f} | {middle / base:.2f} |"
    ratio = median(found[ours.name]) / base
    yield ""
    yield f"P9, ≤ {TARGET:.2f}: {ratio:.2f}, {'met' if ratio <= TARGET else 'missed'}"


def until_effect(stack: Stack, way: Way) -> float:
    """Give the seconds from sending an event until its row can be read."""
    dynamodb = stack.client("dynamodb")
    start = time.perf_counter()
    key = {"id": {"S": way.send()}}
    while "Item" not in dynamodb.get_item(TableName=way.table, Key=key):
        require_patience(start)
        time.sleep(LOOK_EVERY_SECONDS)
    return time.perf_counter() - start


def throughput(stack: Stack) -> Iterator[str]:
    """Send as fast as the API takes it, and wait until the log has it all."""
    event = {"topic": TOPIC, "type": "bench", "payload": {"n": 1}}
    rates(stack, event, SINGLE, 1)  # starts as many copies of each function as the load needs
    yield f"| {THREADS} connections | taken, events/s | in the log, events/s |"
    yield "|---|--:|--:|"
    for name, body, requests, size in (
        ("one event a request", event, SINGLE, 1),
        (f"{ARRAY} events a request", [event] * ARRAY, ARRAYS, ARRAY),
    ):
        taken, logged = rates(stack, body, requests, size)
        yield f"| {name} | {taken:,.0f} | {logged:,.0f} |"


def rates(stack: Stack, body: Any, requests: int, size: int) -> tuple[float, float]:
    """Give events a second, as they are taken and as they arrive in the log."""
    api = Api(stack.base_url, stack.api_key)
    expected = rows(stack) + requests * size
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        sent = [pool.submit(api.post, "/events/publish", body, expect=202) for _ in range(requests)]
        for each in sent:
            each.result()
    taken = time.perf_counter() - start
    while rows(stack) < expected:
        require_patience(start)
        time.sleep(0.1)
    return requests * size / taken, requests * size / (time.perf_counter() - start)


def rows(stack: Stack) -> int:
    """Count the log's rows."""
    pages = stack.client("dynamodb").get_paginator("scan")
    found = pages.paginate(TableName=events_table(stack), Select="COUNT")
    return sum(page["Count"] for page in found)


def publish(stack: Stack) -> str:
    """Publish an event; give its id."""
    event = {"topic": TOPIC, "type": "bench", "payload": {"id": uuid.uuid4().hex}}
    api = Api(stack.base_url, stack.api_key)
    return str(api.post("/events/publish", event, expect=202).body["id"])


def deploy(stack: Stack) -> Way:
    """Deploy the chain of empty functions beside the bundle."""
    client = stack.client("cloudformation")
    client.create_stack(
        StackName="chain", TemplateBody=CHAIN.read_text(), Capabilities=["CAPABILITY_IAM"]
    )
    client.get_waiter("stack_create_complete").wait(StackName="chain")
    (found,) = client.describe_stacks(StackName="chain")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}
    base = f"{stack.endpoint_url}/_aws/execute-api/{outputs['ApiId']}/chain"
    return Way("empty functions", lambda: send(Api(base, "none")), outputs["Table"])


def send(api: Api) -> str:
    """Send an event down the chain; give its id."""
    event = {"id": uuid.uuid4().hex}
    return str(api.post("/publish", event, expect=202).body["id"])


def events_table(stack: Stack) -> str:
    """Name the log's table."""
    return stack.outputs["EventsTableName"]


def require_patience(start: float) -> None:
    """Give up on what does not arrive."""
    if time.perf_counter() - start > PATIENCE_SECONDS:
        raise LocalCloudError("An event did not arrive; see the emulator's log.")


if __name__ == "__main__":
    sys.exit(main())
