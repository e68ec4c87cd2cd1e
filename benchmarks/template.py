"""Read from template.yaml what a function is billed by: its memory, and what invokes it."""

from functools import cache
from typing import Any

import yaml

from local.cloud import ROOT


class _Loader(yaml.SafeLoader):
    """Takes CloudFormation's short forms for what they hold: none of them is read here."""


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
        case _:
            return None


_Loader.add_multi_constructor("!", _plain)


@cache
def read() -> dict[str, Any]:
    """Read the template, once."""
    text = (ROOT / "template.yaml").read_bytes()
    found: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    return found


def memory_gb(function: str) -> float:
    """Give a function's memory, its own or that of all."""
    megabytes = _properties(function).get("MemorySize", read()["Globals"]["Function"]["MemorySize"])
    return float(megabytes) / 1024


def takes_messages(function: str) -> bool:
    """Tell whether SQS invokes it."""
    events = _properties(function).get("Events", {})
    return any(each["Type"] == "SQS" for each in events.values())


def _properties(function: str) -> dict[str, Any]:
    found: dict[str, Any] = read()["Resources"][f"{function}Function"]["Properties"]
    return found
