"""What protects the stack: who may do what, how it is reached, encrypted, kept and logged."""

from typing import Any

import pytest

from tests.architecture import (
    Function,
    Json,
    Resolver,
    functions,
    parameters,
    properties,
    resources,
)
from tests.contracts.test_template import QUEUES, STATEMENTS, TABLES, as_list, table
from tests.permissions import NEEDED_BY, words

BUCKETS = properties("AWS::S3::Bucket")
TOPICS = properties("AWS::SNS::Topic")
SECRETS = properties("AWS::SecretsManager::Secret")
LOGS = properties("AWS::Logs::LogGroup")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0"
RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
}
# Whom a resource lets in on its own account, and how it knows them.
SERVICES = {
    "sns.amazonaws.com": "aws:SourceArn",
    "cloudwatch.amazonaws.com": "aws:SourceAccount",
    "scheduler.amazonaws.com": "aws:SourceAccount",
}
BY_TLS = {"Bool": {"aws:SecureTransport": "false"}}
# An alarm's metric is not ours to name; all other names would be.
OTHERS_NAMES = {"MetricName"}

OF_ROLES = [(name, each) for name, each in STATEMENTS if "Principal" not in each]
OF_RESOURCES = [(name, each) for name, each in STATEMENTS if "Principal" in each]
LETTING_IN = [(name, each) for name, each in OF_RESOURCES if each["Effect"] == "Allow"]
POLICIES = [
    (name, each["Properties"], RESOURCE_POLICIES[each["Type"]])
    for name, each in resources(*RESOURCE_POLICIES).items()
]
every_function = pytest.mark.parametrize("function", functions().values(), ids=functions().keys())


def resolved(value: Any, **overrides: str) -> Any:
    """Work a property out; a resource's name stands for what `Ref` and `GetAtt` give."""
    names: dict[str | tuple[str, str], str] = {name: name for name in resources()}
    names |= {(name, "Arn"): name for name in resources()}
    return Resolver(parameters(**overrides), names).resolve(value)


def granted(function: Function) -> set[str]:
    """Name the actions that a function's own policies allow."""
    found = [each for name, each in STATEMENTS if name == function.name]
    return {action for each in found for action in as_list(each["Action"])}


@pytest.mark.parametrize("statement", table(OF_ROLES))
def test_a_role_may_do_what_is_named_to_what_is_named(statement: Json) -> None:
    assert statement["Effect"] == "Allow"
    assert all("*" not in action for action in as_list(statement["Action"]))
    assert "*" not in as_list(statement["Resource"])
    assert statement.keys() <= {"Effect", "Action", "Resource", "Condition"}


@pytest.mark.parametrize("statement", table(OF_ROLES))
def test_an_index_is_granted_by_its_name(statement: Json) -> None:
    named = [each.get("Fn::Sub", "") for each in as_list(statement["Resource"])]

    assert [each for each in named if "/index/" in each and "*" in each] == []


@every_function
def test_a_function_may_do_nothing_that_its_code_never_asks_for(function: Function) -> None:
    said = words(function)

    assert {action for action in granted(function) if not NEEDED_BY[action] & said} == set()


@pytest.mark.parametrize("statement", table(LETTING_IN))
def test_a_resource_lets_in_only_services_that_come_for_this_account(statement: Json) -> None:
    (service,) = statement["Principal"].values()
    ((_, condition),) = statement["Condition"].items()

    assert list(statement["Principal"]) == ["Service"]
    assert list(condition) == [SERVICES[service]]
    assert all("*" not in action for action in as_list(statement["Action"]))


@pytest.mark.parametrize(("policy", "of"), table(POLICIES))
def test_whoever_speaks_in_plain_text_is_turned_away(policy: Json, of: str) -> None:
    (denied,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny")
    everything = {
        "Bucket": "s3:*",
        "Queues": "sqs:*",
        "Topics": "sns:Publish",
    }  # all that SNS takes

    assert denied["Principal"] == "*"
    assert denied["Action"] == everything[of]
    assert denied["Condition"] == BY_TLS


def test_every_bucket_queue_and_topic_has_one_policy_since_a_second_would_replace_it() -> None:
    having = [each for _, policy, of in POLICIES for each in as_list(policy[of])]

    names = [each["Ref"] for each in having]
    assert sorted(names) == sorted([*BUCKETS, *QUEUES, *TOPICS])


@pytest.mark.parametrize(("policy", "of"), table(POLICIES))
def test_a_policys_statements_are_as_sns_and_sqs_take_them(policy: Json, of: str) -> None:
    """Both want an id for each, and one resource; a policy of several names none of them."""
    found = policy["PolicyDocument"]["Statement"]

    assert len({each["Sid"] for each in found}) == len(found)
    for each in found:
        if of == "Bucket":
            arn = {"Fn::GetAtt": [policy[of]["Ref"], "Arn"]}
            assert each["Resource"] == [arn, {"Fn::Sub": f"${{{policy[of]['Ref']}.Arn}}/*"}]
        else:
            assert each["Resource"] in ("*", policy[of][0])


def encryption(found: Json, kind: str, **overrides: str) -> Any:
    """Give what a resource says of its encryption."""
    says = {
        "AWS::DynamoDB::Table": "SSESpecification",
        "AWS::Logs::LogGroup": "KmsKeyId",
        "AWS::S3::Bucket": "BucketEncryption",
        "AWS::SecretsManager::Secret": "KmsKeyId",
        "AWS::SNS::Topic": "KmsMasterKeyId",
        "AWS::SQS::Queue": "KmsMasterKeyId",
    }
    return resolved(found[says[kind]], **overrides)


KEPT = [
    (name, each["Properties"], each["Type"])
    for name, each in resources(
        "AWS::DynamoDB::Table",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    ).items()
]


@pytest.mark.parametrize(("found", "kind"), table(KEPT))
def test_what_is_kept_is_encrypted_with_the_given_key(found: Json, kind: str) -> None:
    assert KEY in str(encryption(found, kind, KmsKeyArn=KEY))


@pytest.mark.parametrize(("found", "kind"), table(KEPT))
def test_without_a_key_it_is_encrypted_with_one_of_awss_own(found: Json, kind: str) -> None:
    said = encryption(found, kind)

    assert "KMSMasterKey" not in str(said)
    if kind == "AWS::S3::Bucket":
        assert "AES256" in str(said)
    if kind == "AWS::SQS::Queue":
        assert resolved(found["SqsManagedSseEnabled"]) is True
        assert resolved(found["SqsManagedSseEnabled"], KmsKeyArn=KEY) is False


def test_every_role_may_use_the_key_and_nothing_but_use_it() -> None:
    policy = properties("AWS::IAM::ManagedPolicy")["KeyPolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    roles = [each["Ref"] for each in policy["Roles"]]
    assert sorted(roles) == sorted(["ScheduleRole", *(f"{name}Role" for name in functions())])
    assert resources()["KeyPolicy"]["Condition"] == "KeyIsOurs"
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"] == {"Ref": "KmsKeyArn"}


@every_function
def test_a_functions_environment_is_encrypted_with_the_given_key(function: Function) -> None:
    assert resolved(function.properties["KmsKeyArn"], KmsKeyArn=KEY) == KEY
    assert resolved(function.properties["KmsKeyArn"]) is None


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_never_public_and_forgets_uploads_that_were_not_ended(name: str) -> None:
    blocked = BUCKETS[name]["PublicAccessBlockConfiguration"]
    rules = BUCKETS[name]["LifecycleConfiguration"]["Rules"]
    abort = {"DaysAfterInitiation": 1}

    assert len(blocked) == 4
    assert all(blocked.values())
    assert {"Status": "Enabled", "AbortIncompleteMultipartUpload": abort} in rules


@pytest.mark.parametrize("name", TABLES)
def test_a_table_refuses_to_be_deleted_unless_data_need_no_protection(name: str) -> None:
    protected = TABLES[name]["DeletionProtectionEnabled"]

    assert resolved(protected) is True
    assert resolved(protected, DataProtection="off") is False


@pytest.mark.parametrize("name", resources("AWS::DynamoDB::Table", "AWS::S3::Bucket"))
def test_data_outlives_a_change_that_replaces_where_they_are(name: str) -> None:
    found = resources()[name]
    ends = {"AWS::DynamoDB::Table": "Delete", "AWS::S3::Bucket": "RetainExceptOnCreate"}

    assert found["UpdateReplacePolicy"] == "Retain"
    assert found["DeletionPolicy"] == ends[found["Type"]]


@every_function
def test_a_function_logs_json_into_the_one_group(function: Function) -> None:
    says = function.properties["LoggingConfig"]

    assert resolved(says) == {"LogFormat": "JSON", "LogGroup": "FunctionLogs"}
    assert resolved(says, LogRetentionDays="0") == {"LogFormat": "JSON"}


@pytest.mark.parametrize("name", LOGS)
def test_logs_are_kept_as_long_as_is_said(name: str) -> None:
    assert resolved(LOGS[name]["RetentionInDays"], LogRetentionDays="90") == "90"


def test_the_apis_log_names_the_key_and_the_route_and_nobody() -> None:
    log = resolved(properties("AWS::Serverless::Api")["Api"]["AccessLogSetting"], AccessLogs="on")

    assert log["DestinationArn"] == "ApiLogs"
    assert "$context.identity.apiKeyId" in log["Format"]
    assert "$context.resourcePath" in log["Format"]
    assert not any(each in log["Format"] for each in ("sourceIp", "$context.path", "userAgent"))


def test_no_name_is_written_down() -> None:
    """Nothing is reserved that a second stack would want as well."""
    named = {
        name: [key for key in found.keys() - OTHERS_NAMES if is_a_name(key, found[key])]
        for name, found in properties().items()
    }

    assert {name: keys for name, keys in named.items() if keys} == {}


def is_a_name(key: str, value: Any) -> bool:
    """Tell a name in letters from a reference."""
    return key.endswith("Name") and isinstance(value, str)
