"""Options over variables over defaults, and what contradicts."""

from pathlib import Path

import pytest

from local.up.errors import WorkersContradict
from local.up.options import Options, Service, defaults
from wire.settings import ApiSettings, SettingsError


def test_without_options_the_defaults_of_the_settings_hold() -> None:
    service = Service.read(Options())
    assert service.api.port == 8000
    assert (service.balancer.min_workers, service.balancer.max_workers) == (1, 2)
    assert Options().forced() == {}


def test_an_option_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFYCLOUD_PORT", "8100")
    monkeypatch.setenv("CLASSIFYCLOUD_MAX_WORKERS", "3")
    assert Service.read(Options()).api.port == 8100
    service = Service.read(Options(port=8200, max_workers=5))
    assert (service.api.port, service.balancer.max_workers) == (8200, 5)
    assert Options(port=8200, max_workers=5).forced() == {"port": "8200", "max_workers": "5"}


def test_zero_workers_are_an_answer_and_not_a_missing_one() -> None:
    assert Service.read(Options(min_workers=0)).balancer.min_workers == 0
    assert Options(min_workers=0).forced() == {"min_workers": "0"}


def test_more_kept_than_allowed_is_refused_with_the_remedy() -> None:
    with pytest.raises(WorkersContradict, match="--max-workers 3"):
        Service.read(Options(min_workers=3))


def test_a_bad_variable_of_any_process_is_named_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLASSIFYCLOUD_PREFETCH", "many")
    with pytest.raises(SettingsError, match="CLASSIFYCLOUD_PREFETCH='many'"):
        Service.read(Options())


def test_one_machine_serves_whoever_reaches_it_unless_keys_are_asked_for_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Service.read(Options()).public
    monkeypatch.setenv("CLASSIFYCLOUD_ACCESS", "keys")
    assert not Service.read(Options()).public
    assert defaults(tmp_path, 1, public=True)["access"] == "public"
    monkeypatch.setenv("CLASSIFYCLOUD_ACCESS", "public")
    assert Service.read(Options()).public


def test_one_machine_has_no_limits(tmp_path: Path) -> None:
    """A load test comes from one address, hundreds at once."""
    limits = ("key_rate", "address_rate", "host_jobs", "client_jobs")
    assert {defaults(tmp_path, 1, public=True)[name] for name in limits} == {"0"}


def test_who_asks_for_keys_on_one_machine_has_the_limits_of_everywhere(tmp_path: Path) -> None:
    assert not {"key_rate", "address_rate"} & set(defaults(tmp_path, 1, public=False))


def test_a_slip_in_a_variables_name_leaves_no_service_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFYCLOUD_ACCES", "keys")
    with pytest.raises(SettingsError, match="CLASSIFYCLOUD_ACCESS may be meant"):
        Service.read(Options())


def test_other_machines_must_ask_for_public_access_by_name() -> None:
    assert ApiSettings().access == "keys"
