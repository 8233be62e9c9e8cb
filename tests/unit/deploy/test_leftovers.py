"""What broken bakes leave, on moto in this process: what is cleared away, and what is somebody else's."""

import os
import socket
import subprocess
from collections.abc import Iterator

import pytest
from moto import mock_aws

from deploy.account import Account
from deploy.bake import leftovers, machine, role, starter
from deploy.bake.images import Image
from deploy.bake.machine import Bench, Running

IMAGE = "ami-03cf127a"  # one of moto's
ELSEWHERE = "another-host/4026531836/17"


@pytest.fixture
def account(monkeypatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield Account("us-west-2")


def begun(account, name, by, monkeypatch):
    """A bake of this name, as it is while somebody is at it."""
    monkeypatch.setattr(starter, "here", lambda: by)
    role.ensure(account, name)
    machine.launch(account, Bench("t3.micro", IMAGE), name, "")
    return name


def named(nonce, region="us-west-2"):
    return f"classifycloud-bake-0123456789ab.{nonce}.{region}"


def there(account):
    roles = [row["RoleName"] for row in account.client("iam").list_roles()["Roles"]]
    return sorted(each.name for each in machine.living(account)), sorted(roles)


def dead() -> str:
    """A process of this machine that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return f"{starter.here().rpartition('/')[0]}/{process.pid}"


def test_what_a_process_of_this_machine_left_goes_and_bakes_that_go_on_stay(account, monkeypatch):
    mine, gone = starter.here(), dead()
    living = [
        begun(account, named("elsewhere"), ELSEWHERE, monkeypatch),
        begun(account, named("mine"), mine, monkeypatch),
    ]
    begun(account, named("gone"), gone, monkeypatch)
    role.ensure(account, named("x", "eu-central-1"))
    assert leftovers.clear(account) == 1
    assert leftovers.clear(account) == 0
    assert there(account) == (sorted(living), sorted([*living, named("x", "eu-central-1")]))
    # The region's last deployment goes.
    assert leftovers.clear_all(account) == 2
    assert there(account) == ([], [named("x", "eu-central-1")])


def test_what_is_over_its_time_goes_wherever_it_was_begun():
    assert leftovers._forsaken(Running("i-1", named("a"), ELSEWHERE, 99.0), 100.0)
    assert not leftovers._forsaken(Running("i-1", named("a"), ELSEWHERE, 101.0), 100.0)


def test_a_role_whose_bake_never_had_a_machine_goes_after_the_time_of_a_bake(account, monkeypatch):
    role.ensure(account, named("early"))
    assert leftovers.clear(account) == 0
    monkeypatch.setattr(leftovers, "MINUTES", -1)
    assert leftovers.clear(account) == 1
    assert there(account) == ([], [])


def test_the_bake_of_an_image_that_became_available_meanwhile_goes_and_no_other(
    account, monkeypatch
):
    made = begun(account, named("made"), ELSEWHERE, monkeypatch)
    other = begun(account, named("other"), ELSEWHERE, monkeypatch)
    leftovers.end(account, Image("ami-1", "n", "available", "0123456789ab", (), "", made))
    assert there(account) == ([other], [other])


def test_the_machine_of_an_image_that_is_still_being_made_stays(account, monkeypatch):
    name = begun(account, named("copied"), dead(), monkeypatch)
    image = Image("ami-1", "n", "pending", "0123456789ab", (), "", name)
    monkeypatch.setattr(leftovers.images, "baked", lambda _: [image])
    assert leftovers.clear(account) == 0
    assert there(account) == ([name], [name])


def test_who_began_a_bake_is_known_here_and_nowhere_else():
    assert not starter.gone(starter.here())
    assert starter.gone(dead())
    assert not starter.gone(f"{ELSEWHERE.rpartition('/')[0]}/{os.getpid()}")
    assert not starter.gone("")
    assert starter.here().startswith(socket.gethostname())
