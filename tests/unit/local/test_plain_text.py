import json

from local.plain_text import BY_TLS, without_refusal
from tests.architecture import properties


def test_of_the_templates_policies_all_but_the_refusal_of_plain_text_stays() -> None:
    policy = properties("AWS::SQS::QueuePolicy")["SubscribersQueuePolicy"]["PolicyDocument"]

    kept = json.loads(without_refusal(json.dumps(policy)))

    assert [each["Sid"] for each in kept["Statement"]] == ["FromItsTopic"]
    assert kept["Version"] == policy["Version"]


def test_buckets_have_nothing_but_the_refusal() -> None:
    policies = [each["PolicyDocument"] for each in properties("AWS::S3::BucketPolicy").values()]

    conditions = [each["Condition"] for policy in policies for each in policy["Statement"]]
    assert conditions == [BY_TLS] * len(policies)
