"""What programs need to know to use a deployed stack, and the file that tells them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from local.cloud import STATE, Cloud, LocalCloudError, port_in_use

FILE = STATE / "stack.json"


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    base_url: str
    api_key: str
    endpoint_url: str
    region: str
    mail_url: str
    outputs: Mapping[str, str]
    webhook_secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def cloud(self) -> Cloud:
        """The cloud that the stack runs in."""
        return Cloud(port=int(self.endpoint_url.rpartition(":")[2]))

    def client(self, service: Any) -> Any:
        """Make an SDK client for the stack's cloud."""
        return self.cloud.client(service)


@contextmanager
def announced(stack: Stack, file: Path = FILE) -> Iterator[None]:
    """Keep the file while the stack is up; of two clouds at a time, the first is announced."""
    if announces_running_cloud(file):
        yield
        return
    write(stack, file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def announces_running_cloud(file: Path) -> bool:
    """Tell a live file from one that a killed process has left."""
    try:
        return port_in_use(load(file).cloud.port)
    except FileNotFoundError:
        return False


def write(stack: Stack, file: Path = FILE) -> None:
    """Write the file in one step: a reader sees all of it or none."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(stack), indent=2) + "\n", encoding="utf-8")
    draft.chmod(0o600)  # it holds the key and the secrets
    draft.replace(file)


def load(file: Path) -> Stack:
    """Read the file as it is."""
    return Stack(**json.loads(file.read_bytes()))


def running(file: Path = FILE) -> Stack:
    """Give the stack that is up."""
    if not announces_running_cloud(file):
        message = "No embedded cloud is running. Start it with: make run"
        raise LocalCloudError(message)
    return load(file)
