"""Which users an export has."""

from typing import Any

import pytest

from batch_processing.exporting import selection

USER = {
    "id": "usr_1",
    "email": "ada@b.co",
    "name": "Ada",
    "origin": "imported",
    "created_at": "2026-01-15T09:30:00.000Z",
    "version": 1,
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, 1),
        ({"origin": "imported"}, 1),
        ({"origin": "registered"}, 0),
        ({"email_domain": "b.co"}, 1),
        ({"email_domain": "co"}, 0),
        ({"email_domain": "ada@b.co"}, 0),
        ({"created_from": "2026-01-15T09:30:00.000Z"}, 1),
        ({"created_from": "2026-01-15T09:30:00.001Z"}, 0),
        ({"created_to": "2026-01-15T09:30:00.000Z"}, 0),
        ({"created_to": "2026-01-15T09:30:00.001Z"}, 1),
        ({"origin": "imported", "email_domain": "c.co"}, 0),
    ],
)
def test_a_user_is_chosen_who_passes_all_of_a_filter(wanted: dict[str, Any], found: int) -> None:
    assert selection.is_chosen(USER, wanted) == found


def test_only_what_is_needed_is_read() -> None:
    wanted = {"origin": "imported", "created_to": "2026"}

    assert selection.attributes({"columns": ["name"], "filter": {}}) == ["name"]
    found = selection.attributes({"columns": ["name", "id"], "filter": wanted})
    assert found == ["id", "name", "origin", "created_at"]
