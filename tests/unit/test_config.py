"""Settings: read once, and a fault names the variable and no value."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from interchange import config


@dataclass(frozen=True)
class Settings:
    table_name: str
    chunk_bytes: int
    base_seconds: float


GIVEN = {"TABLE_NAME": "rows", "CHUNK_BYTES": "32768", "BASE_SECONDS": "0.5", "OTHER": "secret"}


def test_settings_are_the_variables_of_their_names() -> None:
    assert config.load(Settings, GIVEN) == Settings("rows", 32768, 0.5)


@pytest.mark.parametrize("missing", ["TABLE_NAME", "CHUNK_BYTES", "BASE_SECONDS"])
def test_a_missing_variable_is_named(missing: str) -> None:
    with pytest.raises(config.MissingSetting, match=f"^Settings: {missing} is missing"):
        config.load(Settings, {name: GIVEN[name] for name in GIVEN if name != missing})


@pytest.mark.parametrize("name", ["CHUNK_BYTES", "BASE_SECONDS"])
def test_an_unreadable_variable_is_named_and_its_value_is_not(name: str) -> None:
    with pytest.raises(config.MissingSetting, match=f"^Settings: {name} is ") as fault:
        config.load(Settings, GIVEN | {name: "whsec_1"})

    assert "whsec_1" not in str(fault.value)
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__


def test_settings_are_read_on_first_use_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config.reader(Settings)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    first = settings()
    monkeypatch.setenv("TABLE_NAME", "others")

    assert settings() is first


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        config.load(Settings, GIVEN).table_name = "others"  # type: ignore[misc]  # that is the point
