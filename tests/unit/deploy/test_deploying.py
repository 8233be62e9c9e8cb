"""What `deploy` decides, without an account: steps, parameters, names, where time went."""

import hashlib
import io
import subprocess
import tarfile
from email import message_from_string

import pytest

from deploy import naming, parameters, quotas, smoke
from deploy.bake import script, source
from deploy.bake.baker import AGENT
from deploy.before import given_before
from deploy.errors import DeployError
from deploy.follow import Event
from deploy.formation import Stack
from deploy.parameters import Parameter
from deploy.remains import _is_own
from deploy.stages import DEAD, GOOD, Step, counts, moves, next_step
from deploy.wish import Wish

# All that a stack can be: API reference of CloudFormation, StackStatus.
STATUSES = {
    None: Step.CREATE,
    "DELETE_COMPLETE": Step.CREATE,
    "CREATE_COMPLETE": Step.UPDATE,
    "UPDATE_COMPLETE": Step.UPDATE,
    "UPDATE_ROLLBACK_COMPLETE": Step.UPDATE,
    "UPDATE_FAILED": Step.UPDATE,
    "IMPORT_COMPLETE": Step.UPDATE,
    "IMPORT_ROLLBACK_COMPLETE": Step.UPDATE,
    "CREATE_IN_PROGRESS": Step.WAIT,
    "UPDATE_IN_PROGRESS": Step.WAIT,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Step.WAIT,
    "UPDATE_ROLLBACK_IN_PROGRESS": Step.WAIT,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": Step.WAIT,
    "ROLLBACK_IN_PROGRESS": Step.WAIT,
    "DELETE_IN_PROGRESS": Step.WAIT,
    "IMPORT_IN_PROGRESS": Step.WAIT,
    "IMPORT_ROLLBACK_IN_PROGRESS": Step.WAIT,
    "CREATE_FAILED": Step.REMOVE,
    "ROLLBACK_COMPLETE": Step.REMOVE,
    "ROLLBACK_FAILED": Step.REMOVE,
    "DELETE_FAILED": Step.REMOVE,
    "REVIEW_IN_PROGRESS": Step.REMOVE,
    "IMPORT_ROLLBACK_FAILED": Step.REMOVE,
    "UPDATE_ROLLBACK_FAILED": Step.UNSTICK,
}


@pytest.mark.parametrize(("status", "step"), STATUSES.items())
def test_every_status_has_its_step(status, step):
    assert next_step(status) is step


def test_what_a_stack_was_given_holds_but_where_all_of_it_goes_first():
    assert counts("UPDATE_ROLLBACK_FAILED")
    assert counts("UPDATE_FAILED")
    lost = {status for status in STATUSES if status and not counts(status)}
    assert lost == DEAD | {"DELETE_COMPLETE", "DELETE_IN_PROGRESS"}


def test_nothing_is_waited_for_that_does_not_move():
    assert not [status for status in GOOD | DEAD if moves(status)]


KNOWN = {
    "Deployment": Parameter("Deployment", "classifycloud"),
    "ImageId": Parameter("ImageId", None),
    "MaxWorkers": Parameter("MaxWorkers", "10"),
}


def test_what_is_given_goes_before_what_was_and_that_before_defaults():
    now = parameters.filled(KNOWN, {"MaxWorkers": "3"}, {"MaxWorkers": "7", "ImageId": "ami-1"})
    assert now == {"Deployment": "classifycloud", "ImageId": "ami-1", "MaxWorkers": "3"}
    assert parameters.changed(now, {**now, "MaxWorkers": "7"}) == {"MaxWorkers": ("7", "3")}


def test_a_single_host_of_before_there_was_a_choice_is_taken_over_with_sqs():
    def before(status="UPDATE_COMPLETE", **given):
        return given_before(Stack("id", "shop", status, parameters=given))

    assert before(Profile="single-host") == {"Profile": "single-host", "HostQueue": "sqs"}
    assert before(Profile="single-host", HostQueue="own")["HostQueue"] == "own"
    # Where a host is yet to be made, the template's default goes.
    assert before(Profile="service") == {"Profile": "service"}
    assert before("ROLLBACK_COMPLETE", Profile="single-host") == given_before(None) == {}


def test_a_value_that_nobody_gave_and_a_name_that_is_none_are_told():
    with pytest.raises(DeployError, match="ImageId needs a value"):
        parameters.filled(KNOWN, {}, {})
    with pytest.raises(DeployError, match="no parameter MaxWorker"):
        parameters.filled(KNOWN, {"ImageId": "ami-1", "MaxWorker": "3"}, {})


@pytest.mark.parametrize("name", ["", "-a", "1a", "A", "a_b", "a" * 25])
def test_names_that_no_deployment_can_have(name):
    with pytest.raises(DeployError, match="cannot be a deployment's name"):
        Wish(name)


def test_who_is_let_in_where_nobody_chose():
    assert Wish("a").opens_to({}) is None
    assert Wish("a", {"Domain": "x.example"}).opens_to({}) == "0.0.0.0/0"
    assert Wish("a").opens_to({"ClientCidr": "10.0.0.0/8"}) == "10.0.0.0/8"
    assert (
        Wish("a", {"ClientCidr": "1.2.3.4/32"}).opens_to({"ClientCidr": "10.0.0.0/8"})
        == "1.2.3.4/32"
    )


def test_nested_stacks_and_resources_are_told_from_those_of_a_deployment_that_is_named_alike():
    assert naming.is_nested("shop-Data-U8G2XGMM5IW0", "shop")
    assert not naming.is_nested("shop-two", "shop")
    assert not naming.is_nested("shop-two-Data-U8G2XGMM5IW0", "shop")
    assert naming.is_training("shop-training-r-0123456789", "shop")
    assert not naming.is_training("shop-two-training-r-0123456789", "shop")
    assert not naming.is_training("shop-training-r-0123456789-two", "shop")
    assert _is_own("shop-Iam-X-WorkerRole-Y", "shop")
    assert _is_own("shop-dead-letters", "shop")
    assert not _is_own("shopping-dead-letters", "shop")


def test_quotas_count_spot_workers_twice_for_they_fall_back_on_demand():
    cores = {"c7a.large": 2, "t3a.small": 2}
    needs = quotas.wanted(cores, 10, "c7a.large", "spot", ["t3a.small"] * 4)
    assert needs == {quotas.SPOT: 20.0, quotas.ON_DEMAND: 28.0}
    assert quotas.SPOT not in quotas.wanted(cores, 10, "c7a.large", "on-demand", [])


def test_what_failed_first_is_told_and_not_what_was_swept_along():
    def event(reason, kind="AWS::EC2::EIP"):
        return Event(None, "s", "r", kind, "CREATE_FAILED", reason)  # type: ignore[arg-type]

    assert event("The maximum number of addresses has been reached.").is_cause
    assert not event("Resource creation cancelled").is_cause
    assert not event("Embedded stack failed", "AWS::CloudFormation::Stack").is_cause


def test_the_parts_of_a_picture_s_time_add_up_to_what_its_client_waited():
    timings = {"queueMs": 5, "fetchMs": 20, "decodeMs": 3, "inferenceMs": 12, "totalMs": 60}
    spans = smoke.spans(timings, 0.1)
    assert sum(span.ms for span in spans) == pytest.approx(100)
    assert spans[-1] == smoke.Span(smoke.AROUND, 40)
    assert max(line.count("█") for line in smoke.drawn(spans)) == smoke.WIDTH


def test_a_source_is_named_by_its_content_and_packs_to_the_same_bytes(tmp_path):
    clone = tmp_path / "clone"
    (clone / "ami").mkdir(parents=True)
    (clone / "docs").mkdir()
    (clone / "ami" / "provision.sh").write_text("true\n")
    (clone / "docs" / "page.md").write_text("a page\n")
    (clone / ".gitignore").write_text("*.log\n")
    (clone / "secret.log").write_text("not to be packed\n")
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    first = source.pack(clone)
    (clone / "docs" / "page.md").write_text("another page\n")
    (clone / "ami" / "provision.sh").touch()
    again = source.pack(clone)
    assert again == first
    with tarfile.open(fileobj=io.BytesIO(first.archive)) as packed:
        assert packed.getnames() == [".gitignore", "ami/provision.sh"]
    (clone / "ami" / "provision.sh").write_text("false\n")
    assert source.pack(clone).digest != first.digest


def test_no_image_is_baked_of_an_installation_that_is_no_clone(tmp_path):
    with pytest.raises(DeployError, match="--image"):
        source.pack(tmp_path)


def test_the_script_fails_when_provision_does_and_runs_in_a_shell(tmp_path):
    """Run for real, with the machine's places and the network taken out."""
    archive = tmp_path / "source.tar.gz"
    provision = b"echo provisioned; exit 3\n"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("ami/provision.sh")
        entry.size = len(provision)
        tar.addfile(entry, io.BytesIO(provision))
    lines = script.provision(archive.as_uri(), (tmp_path / "put").as_uri())
    text = "\n".join(lines).replace(script.PLACE, str(tmp_path / "place"))
    ran = subprocess.run(["sh", "-c", text], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 3
    assert "provisioned" in ran.stdout
    assert hashlib.sha256((tmp_path / "put").read_bytes()).digest()


def test_a_url_in_the_script_cannot_break_out_of_it():
    lines = script.provision("https://x/?a=1&b='; touch /tmp/bad; '", "https://y")
    assert any("'\"'\"'" in line for line in lines)


def test_the_machine_of_a_bake_has_its_deadline_at_each_boot_and_before_anything_that_may_fail():
    whole = message_from_string(script.user_data(AGENT.read_text(encoding="ascii"), 60))
    timer, first = whole.get_payload()
    assert timer.get_content_type() == "text/cloud-boothook"
    assert "--on-active=60min systemctl poweroff" in timer.get_payload()
    assert first.get_content_type() == "text/x-shellscript"
    lines = first.get_payload().splitlines()
    assert lines[0] == "#!/bin/bash"
    assert lines[1].startswith("shutdown -h +60 ")
    for part in (timer, first):
        assert subprocess.run(["bash", "-n"], input=part.get_payload(), text=True).returncode == 0
