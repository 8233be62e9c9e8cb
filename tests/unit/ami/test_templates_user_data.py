"""What the stack tells its instances is what the boot script understands."""

import re
import textwrap

import pytest

from ami.boot.given import ROLES, read
from ami.names import settings
from tests.servers import ROOT

TEMPLATES = ROOT / "deploy/templates"
TOLD = re.compile(r"Fn::Base64: !Sub\n +- \|\n((?: {14}.*\n)+)")
# What stands for whole lines, and what starts.
LINES = {
    "More": "CLASSIFYCLOUD_WAIT=60",
    "Money": "# no budget",
    "Start": "queue api balancer",
}
EXPECTED = {
    "compute.yaml": {("worker",), ("api",), ("balancer",)},
    "host.yaml": {("queue", "api", "balancer")},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_user_data(name):
    blocks = TOLD.findall((TEMPLATES / name).read_text())
    told = [
        re.sub(r"\$\{(.+?)\}", lambda found: LINES.get(found[1], "1"), textwrap.dedent(block))
        for block in blocks
    ]
    found = [read(each, settings()) for each in told]
    assert {each.roles for each in found} == EXPECTED[name]
    assert all(each.log_group for each in found)
    assert all(role in ROLES for each in found for role in each.roles)
