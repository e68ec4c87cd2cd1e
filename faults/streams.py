"""The tables' streams, and how far their readers are: the emulator keeps no stream on its disk."""

import json
from pathlib import Path
from typing import Any

from local.cloud import Cloud

STATE = "state/lambda.json"
POSITIONS = "dynamodb_stream_positions"
PAGE = 1000


def lengths(cloud: Cloud) -> dict[str, int]:
    """Count the records that each reader's stream has, by the reader's id."""
    pages = cloud.client("lambda").get_paginator("list_event_source_mappings").paginate()
    readers = [each for page in pages for each in page["EventSourceMappings"]]
    streams = {each["UUID"]: each["EventSourceArn"] for each in readers}
    return {id: length(cloud, arn) for id, arn in streams.items() if ":dynamodb:" in arn}


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


def rewind(disk: Path, were: dict[str, int]) -> list[str]:
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
    return [id for id, count in were.items() if read.get(id, 0) < count]
