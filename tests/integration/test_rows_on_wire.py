"""What botocore would have made of DynamoDB's JSON, made without its model."""

import json
from typing import Any

import botocore.session
import pytest

from interchange import aws, items, store
from tests.architecture import REGION
from tests.faults import hooked
from tests.moto_cloud import Cloud

ROW = {"id": "tsk_1", "payload": b"\x00\xff", "number": -7, "yes": True, "none": None} | {
    "nested": {"list": [1, "zwei", {"drei": b"3"}]},
    "text": "Zoë 😀",
}


def sent(call: str, **given: Any) -> list[bytes]:
    """Give the bodies that a call's requests had."""
    bodies: list[bytes] = []

    def look(request: Any, **_: Any) -> None:
        bodies.append(request.body)

    with hooked("before-send.dynamodb", look):
        getattr(aws.dynamodb(), call)(**given)
    return bodies


def test_a_row_comes_back_as_it_was_written(cloud: Cloud) -> None:
    store.put_new(cloud.name("TasksTable"), ROW)

    assert store.get(cloud.name("TasksTable"), {"id": "tsk_1"}) == ROW


def test_rows_of_several_keys_come_back_as_they_were_written(cloud: Cloud) -> None:
    store.put_new(cloud.name("TasksTable"), ROW)

    assert list(store.get_all(cloud.name("TasksTable"), [{"id": "tsk_1"}, {"id": "none"}])) == [ROW]


def test_a_refusal_carries_the_row_as_it_is(cloud: Cloud) -> None:
    store.put_new(cloud.name("TasksTable"), ROW)

    with pytest.raises(store.ConditionFailed) as refused:
        store.put_new(cloud.name("TasksTable"), ROW)

    assert refused.value.item == ROW


def test_a_list_goes_on_where_its_page_ended(cloud: Cloud) -> None:
    for number in range(3):
        store.put_new(cloud.name("TasksTable"), ROW | {"id": f"tsk_{number}"})

    page = store.scan_page(cloud.name("TasksTable"), size=2, after=None)
    rest = store.scan_page(cloud.name("TasksTable"), size=2, after=page.last_key)

    assert len(page.items) == 2
    assert [each["id"] for each in page.items + rest.items] == ["tsk_0", "tsk_1", "tsk_2"]


def test_the_body_says_what_botocore_would_have_written(cloud: Cloud) -> None:
    table = cloud.name("TasksTable")
    given = {"TableName": table, "Item": items.pack(ROW)}
    plain: Any = botocore.session.get_session().create_client(
        "dynamodb",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    bodies: list[bytes] = []
    plain.meta.events.register(
        "before-send.dynamodb", lambda request, **_: bodies.append(request.body)
    )
    plain.put_item(**given)

    (ours,) = sent("put_item", **given)

    assert json.loads(ours) == json.loads(bodies[0])


def test_a_transaction_has_a_token_of_its_own(cloud: Cloud) -> None:
    """So botocore may send it again after an answer was lost."""
    tokens: list[str] = []

    def look(request: Any, **_: Any) -> None:
        tokens.append(json.loads(request.body)["ClientRequestToken"])

    with hooked("before-send.dynamodb.TransactWriteItems", look):
        for number in range(2):
            row = ROW | {"id": f"tsk_{number}"}
            store.transact(
                [store.putting(cloud.name("TasksTable"), row, when="attribute_not_exists(#id)")]
            )

    assert len(set(tokens)) == 2
