"""`python -m local.import_file users.csv`: import a file of any size, and draw how far it is.

Without a file it makes up as many users as ROWS says. It imports into what `make run` keeps up, or
into BASE_URL with API_KEY.
"""

import argparse
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import stack
from local.api import Api, StoryError, expected
from local.cloud import LocalCloudError

ENDED = {"completed", "completed_with_errors", "failed", "cancelled", "expired"}
TAKEN = {200, 201, 204}
WIDTH = 40
_BLOCK = 1_048_576
_LOOK_EVERY_SECONDS = 1.0  # a large import's progress is a thousand rows to read


def main() -> int:
    """Import a file and say how it went; the code says whether all of it is imported."""
    parser = argparse.ArgumentParser(prog="python -m local.import_file", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    file = parser.parse_args().file
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = file or made(Path(folder) / "users.csv", int(os.environ.get("ROWS", "10000")))
            job = imported(api(), file)
    except (LocalCloudError, StoryError) as error:
        print(error, file=sys.stderr)
        return 1
    print("", summary(job), sep="\n")
    return 0 if job["status"] == "completed" else 1


def api() -> Api:
    """Find the API to import into."""
    if "BASE_URL" in os.environ:
        return Api(os.environ["BASE_URL"], os.environ.get("API_KEY", ""))
    running = stack.running()
    return Api(running.base_url, running.api_key)


def made(file: Path, rows: int) -> Path:
    """Make up users whom nobody has."""
    run = uuid.uuid4().hex[:8]
    with file.open("w") as text:
        text.write("email,name\n")
        text.writelines(f"user{n}.{run}@example.com,User {n}\n" for n in range(rows))
    return file


def imported(to: Api, file: Path) -> dict[str, Any]:
    """Upload a file and follow its import to the end, drawing."""
    job: dict[str, Any] = to.post("/api/users/batch/uploads", {}, expect=201).body
    print(f"{job['id']}: uploading {file.stat().st_size:,} bytes", flush=True)
    status = uploaded(job["upload"], file)
    if status not in TAKEN:
        message = f"S3 refused the file with {status}"
        raise StoryError(message)
    for seen in followed(to, job["id"]):
        print(f"\r{drawn(seen)}\x1b[K", end="", flush=True)
        job = seen
    return job


def uploaded(form: dict[str, Any], file: Path, **fields: str) -> int:
    """Send a file with a form as a browser does, block by block; give the status."""
    boundary = uuid.uuid4().hex
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (form["fields"] | fields).items()
    )
    named = 'Content-Disposition: form-data; name="file"; filename="users.csv"'
    before = f"{parts}--{boundary}\r\n{named}\r\n\r\n".encode()
    behind = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(before) + file.stat().st_size + len(behind)),
    }
    body = _blocks(before, file, behind)
    request = urllib.request.Request(form["url"], body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=600) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _blocks(before: bytes, file: Path, behind: bytes) -> Iterator[bytes]:
    yield before
    with file.open("rb") as data:
        while block := data.read(_BLOCK):
            yield block
    yield behind


def followed(to: Api, job_id: str) -> Iterator[dict[str, Any]]:
    """Give the job again and again, until it has ended."""
    while True:
        job = expected(200, to.get(f"/api/users/batch/{job_id}")).body
        yield job
        if job["status"] in ENDED:
            return
        time.sleep(_LOOK_EVERY_SECONDS)


def drawn(job: dict[str, Any]) -> str:
    """Draw how far a job is."""
    progress = job["progress"]
    share = progress["chunks_done"] / (progress["chunks"] or 1)
    bar = ("█" * round(share * WIDTH)).ljust(WIDTH, "·")
    left = progress["seconds_left"]
    words = f"{progress['rows_done']:,} rows, {progress['rows_per_second'] or 0:,.0f}/s"
    return f"{job['status']} {bar} {share:.0%} {words}" + (f", {left:,.0f} s left" if left else "")


def summary(job: dict[str, Any]) -> str:
    """Say what became of the rows."""
    counts = ", ".join(f"{count:,} {name}" for name, count in job["counts"].items() if count)
    return f"{job['status']}: {counts or 'no rows'}" + (
        f" ({job['error']['code']}: {job['error']['detail']})" if "error" in job else ""
    )


if __name__ == "__main__":
    sys.exit(main())
