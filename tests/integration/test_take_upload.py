"""Starting imports whose files have arrived."""

import datetime
from urllib.parse import quote_plus

import pytest

from batch_processing import jobs
from interchange import clock, store
from interchange.trace import Trace
from tests.architecture import Json
from tests.aws_events import uploaded
from tests.imports import Imports
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
JOB, OTHER = f"job_{'1' * 32}", f"job_{'2' * 32}"
ASKED: Json = {"mode": "create", "dry_run": False, "notify": False, "max_errors": None}
ASKED |= {"delimiter": None, "encoding": None}


def put_job(cloud: Cloud, job_id: str = JOB, *, hours_ago: int = 0) -> None:
    now = clock.now() - datetime.timedelta(hours=hours_ago)
    job = jobs.new_job(
        job_id, entity="users", format="csv", asked=ASKED, now=now, days=30, trace=TRACE
    )
    store.put_new(cloud.name("ImportsTable"), job, key="job_id")


def arrive(cloud: Cloud, *keys: str, etag: str = "e1") -> None:
    event = uploaded(cloud.name("ImportsBucket"), *keys, etag=etag)
    cloud.invoke("TakeUploadFunction", event)


def row(cloud: Cloud, job_id: str = JOB) -> Json:
    return Imports(cloud).row(job_id)


def test_a_job_whose_file_has_come_is_to_be_planned(cloud: Cloud) -> None:
    put_job(cloud)

    arrive(cloud, f"imports/{JOB}")

    found = row(cloud)
    assert (found["status"], found["step"], found["etag"]) == ("planning", 1, '"e1"')


def test_the_same_event_three_times_starts_one_job_once(cloud: Cloud) -> None:
    put_job(cloud)

    arrive(cloud, *[f"imports/{JOB}"] * 3)
    before = row(cloud)
    arrive(cloud, f"imports/{JOB}", etag="e2")

    assert row(cloud) == before
    assert before["version"] == 2


def test_a_key_is_read_as_s3_writes_it(cloud: Cloud) -> None:
    put_job(cloud)

    arrive(cloud, quote_plus(f"imports/{JOB}"))

    assert quote_plus(f"imports/{JOB}") != f"imports/{JOB}"
    assert row(cloud)["status"] == "planning"


def test_several_files_may_come_in_one_event(cloud: Cloud) -> None:
    put_job(cloud)
    put_job(cloud, OTHER)

    arrive(cloud, f"imports/{JOB}", f"imports/{OTHER}")

    assert [row(cloud, each)["status"] for each in (JOB, OTHER)] == ["planning", "planning"]


@pytest.mark.parametrize("key", [f"imports/{JOB}", "imports/a+b.csv", "imports/%2F", "x"])
def test_a_file_of_no_job_is_left_alone(cloud: Cloud, key: str) -> None:
    arrive(cloud, key)

    assert cloud.rows("ImportsTable") == []


def test_a_file_that_comes_after_a_day_is_too_late(cloud: Cloud) -> None:
    put_job(cloud, hours_ago=25)

    arrive(cloud, f"imports/{JOB}")

    assert row(cloud)["status"] == "awaiting_upload"
    assert Imports(cloud).job(JOB)["status"] == "expired"


def test_s3s_test_event_is_nothing_to_start(cloud: Cloud) -> None:
    cloud.invoke("TakeUploadFunction", {"Service": "Amazon S3", "Event": "s3:TestEvent"})
