"""The read function stays light: counts have no noise, so they can hold a cold start down."""

from benchmarks.counts import read_function


def test_a_cold_start_of_the_read_function_opens_reads_and_imports_little() -> None:
    counts = read_function()

    assert counts.files <= 350
    assert counts.megabytes <= 7.5
    assert counts.modules <= 380
