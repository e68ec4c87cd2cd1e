"""No update of a stack makes anew, and empty, what holds data or is known outside."""

import copy
import json
from typing import Any

import pytest

from tests import lasting
from tests.architecture import Json, resources

TEMPLATE = lasting.lasting(resources())


def test_the_template_replaces_nothing_that_the_last_version_had() -> None:
    found = list(lasting.replaced(lasting.recorded(), TEMPLATE))

    assert not found, lasting.message(found)


def test_all_that_lasts_is_on_record() -> None:
    new = TEMPLATE.keys() - lasting.recorded().keys()

    assert not new, f"put them on record with: {lasting.COMMAND}"
    assert lasting.recorded() == TEMPLATE, f"bring the record up to date with: {lasting.COMMAND}"


def test_whatever_can_hold_data_is_watched() -> None:
    holding = (
        "Table",
        "Bucket",
        "Queue",
        "Topic",
        "Secret",
        "ScheduleGroup",
        "Database",
        "Cluster",
    )
    types = {each["Type"] for each in resources().values()}

    assert {each for each in types if each.endswith(holding)} <= lasting.HELD.keys()


def edited(name: str, **changes: Any) -> list[lasting.Replaced]:
    """Give what a template with other properties of one resource would replace."""
    found = copy.deepcopy(resources())
    found[name].setdefault("Properties", {}).update(changes)
    return list(lasting.replaced(TEMPLATE, lasting.lasting(found)))


def key(name: str) -> Json:
    return {"AttributeName": name, "KeyType": "HASH"}


def attributes(**types: str) -> list[Json]:
    return [{"AttributeName": name, "AttributeType": type} for name, type in types.items()]


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("UsersTable", "KeySchema", [key("user_id")]),
        ("UsersTable", "AttributeDefinitions", attributes(id="N")),
        ("UsersTable", "LocalSecondaryIndexes", [{"IndexName": "by-name"}]),
        ("UsersTable", "TableName", "users"),
        ("ImportsBucket", "BucketName", "imports"),
        ("TasksQueue", "QueueName", "tasks"),
        ("TasksQueue", "FifoQueue", True),
        ("EventsTopic", "TopicName", "events"),
        ("EventsTopic", "FifoTopic", True),
        ("OrderedEventsTopic", "FifoTopic", False),
        ("WebhookSourcesSecret", "Name", "sources"),
        ("ApiKey", "Value", "0123456789abcdef0123"),
        ("Api", "StageName", "v2"),
    ],
)
def test_a_property_that_only_creation_sets_is_seen(name: str, member: str, value: Any) -> None:
    (found,) = edited(name, **{member: value})

    assert (found.name, found.why.partition(" ")[0]) == (name, member)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("UsersTable", {"BillingMode": "PROVISIONED", "TimeToLiveSpecification": {}}),
        ("UsersTable", {"GlobalSecondaryIndexes": [{"IndexName": "by-name"}]}),
        ("ImportsBucket", {"LifecycleConfiguration": {}, "VersioningConfiguration": {}}),
        ("TasksQueue", {"VisibilityTimeout": 1, "FifoQueue": False}),
        ("EventsTopic", {"KmsMasterKeyId": "alias/aws/sns"}),
    ],
)
def test_what_is_changed_in_place_is_let_through(name: str, changes: Json) -> None:
    assert edited(name, **changes) == []


def test_one_attribute_more_is_no_change_of_the_others() -> None:
    more = [*resources()["UsersTable"]["Properties"]["AttributeDefinitions"], *attributes(city="S")]

    assert edited("UsersTable", AttributeDefinitions=more) == []


def test_another_name_another_type_and_a_condition_are_losses() -> None:
    was = {"Rows": {"Type": "AWS::DynamoDB::Table"}}

    for now in (
        {"Lines": {"Type": "AWS::DynamoDB::Table"}},
        {"Rows": {"Type": "AWS::S3::Bucket"}},
        {"Rows": {"Type": "AWS::DynamoDB::Table", "Condition": "Sometimes"}},
        {},
    ):
        assert [each.name for each in lasting.replaced(was, lasting.lasting(now))] == ["Rows"]


def test_a_loss_is_put_on_record_only_by_its_name(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "lasting.json"
    was = TEMPLATE | {"OldTable": {"Type": "AWS::DynamoDB::Table"}}
    record.write_text(json.dumps(was))
    monkeypatch.setattr(lasting, "FILE", record)

    assert lasting.main([]) == 1
    assert "It holds its rows." in capsys.readouterr().err
    assert json.loads(record.read_bytes()) == was
    assert lasting.main(["OldTable"]) == 0
    assert json.loads(record.read_bytes()) == TEMPLATE
