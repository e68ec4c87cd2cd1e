"""The tables' streams, and how far their readers are: the emulator keeps no stream on its disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud import Cloud

STATE = "state/lambda.json"
POSITIONS = "dynamodb_stream_positions"
PAGE = 1000


@dataclass(frozen=True)
class Reader:
    """A function that reads a stream, and how many records that has."""

    function: str
    records: int


def readers(cloud: Cloud) -> dict[str, Reader]:
    """Find the streams' readers, by their ids."""
    pages = cloud.client("lambda").get_paginator("list_event_source_mappings").paginate()
    mappings = [each for page in pages for each in page["EventSourceMappings"]]
    return {
        each["UUID"]: Reader(
            each["FunctionArn"].rpartition(":")[2], length(cloud, each["EventSourceArn"])
        )
        for each in mappings
        if ":dynamodb:" in each["EventSourceArn"]
    }


def length(cloud: Cloud, stream_arn: str) -> int:
    """Count a stream's records; the emulator's have one shard."""
    client = cloud.client("dynamodbstreams")
    (shard,) = client.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
    token = client.get_shard_iterator(
        StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    count = 0
    while records := (page := client.get_records(ShardIterator=token, Limit=PAGE))["Records"]:
        count += len(records)
        token = page["NextShardIterator"]
    return count


def rewind(disk: Path, were: Mapping[str, Reader]) -> list[str]:
    """Let every reader begin again with the streams, which are empty; name who had not read all.

    The emulator keeps the readers' positions, but not the records: left alone, each reader would
    pass over as many new records as it has read old ones.
    """
    file = disk / STATE
    state: dict[str, Any] = json.loads(file.read_bytes())
    positions: dict[str, int] = state["payload"][POSITIONS]["data"]
    read = {key.rpartition("\0")[2].strip("'"): place for key, place in positions.items()}
    state["payload"][POSITIONS]["data"] = {}
    file.write_text(json.dumps(state), encoding="utf-8")
    return [
        f"{each.function} {read.get(id, 0)} of {each.records}"
        for id, each in were.items()
        if read.get(id, 0) < each.records
    ]
