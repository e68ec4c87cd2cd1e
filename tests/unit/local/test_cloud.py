import socket
from pathlib import Path

import pytest

from local.cloud import HOST, Cloud, LocalCloudError, free_port, port_in_use, running


def test_a_port_in_use_is_refused_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalCloudError) as refusal, running(tmp_path / "cloud", port):
            pass
    assert str(refusal.value) == (
        f"Port {port} is in use. Choose another one, such as: make run PORT={port + 1}"
    )
    assert not (tmp_path / "cloud").exists()


def test_a_free_port_is_free() -> None:
    assert not port_in_use(free_port())


def test_tools_see_the_local_cloud_and_none_of_a_persons_aws_settings() -> None:
    environment = Cloud(port=4999).environment
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"]
    assert Path(environment["AWS_CONFIG_FILE"]).read_bytes() == b""
