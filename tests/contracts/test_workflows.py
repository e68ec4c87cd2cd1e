"""What GitHub may do: nothing by default, by actions that are who they were, without a secret."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.architecture import ROOT, Json

FILES = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FILES}
WORKFLOWS: dict[str, dict[Any, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
TRIGGERS = True  # YAML 1.1 reads the word "on" so
JOBS = [
    pytest.param(job, id=f"{file}:{name}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
]
STEPS = [
    step
    for workflow in WORKFLOWS.values()
    for job in workflow["jobs"].values()
    for step in job.get("steps", [])
]
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
OUR_OWN = re.compile(r"\./\.github/workflows/\w+\.yaml")
CALLED = {"workflow_call"}
HARMLESS = {"push", "pull_request"}


def names(given: Any) -> set[str]:
    return {given} if isinstance(given, str) else set(given)


@pytest.mark.parametrize("name", TEXTS)
def test_every_action_is_pinned_by_its_hash_and_says_its_version(name: str) -> None:
    used = [each.strip() for each in re.findall(r"^[ -]*uses:(.*)$", TEXTS[name], re.MULTILINE)]

    assert used
    assert [each for each in used if not (PINNED.fullmatch(each) or OUR_OWN.fullmatch(each))] == []


def test_an_action_has_one_version() -> None:
    used = {match.group() for text in TEXTS.values() for match in PINNED.finditer(text)}

    assert len({each.partition("@")[0] for each in used}) == len(used)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_do_nothing_unless_a_job_says_what_it_needs(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_and_only_a_deployment_proves_who_it_is(job: Json) -> None:
    deploys = "environment" in job or "environment" in job.get("with", {})

    assert job["permissions"] == {"contents": "read"} | ({"id-token": "write"} if deploys else {})


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends(job: Json) -> None:
    assert "uses" in job or 0 < job["timeout-minutes"] <= 90


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_strangers_pull_request_gets_no_more_than_its_own_rights(name: str) -> None:
    triggers = names(WORKFLOWS[name][TRIGGERS])

    assert triggers == CALLED or triggers <= HARMLESS
    assert "secrets" not in TEXTS[name]


def test_a_pull_request_runs_the_tests_alone() -> None:
    jobs = WORKFLOWS["deliver.yaml"]["jobs"]

    assert "event_name == 'push'" in jobs["build"]["if"]
    assert [name for name, job in jobs.items() if "needs" not in job] == ["test"]
    assert jobs["test"]["steps"][-1] == {"run": "make test"}


def test_production_comes_after_staging_after_one_build_after_the_tests() -> None:
    jobs = WORKFLOWS["deliver.yaml"]["jobs"]

    needs = {name: job.get("needs") for name, job in jobs.items()}
    assert needs == {"test": None, "build": "test", "staging": "build", "production": "staging"}
    assert all("if" not in jobs[name] for name in ("staging", "production"))


def test_deployments_of_one_environment_never_overlap_and_are_never_cut() -> None:
    (job,) = WORKFLOWS["deploy.yaml"]["jobs"].values()

    assert "inputs.environment" in job["environment"]
    assert "inputs.environment" in job["concurrency"]["group"]
    assert job["concurrency"]["cancel-in-progress"] is False


def test_an_environment_is_samconfigs_too() -> None:
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    jobs = WORKFLOWS["deliver.yaml"]["jobs"].values()

    for environment in (job["with"]["environment"] for job in jobs if "with" in job):
        stack = samconfig[environment]["global"]["parameters"]["stack_name"]
        assert stack == f"interchange-{environment}"


def test_no_command_is_put_together_from_what_others_write() -> None:
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_no_checkout_leaves_its_token_behind() -> None:
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert all(each["with"]["persist-credentials"] is False for each in checkouts)


def test_actions_and_packages_are_kept_new() -> None:
    dependabot = yaml.safe_load((ROOT / ".github/dependabot.yml").read_bytes())

    assert {each["package-ecosystem"] for each in dependabot["updates"]} == {"github-actions", "uv"}
