"""What a stack is made of, wherever it is."""

from collections.abc import Iterator
from typing import Any

FUNCTION = "AWS::Lambda::Function"


def resources(cloudformation: Any, stack_name: str) -> Iterator[dict[str, Any]]:
    """List a stack's resources, each with its type, its name in the template and in the cloud."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    for page in pages:
        yield from page["StackResourceSummaries"]
