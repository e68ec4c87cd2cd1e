import os
import subprocess
import sys
import time
from pathlib import Path

KEEPER = Path(__file__).parents[3] / "local/keeper.py"
# Starts a child of its own, tells both ids, and would stay for minutes.
FAMILY = "sleep 300 & echo $$ $!; wait"


def test_the_command_and_its_children_end_with_the_process_that_asked_for_them() -> None:
    with subprocess.Popen(
        [sys.executable, str(KEEPER), "sh", "-c", FAMILY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        family = [int(pid) for pid in keeper.stdout.readline().split()]
        assert all(alive(pid) for pid in family)
        keeper.stdin.close()
        keeper.wait(timeout=10)
    assert eventually_gone(family)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not is_zombie(pid)


def is_zombie(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return state.startswith("Z")


def eventually_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(alive(pid) for pid in pids)
