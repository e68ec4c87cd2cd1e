"""Changing an endpoint; disabling it and enabling it again; deleting it; rotating its secret."""

from datetime import timedelta

import pytest

from interchange import clock
from tests import receiver
from tests.answers import body_of, pointers, refusal
from tests.customers import Customer
from webhook.delivering import endpoints


def test_a_change_touches_what_it_names_alone(customer: Customer) -> None:
    created = customer.create(rate_limit=5, description="Billing", headers={"X-A": "1"})

    changed = body_of(customer.patch(created["id"], rate_limit=None, types=["a"]))

    expected = {name: each for name, each in created.items() if name != "secret"}
    expected |= {"rate_limit": None, "types": ["a"], "version": 2}
    assert changed | {"updated_at": ""} == expected | {"updated_at": ""}


def test_headers_are_replaced_as_a_whole_and_stay_hidden(customer: Customer) -> None:
    created = customer.create(headers={"X-A": "1"})

    customer.patch(created["id"], headers={"X-B": "2"})
    customer.publish()
    customer.deliver()

    assert customer.endpoint(created["id"])["header_names"] == ["X-B"]
    (got,) = customer.server.received
    assert got.headers["x-b"] == "2"
    assert "x-a" not in got.headers


def test_a_change_over_a_state_that_has_changed_is_refused(customer: Customer) -> None:
    created = customer.create()
    id, tag = created["id"], f'"1-{created["created_at"]}"'
    change = {"description": "mine"}

    first, second = (
        customer.call(
            "UpdateEndpointFunction", change, method="PATCH", headers={"If-Match": tag}, id=id
        )
        for _ in range(2)
    )

    assert first["statusCode"] == 200
    assert refusal(second) == (412, "precondition_failed")
    unconditional = customer.call("UpdateEndpointFunction", change, method="PATCH", id=id)
    assert refusal(unconditional) == (428, "precondition_required")


def test_null_is_no_value_but_for_the_rate_limit(customer: Customer) -> None:
    created = customer.create()

    assert pointers(customer.patch(created["id"], url=None)) == ["/url"]
    assert pointers(customer.patch(created["id"], status="gone")) == ["/status"]


def test_a_new_url_is_checked_as_the_first_was(customer: Customer) -> None:
    created = customer.create()

    assert refusal(customer.patch(created["id"], url="https://10.0.0.1/"))[1] == "url_forbidden"


def test_what_is_not_there_cannot_be_changed_or_deleted(customer: Customer) -> None:
    assert refusal(customer.patch("ep_unknown", rate_limit=1)) == (404, "endpoint_not_found")
    headers = {"If-Match": "*"}
    deletion = customer.call(
        "DeleteEndpointFunction", method="DELETE", headers=headers, id="ep_unknown"
    )
    assert refusal(deletion) == (404, "endpoint_not_found")


@pytest.mark.parametrize("name", ["UpdateEndpointFunction", "DeleteEndpointFunction"])
def test_neither_takes_the_condition_for_what_is_new(customer: Customer, name: str) -> None:
    created = customer.create()
    headers = {"If-None-Match": "*"}

    answer = customer.call(name, {}, method="PATCH", headers=headers, id=created["id"])

    assert refusal(answer) == (400, "bad_header")


def test_enabling_again_forgets_how_the_endpoint_fared(customer: Customer) -> None:
    created = customer.create()
    customer.publish()
    customer.server.behaviours["/hook"] = receiver.resetting
    customer.deliver()
    assert "failing_since" in customer.fares(created["id"])

    disabled = body_of(customer.patch(created["id"], status="disabled"))
    enabled = body_of(customer.patch(created["id"], status="active"))

    assert (disabled["status"], disabled["disabled_reason"]) == ("disabled", "requested")
    assert enabled["status"] == "active"
    assert not enabled.keys() & {"disabled_reason", "disabled_at"}
    assert "failing_since" not in customer.fares(created["id"])


def test_a_deletion_takes_the_secret_along(customer: Customer) -> None:
    created = customer.create()
    headers = {"If-Match": "*"}

    answer = customer.call(
        "DeleteEndpointFunction", method="DELETE", headers=headers, id=created["id"]
    )

    assert answer["statusCode"] == 204
    assert customer.cloud.rows("EndpointSecretsTable") == []
    shown = customer.call("GetEndpointSecretFunction", method="GET", id=created["id"])
    assert refusal(shown) == (404, "endpoint_not_found")


def test_each_rotation_keeps_the_former_secrets_for_a_day(customer: Customer) -> None:
    created = customer.create()
    rotated = [customer.call("RotateEndpointSecretFunction", id=created["id"]) for _ in range(5)]

    assert [each["statusCode"] for each in rotated] == [201, 201, 201, 201, 409]
    assert refusal(rotated[-1]) == (409, "too_many_rotations")
    last = body_of(rotated[3])
    assert len(last["former"]) == 4
    (row,) = customer.cloud.rows("EndpointSecretsTable")
    assert row["secret"]["S"] == last["secret"]
    assert row["former"]["L"][-1]["M"]["secret"]["S"] == created["secret"]


def test_a_former_secret_signs_for_twenty_four_hours(customer: Customer) -> None:
    now = clock.now()
    secret = {
        "secret": "new",
        "former": [{"secret": "old", "until": clock.rfc3339(now + timedelta(hours=24))}],
    }
    endpoint = endpoints.Endpoint({}, secret)

    assert endpoint.secrets(now=now) == ["new", "old"]
    assert endpoint.secrets(now=now + timedelta(hours=24)) == ["new"]


def test_a_rotation_that_is_sent_again_rotates_once(customer: Customer) -> None:
    created = customer.create()
    headers = {"Idempotency-Key": "key-1"}

    answers = [
        body_of(customer.call("RotateEndpointSecretFunction", headers=headers, id=created["id"]))
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert len(answers[0]["former"]) == 1
