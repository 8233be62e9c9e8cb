import pytest
import typer

from cli import deploy_options
from deploy.account import Account
from deploy.errors import DeployError
from deploy.formation import Formation

GIVEN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_PROFILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
REMEDY = "finds no AWS credentials.\nName a profile"


def test_a_profile_that_is_not_there_is_named(monkeypatch, capsys):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(typer.Exit):
        deploy_options.account(None, None)
    assert "(nobody) could not be found.\n`aws configure" in capsys.readouterr().err


@pytest.fixture
def account(monkeypatch, tmp_path) -> Account:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    return Account("us-east-1")


def test_whoever_has_none_is_told_what_to_do_by_whatever_asks_first(account):
    with pytest.raises(DeployError, match=REMEDY):
        _ = account.identity
    with pytest.raises(DeployError, match=REMEDY):
        Formation(account, "classifycloud").stack()
