"""Settings: defaults hold, faults name their variable, all are documented."""

from pathlib import Path

import pytest

from wire import settings

KINDS = [settings.ApiSettings, settings.WorkerSettings, settings.BalancerSettings]
DOCS = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_enough(kind):
    assert settings.load(kind).deployment == "classifycloud"


def test_a_bad_value_names_its_variable(monkeypatch):
    monkeypatch.setenv("CLASSIFYCLOUD_PORT", "http")
    with pytest.raises(settings.SettingsError, match="CLASSIFYCLOUD_PORT='http'"):
        settings.load(settings.ApiSettings)


def test_lists_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("CLASSIFYCLOUD_FETCH_ALLOW", "127.0.0.1:8001, localhost:9000,")
    loaded = settings.load(settings.WorkerSettings)
    assert loaded.fetch_allow == ("127.0.0.1:8001", "localhost:9000")


@pytest.mark.parametrize("value", ["nas", "http://127.0.0.1:80", "nas:http", "a:1,nas", ":80"])
def test_an_allowed_origin_is_a_host_and_a_port(monkeypatch, value):
    monkeypatch.setenv("CLASSIFYCLOUD_FETCH_ALLOW", value)
    with pytest.raises(settings.SettingsError, match="CLASSIFYCLOUD_FETCH_ALLOW="):
        settings.load(settings.WorkerSettings)


@pytest.mark.parametrize("kind", [*KINDS, settings.ClientSettings])
def test_every_setting_is_documented(kind):
    text = DOCS.read_text(encoding="utf-8")
    for name, field in kind.model_fields.items():
        assert f"`{settings.PREFIX}{name.upper()}`" in text
        assert field.description
        assert field.description in text
