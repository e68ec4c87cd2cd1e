"""What an update must not replace; `python -m tests.lasting` puts on record what is new.

CloudFormation makes a resource anew when its logical id, its type or a create-only property
changes, and the new one is empty. tests/contracts/lasting.json has all three, as the last version
had them. An argument names a resource whose loss is accepted: docs/operations.md, "Updates".
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from tests.architecture import REGION, ROOT, Json, resources

FILE = ROOT / "tests/contracts/lasting.json"
COMMAND = ".venv/bin/python -m tests.lasting"
HELD = {
    "AWS::ApiGateway::ApiKey": "the key that callers have",
    "AWS::ApiGateway::UsagePlan": "the keys that were added to it by hand",
    "AWS::DynamoDB::Table": "its rows",
    "AWS::KMS::Key": "the way to read what it has encrypted",
    "AWS::S3::Bucket": "its objects",
    "AWS::SNS::Topic": "the subscriptions that others made, and its ARN, which publishers know",
    "AWS::SQS::Queue": "the messages that wait in it",
    "AWS::Scheduler::ScheduleGroup": "the schedules in it: tasks of tomorrow and later",
    "AWS::SecretsManager::Secret": "the secret that somebody put into it",
    "AWS::Serverless::Api": "its URL, which callers and webhook providers know",
}
# SAM's API becomes a REST API, which nothing replaces, and a stage, whose name is in the URL.
SCHEMAS = {"AWS::Serverless::Api": "AWS::ApiGateway::Stage"}
# These say "Replacement" in CloudFormation's reference, and its schema leaves them out.
UNLISTED = {"AWS::DynamoDB::Table": {"AttributeDefinitions", "LocalSecondaryIndexes"}}


class Replaced(NamedTuple):
    """A resource that the stack would begin anew, and why."""

    name: str
    type: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.type}): {self.why}. It holds {HELD[self.type]}."


def main(accepted: Iterable[str]) -> int:
    """Put the template on record, unless more would be lost than is accepted."""
    now = lasting(resources())
    refused = [each for each in replaced(recorded(), now) if each.name not in set(accepted)]
    if refused:
        print(message(refused), file=sys.stderr)
        return 1
    FILE.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def recorded() -> dict[str, Json]:
    """Read what the last version had."""
    found: dict[str, Json] = json.loads(FILE.read_bytes())
    return found


def lasting(found: Mapping[str, Json]) -> dict[str, Json]:
    """Give what decides whether a resource is replaced, of each that holds what is not ours."""
    return {name: facts(each) for name, each in found.items() if each["Type"] in HELD}


def facts(resource: Json) -> Json:
    """Give whether and as what a resource is made, and what its creation alone sets."""
    given = resource.get("Properties", {})
    names = create_only(resource["Type"]) & given.keys()
    made = {name: resource[name] for name in ("Type", "Condition") if name in resource}
    return made | {
        name: comparable(name, given[name]) for name in names if given[name] is not False
    }


@cache
def create_only(type: str) -> set[str]:
    """Ask CloudFormation's own schema, which cfn-lint has."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, SCHEMAS.get(type, type)).schema
    members = ("createOnlyProperties", "conditionalCreateOnlyProperties")
    paths = [path for member in members for path in schema.get(member, [])]
    return {path.split("/")[2] for path in paths} | UNLISTED.get(type, set())


def comparable(name: str, value: Any) -> Any:
    """Give attributes by name: one more is no change of the others."""
    if name == "AttributeDefinitions":
        return {each["AttributeName"]: each["AttributeType"] for each in value}
    return value


def replaced(before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[Replaced]:
    """Find what was there and would not be the same resource any more."""
    for name, was in before.items():
        if name not in now:
            yield Replaced(name, was["Type"], "it is gone, or has another name")
            continue
        for member in sorted(was.keys() | now[name].keys()):
            old, new = was.get(member), now[name].get(member)
            if changed(member, old, new):
                why = f"{member} was {json.dumps(old)} and is {json.dumps(new)}"
                yield Replaced(name, was["Type"], why)


def changed(member: str, old: Any, new: Any) -> bool:
    """Compare attributes where both versions have them, all else as it is."""
    if member == "AttributeDefinitions" and old and new:
        return any(old[name] != new[name] for name in old.keys() & new.keys())
    return bool(old != new)


def message(found: Iterable[Replaced]) -> str:
    """Say what would be lost, and what to do."""
    lines = [f"- {each}" for each in found]
    names = " ".join(sorted({each.name for each in found}))
    return "\n".join(
        [
            "The next deployment would make these anew, and empty:",
            *lines,
            "Put them back as they were. If the loss is meant, move what they hold first",
            f'(docs/operations.md, "Updates"), then accept it: {COMMAND} {names}',
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
