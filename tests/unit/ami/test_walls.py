"""What a machine says of its units, judged: every wall that is missing is found."""

import pytest

from ami.rehearsal.answer import Failed
from ami.rehearsal.walls import stand

HELD = "root=ro Name=python Uid=999 CapEff={0} CapBnd={0} NoNewPrivs=1 Seccomp=2".format("0" * 16)
TOLD = f"""unit classifycloud-api.service 0
process 340 {HELD}
unit classifycloud-balancer.service 0
process 339 {HELD}
process 343 {HELD}
end
"""


def test_all_within_their_walls():
    assert stand(TOLD, ["api", "balancer"]).startswith("api, balancer: 3 processes")


@pytest.mark.parametrize(
    ("wall", "gap"),
    [
        ("root=ro", "root=rw"),
        ("Uid=999", "Uid=0"),
        ("NoNewPrivs=1", "NoNewPrivs=0"),
        ("Seccomp=2", "Seccomp=0"),
        ("CapEff=0000", "CapEff=0001"),
        ("CapBnd=0000", "CapBnd=0001"),
        (" Seccomp=2", ""),
        (" Uid=999", ""),
        (f"process 340 {HELD}\n", ""),
        ("balancer.service 0", "balancer.service 1"),
    ],
)
def test_a_gap_is_found(wall, gap):
    with pytest.raises(Failed):
        stand(TOLD.replace(wall, gap, 1), ["api", "balancer"])


def test_a_unit_that_does_not_run_is_missed():
    with pytest.raises(Failed, match="worker"):
        stand(TOLD, ["worker"])
