"""The report's page in a browser: it is painted, its charts are, and nothing in it is refused."""

from pathlib import Path

import pytest

from batch_processing.reports import page
from tests.chromium import look
from tests.unit.test_report_pages import COUNTS, report

PAGE, CARD, INK = "#f5f6f8", "#ffffff", "#16202c"
BLUE, GREEN, RED = "#2f6fde", "#1a8a5a", "#c93a3a"


def written(folder: Path, text: str) -> str:
    """Write a page, and give its URL."""
    file = folder / "page.html"
    file.write_text(text)
    return file.as_uri()


@pytest.mark.parametrize("size", [(1000, 1800), (390, 3400)])
def test_a_report_is_a_page_with_painted_charts_on_a_desk_and_on_a_phone(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    seen = look(written(tmp_path, page.write(report(COUNTS))), tmp_path, size=size)

    assert seen.console == []
    assert seen.colours[CARD] > seen.colours[PAGE] > 10_000
    # What is delivered is green, what is exhausted red; all other bars are blue.
    assert all(seen.colours[each] > 500 for each in (BLUE, GREEN, RED, INK)), seen.colours


def test_a_page_that_is_blank_or_complains_would_be_seen(tmp_path: Path) -> None:
    blank = look(written(tmp_path, "<!doctype html>"), tmp_path, size=(200, 100))
    text = page.write(report({})).replace("</main>", "</main><script>alert(1)</script>")
    complaining = look(written(tmp_path, text), tmp_path, size=(200, 100))

    assert blank == ({CARD: 200 * 100}, [])
    assert ["inline script" in each for each in complaining.console] == [True]
