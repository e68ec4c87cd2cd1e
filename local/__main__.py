"""`python -m local`: what the Makefile's run, demo, redeploy, build and local do."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from local import build as builds
from local import containers, demo, stack, up
from local.cloud import DEFAULT_PORT, STATE, LocalCloudError, refuse_used_port
from local.guide import print_guide
from local.logs import Follower


def main() -> int:
    """Run a command; a person's mistake is one line, without a traceback."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or DEFAULT_PORT))
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        return COMMANDS[arguments.command](arguments.port)
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0 if arguments.command == "run" else 130


def interrupt(*_: object) -> None:
    """Treat a request to terminate like Ctrl-C: both unwind, and so stop the cloud."""
    raise KeyboardInterrupt


def run(port: int) -> int:
    """Stay up after the story, whatever became of it, and show the functions' logs."""
    with announced(port) as running:
        demo.play(running)
        print_guide(running)
        print("\nThe functions' logs follow. Ctrl-C stops the cloud.\n", flush=True)
        Follower(running).follow()
    return 0


def play(port: int) -> int:
    """Exit when the story has been played; the code says whether all of it worked."""
    with announced(port) as running:
        return 0 if demo.play(running) else 1


def redeploy(_: int) -> int:
    """Put edited code into the running cloud."""
    start = time.monotonic()
    updated = up.redeploy()
    print(f"Deployed in {time.monotonic() - start:.1f} s: {updated.base_url}")
    return 0


def build(_: int) -> int:
    """Build for Lambda, where `sam deploy` finds it."""
    builds.build(builds.for_lambda(os.environ.get("INTERCHANGE_ARCHITECTURE", "arm64")))
    return 0


def ready(_: int) -> int:
    """Let `sam local` run functions beside the running cloud, built for this processor."""
    running = stack.running()
    builds.build(builds.for_containers())
    containers.write(running)
    print("Ready: .local/env/sam/bin/sam local invoke GetProductFunction --config-env local \\")
    print("         -e events/request_response/get_product.found.json")
    return 0


@contextmanager
def announced(port: int) -> Iterator[stack.Stack]:
    """Bring everything up, and let .local/stack.json say so while it is."""
    refuse_used_port(port)
    start = time.monotonic()
    print("Building, starting the embedded cloud and deploying template.yaml to it …", flush=True)
    with up.deployed(STATE / f"cloud-{port}", port) as running, stack.announced(running):
        print(f"Up after {time.monotonic() - start:.1f} s: {running.base_url}", flush=True)
        yield running


COMMANDS = {"run": run, "demo": play, "redeploy": redeploy, "build": build, "ready": ready}

if __name__ == "__main__":
    sys.exit(main())
