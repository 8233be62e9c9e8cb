"""The parts, their order, what they wait for, and the environment they get."""

import sys
from pathlib import Path

import pytest

from api import drain, late
from api.edge import server
from api.serving import CLOSING
from balancer import service as balancer_service
from balancer.fleets import process, stopping
from local.up.environment import child_environment, local_aws
from local.up.faulty import with_faults
from local.up.options import Service
from local.up.parts import Graces, Part, Ports, service_parts
from local.up.run import graces
from local.up.welcome import PHOTO, near, service_url, welcome
from wire.settings import ApiSettings, BalancerSettings

PORTS = Ports(api=8000, sqs=20001, storage=20002, samples=20003, balancer=20004)


def parts() -> dict[str, Part]:
    made = service_parts(Path("/d"), PORTS, "http://127.0.0.1:8000", "bucket", Graces(30, 70))
    return {part.name: part for part in made}


def test_the_api_stops_first_and_the_queue_last() -> None:
    assert list(parts()) == ["api", "balancer", "samples", "storage", "sqs"]


def test_every_part_that_is_waited_for_exists_and_waits_for_nothing_that_waits_for_it() -> None:
    made = parts()
    for part in made.values():
        for name in part.after:
            assert part.name not in made[name].after


def test_commands_are_this_interpreters_modules() -> None:
    assert {name: part.command[:4] for name, part in parts().items()} == {
        "api": (sys.executable, "-P", "-m", "api"),
        "balancer": (sys.executable, "-P", "-m", "balancer"),
        "samples": (sys.executable, "-P", "-m", "local.samples"),
        "storage": (sys.executable, "-P", "-m", "local.storage"),
        "sqs": (sys.executable, "-P", "-m", "local.sqs"),
    }
    assert parts()["sqs"].command[4:] == ("--port", "20001", "--data", "/d/sqs")


def test_faults_are_for_the_local_aws_alone() -> None:
    made = {part.name: part.command for part in with_faults(tuple(parts().values()), Path("/f"))}
    assert {name for name, command in made.items() if command[-2:] == ("--faults", "/f")} == {
        "sqs",
        "storage",
    }
    assert all(
        command[: len(part.command)] == part.command
        for name, command in made.items()
        for part in [parts()[name]]
    )


def test_storage_is_ready_when_its_bucket_is_made_now_or_was_before() -> None:
    ready = parts()["storage"].ready
    assert (ready.method, ready.url) == ("PUT", "http://127.0.0.1:20002/bucket")
    assert ready.accepted == {200, 409}


def test_the_callers_settings_win_over_defaults_and_options_over_both() -> None:
    made = child_environment(
        {"CLASSIFYCLOUD_POLL_WAIT": "7", "CLASSIFYCLOUD_MAX_WORKERS": "3", "HOME": "/h"},
        defaults={"poll_wait": "2", "cache": "/d/cache"},
        forced={"max_workers": "4"},
        allowed=(),
    )
    assert made["CLASSIFYCLOUD_POLL_WAIT"] == "7"
    assert made["CLASSIFYCLOUD_CACHE"] == "/d/cache"
    assert made["CLASSIFYCLOUD_MAX_WORKERS"] == "4"
    assert made["HOME"] == "/h"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "127.0.0.1:1,127.0.0.1:2"),
        ({"CLASSIFYCLOUD_FETCH_ALLOW": ""}, "127.0.0.1:1,127.0.0.1:2"),
        ({"CLASSIFYCLOUD_FETCH_ALLOW": "nas:80"}, "nas:80,127.0.0.1:1,127.0.0.1:2"),
    ],
)
def test_addresses_that_may_be_fetched_are_added_to_the_callers(
    before: dict[str, str], after: str
) -> None:
    made = child_environment(before, {}, {}, ("127.0.0.1:1", "127.0.0.1:2"))
    assert made["CLASSIFYCLOUD_FETCH_ALLOW"] == after


def test_nothing_of_a_real_aws_account_reaches_a_part() -> None:
    mine = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "t", "AWS_ENDPOINT_URL": "http://x"}
    made = child_environment(mine, {}, {}, ()) | local_aws("http://q", "http://s", "eu-north-1")
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"} & set(made)
    assert made["AWS_ENDPOINT_URL_SQS"] == "http://q"
    assert made["AWS_ENDPOINT_URL_S3"] == made["AWS_ENDPOINT_URL_CLOUDWATCH"] == "http://s"
    assert made["AWS_ACCESS_KEY_ID"] == made["AWS_SECRET_ACCESS_KEY"] == "local"
    assert made["AWS_REGION"] == "eu-north-1"
    assert made["AWS_CONFIG_FILE"] == "/dev/null"


def test_a_proxy_stays_out_of_loopback_and_keeps_its_own_exceptions() -> None:
    made = child_environment({"NO_PROXY": "corp"}, {}, {}, ())
    assert made["NO_PROXY"] == "corp,127.0.0.1,localhost"
    assert made["no_proxy"] == "127.0.0.1,localhost"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("fe80::1", "http://[fe80::1]:8000"),
        ("box.lan", "http://box.lan:8000"),
    ],
)
def test_the_address_shown_can_be_connected_to(host: str, url: str) -> None:
    assert service_url(host, 8000) == url


def test_the_printed_curl_quotes_its_url() -> None:
    text = welcome("http://127.0.0.1:8000", "127.0.0.1:20003", Path("a.jpg"), Path(".data"))
    expected = "curl 'http://127.0.0.1:8000/classify?url=http://127.0.0.1:20003/coffee.jpg'"
    assert expected in text
    assert "curl -F file=@a.jpg http://127.0.0.1:8000/classify" in text


def test_the_file_that_the_printed_curl_sends_is_there_and_its_name_is_quoted() -> None:
    assert PHOTO.is_file()
    assert near(PHOTO, PHOTO.parents[2]) == Path("local/samples/chelsea.jpg")
    assert near(PHOTO, Path("/elsewhere")) == PHOTO
    text = welcome("http://h", "h:1", Path("/my photos/a.jpg"), Path("/d"))
    assert "curl -F 'file=@/my photos/a.jpg' http://h/classify" in text


def test_the_api_is_not_killed_before_it_could_end_by_itself() -> None:
    steps = 4 * drain.PATIENCE  # waking the poll, its end, removing the queue, the last report
    longest = late.MARK_PATIENCE + steps + server.FLUSH + CLOSING
    service = Service(ApiSettings(drain_grace=20), BalancerSettings(stop_grace=60))
    assert graces(service).api > 20 + longest


def test_the_balancer_is_not_killed_while_its_workers_let_go() -> None:
    longest = balancer_service.CLOSING + process.LETTING_GO + stopping.FORCED
    service = Service(ApiSettings(), BalancerSettings(stop_grace=60))
    assert graces(service).balancer > 60 + longest
