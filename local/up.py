"""Bring the whole bundle up: build, start, deploy, seed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from local import cloud as emulator
from local import sam
from local.build import build
from local.deploy import STACK_NAME, deploy
from local.seed import seed
from local.stack import Stack, running, write


@contextmanager
def deployed(
    folder: Path,
    port: int,
    *,
    stack_name: str = STACK_NAME,
    overrides: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Run a cloud with its state in the folder, and the bundle in it; both are gone at the end."""
    with emulator.running(folder, port) as cloud:
        yield install(cloud, stack_name=stack_name, overrides=overrides)


def install(
    cloud: emulator.Cloud,
    *,
    stack_name: str = STACK_NAME,
    overrides: Mapping[str, str] | None = None,
) -> Stack:
    """Build the bundle, and deploy and seed it in a cloud that runs."""
    with sam.exclusive():
        build()
        stack = deploy(cloud, stack_name=stack_name, overrides=overrides)
    return seed(stack)


def redeploy() -> Stack:
    """Build what has been edited and deploy it to the cloud that is running."""
    stack = running()
    with sam.exclusive():
        build()
        updated = replace(deploy(stack.cloud), webhook_secrets=stack.webhook_secrets)
    write(updated)
    return updated
