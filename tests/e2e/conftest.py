"""The deployed stack that end-to-end tests share: the template, on an emulator of its own."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.api import Api
from local.cloud import free_port
from local.logs import Follower, is_error, line
from local.stack import Stack
from local.up import deployed
from tests.e2e import leftovers
from tests.e2e.faults import FOLDER, Proxy, intercepted
from tests.e2e.spy import Spy

# Those that tests plant, whatever a worker was at, and those of a busy machine: a worker has five
# seconds here.
DEATHS = (
    "Worker process died",
    "Worker process exited immediately",  # as it began
    "[Errno 32] Broken pipe",  # as it was handed its event
    "Task timed out",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the file that takes longest, while another process runs the others."""
    items.sort(key=lambda item: item.path.name != "test_schemathesis.py")


@contextmanager
def deployed_without_errors(folder: Path) -> Iterator[Stack]:
    """The bundle, deployed; whatever the tests did to it, no function may have logged an error.

    At last it is deleted, which leaves the buckets alone (docs/operations.md#delete).
    """
    with deployed(folder, free_port()) as stack:
        yield stack
        assert errors_logged(stack) == []
        assert set(leftovers.after_deletion(stack).values()) == {"AWS::S3::Bucket"}
        assert leftovers.artifacts(stack) == []
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack that all tests share, but for those that would change it for the others."""
    with deployed_without_errors(FOLDER) as stack:
        yield stack


def errors_logged(stack: Stack) -> list[str]:
    """Give the errors in the functions' logs, but for the deaths that are to be survived."""
    errors = [each for each in Follower(stack).fetch() if is_error(each["message"])]
    return [line(each) for each in errors if not any(death in each["message"] for death in DEATHS)]


def workers_died(stack: Stack, function: str) -> int:
    """Count what a function's log says of workers that died at work, planted or not."""
    said = [each["message"] for each in Follower(stack).fetch() if function in each["group"]]
    return sum(any(death in each for death in DEATHS) for each in said)


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    """The API, with its key."""
    return Api(stack.base_url, stack.api_key)


@pytest.fixture
def run() -> str:
    """A word that no other test uses."""
    return uuid.uuid4().hex[:12]


@pytest.fixture(scope="session")
def mail(stack: Stack) -> Proxy:
    """What stands between the worker and SES."""
    return intercepted(stack, "RunTaskFunction", "SESV2")


@pytest.fixture(scope="session")
def rows(stack: Stack) -> Proxy:
    """What stands between the import's worker and DynamoDB."""
    return intercepted(stack, "ImportChunkFunction", "DYNAMODB")


@pytest.fixture(scope="session")
def spy(stack: Stack) -> Spy:
    """A subscriber to everything, who tells how often each event came."""
    return Spy.on(stack)
