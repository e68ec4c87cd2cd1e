"""The guide says what was measured, what the model computes from it, and links to what is there."""

import re
from pathlib import Path

import pytest

from benchmarks import costs, guide, measured
from tests.architecture import ROOT, resources

LINK = re.compile(r"\]\((?!https?://)([^)#]*)(#[^)]*)?\)")


@pytest.fixture(scope="module")
def text() -> str:
    return guide.FILE.read_text(encoding="utf-8")


def test_its_tables_are_what_was_measured_and_computed(text: str) -> None:
    stale = "python -m benchmarks.guide writes other tables"
    assert guide.filled(text, guide.tables(measured.read())) == text, stale


def test_its_links_lead_somewhere(text: str) -> None:
    links = [link for link, _ in LINK.findall(text) if link]
    assert links
    for link in links:
        assert (guide.FILE.parent / link).exists(), link


def test_what_was_measured_is_still_there_and_takes_a_message_at_a_time() -> None:
    # The model counts a message an invocation.
    for name in {name for each in measured.read()["usage"].values() for name in each["functions"]}:
        function = resources("AWS::Serverless::Function")[f"{name}Function"]
        events = function["Properties"].get("Events", {}).values()
        sizes = {each["Properties"]["BatchSize"] for each in events if each["Type"] == "SQS"}
        assert sizes <= {1}, name


def test_all_that_was_counted_has_a_price() -> None:
    used = {unit for each in measured.read()["usage"].values() for unit in costs.quantities(each)}
    assert used <= costs.prices().keys()


def test_the_readme_links_it() -> None:
    assert "docs/choosing-a-pattern.md" in Path(ROOT / "README.md").read_text(encoding="utf-8")
