"""Run a command for exactly as long as the process that asked for it lives.

The keeper's standard input is a pipe from that process. However it ends, the pipe closes, and the
keeper stops the command and every process the command has started. That works on Linux and macOS
alike, and needs no cooperation from a process that is being killed.
"""

import os
import signal
import subprocess
import sys
import threading

PATIENCE_SECONDS = 3


def main(command: list[str]) -> None:
    """Start the command, wait for its end or ours, leave nothing behind."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=stop_with_parent, args=(child,), daemon=True).start()
    child.wait()
    # The keeper leads its own process group: this ends the command's children, and the keeper too.
    os.killpg(os.getpgrp(), signal.SIGKILL)


def stop_with_parent(child: subprocess.Popen[bytes]) -> None:
    """Stop the command when the pipe closes; firmly, if a request does not help."""
    while sys.stdin.buffer.read(1):
        pass
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
