"""Erasing a person from the event log."""

from interchange import store
from tests import cloud_events
from tests.architecture import Json
from tests.aws_events import queue
from tests.moto_cloud import Cloud

USER = "usr_1"
BEFORE, DELETED, AFTER = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


def put_event(
    cloud: Cloud, id: str, *, subject: str = USER, time: str = BEFORE, **more: str
) -> None:
    row = {"id": id, "subject": subject, "time": time, "type": "user.registered", "event": "{}"}
    store.put_new(cloud.name("EventsTable"), row | {"recorded_at": time} | more)


def deletion() -> Json:
    return cloud_events.message(
        id="evt_deleted", type="user.deleted", time=DELETED, subject=USER, data={"id": USER}
    )


def erase(cloud: Cloud) -> set[str]:
    """Erase twice, as a queue may deliver; name the events that are left."""
    for _ in range(2):
        answer = cloud.invoke("EraseUserEventsFunction", queue(deletion()))
        assert answer == {"batchItemFailures": []}
    return {row["id"]["S"] for row in cloud.rows("EventsTable")}


def test_what_is_about_the_person_goes_and_what_is_about_others_stays(cloud: Cloud) -> None:
    put_event(cloud, "evt_1")
    put_event(cloud, "evt_2", time=DELETED)
    put_event(cloud, "evt_3", subject="usr_2")

    assert erase(cloud) == {"evt_3"}


def test_the_deletion_itself_and_a_later_registration_stay(cloud: Cloud) -> None:
    put_event(cloud, "evt_deleted", time=DELETED, type="user.deleted")
    put_event(cloud, "evt_again", time=AFTER)

    assert erase(cloud) == {"evt_deleted", "evt_again"}


def test_what_was_recorded_before_goes_whatever_time_its_publisher_gave_it(cloud: Cloud) -> None:
    put_event(cloud, "evt_1", time="2999-01-01T00:00:00+02:00", recorded_at=BEFORE)

    assert erase(cloud) == set()


def test_times_of_any_offset_are_compared_as_times(cloud: Cloud) -> None:
    put_event(cloud, "evt_1", time="2026-01-02T05:00:00+06:00", recorded_at=AFTER)
    put_event(cloud, "evt_2", time="2026-01-01T23:00:00-06:00", recorded_at=AFTER)

    assert erase(cloud) == {"evt_2"}
