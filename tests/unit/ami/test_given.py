"""User data: what they may say, and what they may not."""

import pytest

from ami.boot.errors import Unusable
from ami.boot.given import Given, read

KNOWN = frozenset({"CLASSIFYCLOUD_DEPLOYMENT", "CLASSIFYCLOUD_ACCESS", "CLASSIFYCLOUD_PORT"})


def test_the_example_of_the_docs():
    text = """#classifycloud 1
START=api balancer
LOG_GROUP=/classifycloud/demo

# a comment
CLASSIFYCLOUD_DEPLOYMENT=demo
AWS_ENDPOINT_URL_SQS=http://127.0.0.1:1/?a=b
"""
    variables = {
        "CLASSIFYCLOUD_DEPLOYMENT": "demo",
        "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1/?a=b",
    }
    assert read(text, KNOWN) == Given(
        ("api", "balancer"), log_group="/classifycloud/demo", variables=variables
    )


@pytest.mark.parametrize("text", ["", "\n", "#!/bin/sh\nreboot\n", "#cloud-config\nusers: []\n"])
def test_what_is_not_ours_starts_nothing(text):
    assert read(text, KNOWN) == Given()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#classifycloud 2\nSTART=worker", "#classifycloud 1"),
        ("START=worker", "#classifycloud 1"),
        ("#classifycloud 1\nCLASSIFYCLOUD_PORT=1", "START says nothing"),
        ("#classifycloud 1\nSTART=worker,api", "worker,api is none of"),
        ("#classifycloud 1\nSTART=worker\nCLASSIFYCLOUD_ACESS=public", "CLASSIFYCLOUD_ACESS"),
        ("#classifycloud 1\nSTART=worker\nLD_PRELOAD=/tmp/x.so", "LD_PRELOAD"),
        ("#classifycloud 1\nSTART=worker\nAWS_PROFILE=other", "AWS_PROFILE"),
        ("#classifycloud 1\nSTART=worker\nsomething", "line 3"),
        ("#classifycloud 1\nSTART=worker\nSETTINGS=demo", "no path of parameters"),
    ],
)
def test_a_slip_is_refused_by_name(text, says):
    with pytest.raises(Unusable, match=says):
        read(text, KNOWN)
