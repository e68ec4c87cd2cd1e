import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import pytest

TRIM = Path(__file__).parents[3] / "layers/dependencies/trim.py"
INSTALLED = Path(botocore.__file__).parents[1]
# Makes each client with the packages of the folder, and prints what it knows of its service.
DESCRIBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import botocore, botocore.session
assert botocore.__file__.startswith(sys.argv[1])
session = botocore.session.Session()
known = {}
for service in sys.argv[2:]:
    for region in "eu-west-1", "us-gov-west-1", "cn-north-1":
        for endpoint in None, "http://127.0.0.1:1":
            keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
            client = session.create_client(service, region, endpoint_url=endpoint, **keys)
            model = client.meta.service_model
            known[f"{service} {region} {endpoint}"] = [
                client.meta.endpoint_url, model.signing_name, sorted(model.operation_names)
            ]
print(json.dumps(known))
"""


def described(packages: Path, *services: str) -> Any:
    result = subprocess.run(
        [sys.executable, "-c", DESCRIBE, str(packages), *services],
        capture_output=True,
        check=True,
    )
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trim a copy of the installed botocore; without EC2, the largest, to be quick."""
    folder = tmp_path_factory.mktemp("packages")
    ignored = shutil.ignore_patterns("ec2", "__pycache__")
    shutil.copytree(INSTALLED / "botocore", folder / "botocore", ignore=ignored)
    (folder / "botocore-1.dist-info").mkdir()
    subprocess.run([sys.executable, str(TRIM), str(folder)], check=True)
    return folder


def test_clients_of_the_services_in_use_know_what_they_knew(packages: Path) -> None:
    services = ["dynamodb", "s3", "scheduler", "secretsmanager", "sesv2", "sns", "sqs", "sts"]
    assert described(packages, *services) == described(INSTALLED, *services)


def test_other_services_are_gone_and_say_so(packages: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        described(packages, "kinesis")
    assert b"UnknownServiceError: Unknown service: 'kinesis'" in failure.value.stderr


def test_what_no_function_reads_is_gone(packages: Path) -> None:
    names = {path.name for path in packages.rglob("*")}
    assert not names & {"botocore-1.dist-info", "examples-1.json", "service-2.json.gz", "py.typed"}


def test_prose_is_emptied_and_a_member_called_documentation_stays(tmp_path: Path) -> None:
    version = tmp_path / "botocore/data/sns/2010-03-31"
    version.mkdir(parents=True)
    shape = {"documentation": "Long.", "members": {"documentation": {"shape": "String"}}}
    (version / "service-2.json.gz").write_bytes(gzip.compress(json.dumps(shape).encode()))
    (tmp_path / "botocore/data/endpoints.json").write_text('{"partitions": []}')
    subprocess.run([sys.executable, str(TRIM), str(tmp_path)], check=True)
    assert json.loads((version / "service-2.json").read_bytes()) == shape | {"documentation": ""}
