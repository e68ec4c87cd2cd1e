"""Cancelling exports: whatever the moment, the job ends at once and nothing is left of it."""

import itertools

import pytest

from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.exports import NO_TIME, Exports, put_users
from tests.faults import hooked
from tests.moto_cloud import Cloud


def cancel(exports: Exports, job_id: str) -> Json:
    return exports.call("CancelExportFunction", "DELETE", job_id)


@pytest.mark.parametrize("rounds", [0, 1, 3])
def test_an_export_that_runs_is_cancelled_at_once(cloud: Cloud, rounds: int) -> None:
    put_users(cloud, "Ada", "Bob", "Cy", "Di", "Eve")
    exports = Exports(cloud, segments=1, page_rows=1)
    job_id = body_of(exports.start())["id"]
    for _ in range(rounds):
        exports.advance()
        exports.steps(context=NO_TIME)

    answer = cancel(exports, job_id)

    assert (answer["statusCode"], body_of(answer)["status"]) == (202, "cancelled")
    job = exports.finish(job_id)
    assert (job["status"], job["counts"]["total"]) == ("cancelled", rounds)
    assert exports.keys(job_id) == []
    (event,) = exports.told()
    assert (event["data"]["status"], event["data"]["counts"]["exported"]) == ("cancelled", 0)
    results = exports.call("GetExportResultsFunction", "GET", job_id)
    assert refusal(results) == (404, "results_not_found")


def test_a_cancellation_before_any_call_of_a_step_leaves_nothing_or_comes_too_late(
    cloud: Cloud,
) -> None:
    for number in itertools.count(1):
        cloud.clear()
        put_users(cloud, "Ada", "Bob")
        exports = Exports(cloud, segments=1)
        job_id = body_of(exports.start())["id"]
        calls, answers = itertools.count(1), list[Json]()

        def meanwhile(
            exports: Exports = exports,
            job_id: str = job_id,
            calls: "itertools.count[int]" = calls,
            answers: list[Json] = answers,
            **_: object,
        ) -> None:
            if next(calls) == number:  # noqa: B023 - called within this turn
                answers.append(cancel(exports, job_id))
                exports.advance()
                exports.steps()  # what clears up comes before what it is to clear up

        while exports.advance() or _steps(exports, meanwhile):
            pass

        if not answers:
            break
        job = exports.job(job_id)
        assert len(exports.told()) == 1
        if answers[0]["statusCode"] == 202:
            assert (job["status"], exports.keys(job_id)) == ("cancelled", []), number
        else:
            assert refusal(answers[0]) == (409, "export_ended")
            assert (job["status"], exports.keys(job_id)) == ("completed", ["users.csv"]), number
    assert number > 10


def _steps(exports: Exports, meanwhile: object) -> bool:
    with hooked("before-call", meanwhile):  # type: ignore[arg-type]  # any function with defaults
        return exports.steps()


def test_cancelling_twice_is_cancelling(cloud: Cloud) -> None:
    exports = Exports(cloud)
    job_id = body_of(exports.start())["id"]
    cancel(exports, job_id)

    assert cancel(exports, job_id)["statusCode"] == 202


def test_an_export_that_has_ended_stays_ended(cloud: Cloud) -> None:
    exports = Exports(cloud)
    job = exports.run()

    assert refusal(cancel(exports, job["id"])) == (409, "export_ended")
    assert refusal(cancel(exports, "job_none")) == (404, "export_not_found")
    assert exports.job(job["id"]) == job
