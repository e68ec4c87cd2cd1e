from local.sam import reason


def test_of_sams_output_the_error_is_what_a_person_needs() -> None:
    output = "Building layer\n\nError: Make Failed: no Python\n\nBuild Failed\n"
    assert reason(output) == "Error: Make Failed: no Python"


def test_without_an_error_it_is_the_last_line() -> None:
    assert reason("one\ntwo\n\n") == "two"
    assert reason("") == "no output"
