"""What a status means for a delivery."""

import pytest

from webhook.delivering.outcomes import Outcome, class_of


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, None),
        (204, None),
        (299, None),
        (301, "redirect"),
        (304, "redirect"),
        (400, "client_error"),
        (410, "gone"),
        (429, "rate_limited"),
        (499, "client_error"),
        (500, "server_error"),
        (503, "server_error"),
        (600, "protocol"),
        (100, "protocol"),
    ],
)
def test_a_status_has_a_class(status: int, kind: str | None) -> None:
    outcome = Outcome(millis=1, status_code=status, error_class=class_of(status))

    assert class_of(status) == kind
    assert outcome.delivered == (kind is None)
    assert outcome.gone == (status == 410)
    assert outcome.slows_down == (status in {429, 502, 503, 504})
