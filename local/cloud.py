"""Start and stop the AWS emulator."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".local"
HOST = "127.0.0.1"
REGION = "us-east-1"
DEFAULT_PORT = 4566
READY_WITHIN_SECONDS = 30
# What the emulator sees of the caller's environment: it hands all of its own on to the functions.
INHERITED = ("PATH", "HOME", "LANG")


class LocalCloudError(Exception):
    """Something that a person can put right; its text is the one line they need."""


@dataclass(frozen=True)
class Cloud:
    """A running emulator."""

    port: int

    @property
    def endpoint_url(self) -> str:
        """Where AWS SDKs reach it."""
        return f"http://{HOST}:{self.port}"

    @property
    def mail_url(self) -> str:
        """Where the sent e-mails can be read."""
        return f"{self.endpoint_url}/_ministack/ses/messages"

    @property
    def environment(self) -> dict[str, str]:
        """Settings under which an AWS tool talks to this cloud, and cannot reach the real one."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": HOST,
        }

    def client(self, service: Any) -> Any:
        """Make an SDK client for this cloud."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator's fixed key, no secret
        )


@contextmanager
def running(folder: Path, port: int) -> Iterator[Cloud]:
    """Run the emulator with its state in the folder; no process stays, however this one ends."""
    refuse_used_port(port)
    temporary = folder / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    cloud, log = Cloud(port=port), folder / "cloud.log"
    keeper = start(cloud, temporary, log)
    try:
        wait_until_ready(cloud, keeper, log)
        yield cloud
    finally:
        stop(keeper)
        shutil.rmtree(temporary, ignore_errors=True)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def port_in_use(port: int) -> bool:
    """Tell whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def refuse_used_port(port: int) -> None:
    """Say so in one line, before anything starts."""
    if port_in_use(port):
        message = f"Port {port} is in use. Choose another one, such as: make run PORT={port + 1}"
        raise LocalCloudError(message)


def start(
    cloud: Cloud, temporary: Path, log: Path, *, disk: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start the emulator under a keeper, in a process group that Ctrl-C does not reach.

    With a disk it keeps its state there when it is stopped, and finds it there when it starts.
    """
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "AUTH": "true",  # functions may do what their roles allow, and nothing else
        "BIND_HOST": os.environ.get("BIND_HOST", HOST),  # wider only for sam local's containers
        "GATEWAY_PORT": str(cloud.port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(temporary),
        **kept_on(disk),
    }
    emulator = STATE / "env/cloud/bin/ministack"
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "local/keeper.py"), str(emulator)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def kept_on(disk: Path | None) -> dict[str, str]:
    """Give the emulator's settings for state that outlives its process."""
    if disk is None:
        return {}
    state = {"PERSIST_STATE": "1", "STATE_DIR": str(disk / "state")}
    return state | {"S3_PERSIST": "1", "S3_DATA_DIR": str(disk / "s3")}


def wait_until_ready(cloud: Cloud, keeper: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the emulator answers; it takes about a second."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while keeper.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{cloud.endpoint_url}/_ministack/ready", timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = f"The embedded cloud did not start; its log: {log}"
    raise LocalCloudError(message)


def stop(keeper: subprocess.Popen[bytes]) -> None:
    """Close the keeper's pipe, which is how it learns that it is time."""
    if keeper.stdin is not None:
        keeper.stdin.close()
    keeper.wait()
