"""Health, for monitors."""

from tests.answers import body_of
from tests.aws_events import request
from tests.faults import calls_counted
from tests.moto_cloud import Cloud


def test_health_is_answered_without_a_call_to_any_service(cloud: Cloud) -> None:
    with calls_counted() as calls:
        answer = cloud.invoke("CheckHealthFunction", request("GET", "/health"))

    assert answer["statusCode"] == 200
    assert body_of(answer) == {"status": "ok"}
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert calls == []
