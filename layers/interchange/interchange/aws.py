"""Clients of AWS: one session, one client a service, made on first use and kept.

botocore without boto3: the same clients, a tenth less cold start (docs/decisions.md).
"""

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config

from interchange import rows_on_wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

_CONFIG = Config(
    user_agent="interchange/0.1",  # botocore otherwise rebuilds its own twice a request
    parameter_validation=False,  # a third of a call's CPU; the service validates anyway
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=2,
    read_timeout=10,
)
# What is signed for others to use is signed by today's scheme, which AWS takes in every region.
_CONFIGS = {"s3": _CONFIG.merge(Config(signature_version="s3v4"))}


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def _client(service: str) -> Any:
    client = _session().create_client(service, config=_CONFIGS.get(service, _CONFIG))
    if service == "dynamodb":
        rows_on_wire.hook(client)
    return client


def dynamodb() -> "DynamoDBClient":
    """Rows."""
    return cast("DynamoDBClient", _client("dynamodb"))


def s3() -> "S3Client":
    """Files."""
    return cast("S3Client", _client("s3"))


def sns() -> "SNSClient":
    """Events."""
    return cast("SNSClient", _client("sns"))


def sqs() -> "SQSClient":
    """Messages."""
    return cast("SQSClient", _client("sqs"))


def sesv2() -> "SESV2Client":
    """E-mail."""
    return cast("SESV2Client", _client("sesv2"))


def scheduler() -> "EventBridgeSchedulerClient":
    """Messages of a later time."""
    return cast("EventBridgeSchedulerClient", _client("scheduler"))


def secretsmanager() -> "SecretsManagerClient":
    """Secrets."""
    return cast("SecretsManagerClient", _client("secretsmanager"))
