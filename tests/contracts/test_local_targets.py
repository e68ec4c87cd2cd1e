"""Webhooks to private addresses: open on a developer's machine, never in a cloud."""

import tomllib

from interchange.targets import parse
from local.deploy import default_parameters
from tests.architecture import ROOT, functions, template

NAME = "DangerouslyAllowLocalTargets"
PARAMETER = template()["Parameters"][NAME]


def test_local_targets_are_forbidden_unless_somebody_says_otherwise() -> None:
    assert PARAMETER["Default"] == "false"
    assert PARAMETER["AllowedValues"] == ["false", "true"]


def test_the_configuration_for_the_cloud_does_not_say_otherwise() -> None:
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text())

    assert NAME not in str(samconfig["default"])
    assert NAME not in (ROOT / "Makefile").read_text()
    assert default_parameters()[NAME] == "true"  # the embedded cloud's alone


def test_no_function_has_the_setting_from_elsewhere() -> None:
    found = [each.variables.get("ALLOW_LOCAL_TARGETS") for each in functions().values()]

    assert [each for each in found if each not in (None, {"Ref": NAME})] == []
    assert {"Ref": NAME} in found
    assert all(each.variables["JWT_ALLOW_LOCAL"] == {"Ref": NAME} for each in functions().values())


def test_the_setting_opens_this_machine_and_no_network() -> None:
    target = parse("http://localhost/", allow_local=True)

    assert not any(map(target.allows, ("10.0.0.1", "169.254.169.254", "192.168.0.1", "fd00::1")))
