"""The emulator as a machine that is switched off and on again; its disk stays."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from faults import streams
from faults.streams import Reader
from local import cloud as emulator
from local.api import StoryError
from local.cloud import Cloud

QUIET_SECONDS = 6.0  # a relay reads its stream within milliseconds
QUIET_WITHIN_SECONDS = 90.0
WRITTEN_WITHIN_SECONDS = 60.0


class Machine:
    """Runs the cloud for as long as the block lasts, also by several processes in turn."""

    def __init__(self, folder: Path, port: int) -> None:
        self.cloud = Cloud(port)
        self._folder = folder
        self._starts = 0
        self._keeper: subprocess.Popen[bytes]

    def __enter__(self) -> "Machine":
        emulator.refuse_used_port(self.cloud.port)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        emulator.stop(self._keeper)
        shutil.rmtree(self._folder)

    def restart(self, *, meanwhile: Callable[[], None], quiet: float = QUIET_SECONDS) -> None:
        """End the store's process with every worker in it, and start it again from its disk."""
        were = self._read(quiet)
        self._end()
        behind = streams.rewind(self._folder / "disk", were)
        if behind:
            raise StoryError(f"The emulator dropped stream records unread: {'; '.join(behind)}")
        meanwhile()
        self._start()

    def _end(self) -> None:
        """Ask the store to end, and let it write its disk: left to its keeper it has 3 seconds."""
        self._keeper.terminate()
        self._keeper.wait(WRITTEN_WITHIN_SECONDS)
        emulator.stop(self._keeper)

    def _read(self, quiet: float) -> dict[str, Reader]:
        """Wait until no stream has been written or read for a while; give the streams' readers."""
        deadline = time.monotonic() + QUIET_WITHIN_SECONDS
        before, since = self._moved(), time.monotonic()
        while time.monotonic() - since < quiet and time.monotonic() < deadline:
            time.sleep(0.2)
            if (now := self._moved()) != before:
                before, since = now, time.monotonic()
        return before[0]

    def _moved(self) -> tuple[dict[str, Reader], int]:
        """Say how long the streams are, and how many batches of them were read so far."""
        log = self._folder / f"cloud-{self._starts}.log"
        return streams.readers(self.cloud), log.read_bytes().count(b"DynamoDB stream records from")

    def _start(self) -> None:
        self._starts += 1
        temporary, log = self._folder / "tmp", self._folder / f"cloud-{self._starts}.log"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        self._keeper = emulator.start(self.cloud, temporary, log, disk=self._folder / "disk")
        emulator.wait_until_ready(self.cloud, self._keeper, log)
