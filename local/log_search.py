"""Search the logs of a stack's functions, wherever the stack is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.resources import FUNCTION, resources
from local.timeline import Line, parse


@dataclass(frozen=True)
class Logs:
    """The log groups of a stack; `since` is where a search begins, in epoch milliseconds."""

    client: Any
    groups: frozenset[str]
    since: int = 0

    def lines(self, word: str) -> list[Line]:
        """Find the lines of ours that have a word.

        A phrase and no JSON pattern: the embedded cloud takes one of those for anything.
        """
        return [line for group in sorted(self.groups) for line in self._of_group(group, word)]

    def _of_group(self, group: str, word: str) -> Iterator[Line]:
        found = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern=f'"{word}"', startTime=self.since
        )
        try:
            for page in found:
                lines = (parse(each["message"], group=group) for each in page["events"])
                yield from (line for line in lines if line is not None)
        except ClientError as error:  # a function that has never run may have no group
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def log_groups(cloudformation: Any, functions: Any, *, stack_name: str) -> frozenset[str]:
    """Name the groups that the stack's functions write to; several may share one."""
    made = resources(cloudformation, stack_name)
    own = {each["PhysicalResourceId"] for each in made if each["ResourceType"] == FUNCTION}
    listed = functions.get_paginator("list_functions").paginate()
    found = [each for page in listed for each in page["Functions"]]
    return frozenset(_group(each) for each in found if each["FunctionName"] in own)


def _group(function: dict[str, Any]) -> str:
    given = function.get("LoggingConfig", {}).get("LogGroup")
    return given or f"/aws/lambda/{function['FunctionName']}"
