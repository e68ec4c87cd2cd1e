"""What a function's process is given: Lambda's variables, and a Python with nothing of ours."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bundles import FOLDER, Bundle
from benchmarks.dynamodb import DynamoDB
from local.cloud import REGION, ROOT

EVENT = ROOT / "events/request_response/get_product.found.json"
MEMORY_MB = 512  # as in template.yaml

# Without site: a virtual environment's or this machine's packages must not leak in.
PYTHON = (
    str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")),
    "-S",
    "-P",
)


def environment(
    bundle: Bundle, dynamodb: DynamoDB, after: Sequence[Path] = (), **variables: str
) -> dict[str, str]:
    """Give all of the process's variables: the platform's, and what template.yaml sets."""
    trusted = {"AWS_CA_BUNDLE": str(dynamodb.trust_store)} if dynamodb.trust_store else {}
    return {
        "PYTHONPATH": os.pathsep.join(map(str, [*bundle.path, *after])),
        "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's folders are read-only
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(FOLDER),
        "LAMBDA_TASK_ROOT": str(bundle.path[0]),
        "_HANDLER": bundle.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_NAME": "read",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/read",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/15/[$LATEST]4f1a",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "ASIAXXXXXXXXEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token" * 100,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
        "SERVICE": "request-response",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PRODUCTS_TABLE": "products",
        **trusted,
        **variables,
    }
