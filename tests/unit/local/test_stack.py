import socket
from pathlib import Path

import pytest

from local.cloud import HOST, LocalCloudError, free_port
from local.stack import Stack, announced, load, running, write


def stack_on(port: int) -> Stack:
    return Stack(
        base_url=f"http://{HOST}:{port}/_aws/execute-api/api/v1",
        api_key="key",
        endpoint_url=f"http://{HOST}:{port}",
        region="us-east-1",
        mail_url=f"http://{HOST}:{port}/_ministack/ses/messages",
        outputs={"ApiId": "api"},
        webhook_secrets={"stripe": "whsec_1"},
    )


def test_the_file_is_there_exactly_while_the_stack_is_up(tmp_path: Path) -> None:
    file, stack = tmp_path / "stack.json", stack_on(free_port())
    with announced(stack, file):
        assert load(file) == stack
    assert list(tmp_path.iterdir()) == []


def test_the_file_goes_when_the_stack_fails(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    with pytest.raises(KeyboardInterrupt), announced(stack_on(free_port()), file):
        raise KeyboardInterrupt
    assert not file.exists()


def test_only_its_owner_reads_the_file_for_it_holds_secrets(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    write(stack_on(free_port()), file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_second_cloud_leaves_the_firsts_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    with socket.create_server((HOST, 0)) as server:
        first = stack_on(server.getsockname()[1])
        with announced(first, file):
            with announced(stack_on(free_port()), file):
                assert running(file) == first
            assert running(file) == first


def test_a_file_that_a_killed_cloud_left_behind_counts_for_nothing(tmp_path: Path) -> None:
    file, stack = tmp_path / "stack.json", stack_on(free_port())
    write(stack_on(free_port()), file)
    with pytest.raises(LocalCloudError, match="make run"):
        running(file)
    with announced(stack, file):
        assert load(file) == stack
