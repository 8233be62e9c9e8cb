"""An image, baked: from the source in a bucket to an image that is available. Can be broken off anywhere.

What a broken bake leaves is a machine and a role of its name, which nobody else's has: the next `deploy up`
removes them, and `deploy down`.
"""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from deploy import naming, ssm
from deploy.account import Account
from deploy.bake import images, leftovers, machine, role, script
from deploy.bake.images import Image
from deploy.bake.machine import MINUTES, Bench
from deploy.bake.source import ROOT, Source
from deploy.depot import Depot
from deploy.errors import DeployError, told

EVERY = 5.0  # seconds between looks
AGENT = ROOT / "ami" / "ssm-agent.sh"  # Debian's image has no agent
SHOWN = 1500  # characters of the output of a bake that failed

Say = Callable[[str], None]


class Baker:
    """Makes the image of one source.

    Args:
        account: where.
        depot: where the source lies.
        bench: what to launch.
        say: told of each step.
    """

    def __init__(self, account: Account, depot: Depot, bench: Bench, say: Say) -> None:
        self._account = account
        self._depot = depot
        self._bench = bench
        self._say = say

    def image(self, source: Source) -> Image:
        """The image of this source, baked where there is none.

        Raises:
            DeployError: it cannot be baked; the text has the end of the output.
        """
        if leftovers.clear(self._account):
            self._say("a bake that was broken off is cleared away")
        if images.of_source(self._account, source.digest) is None:
            self._bake(source)
        image = self._available(source.digest)
        leftovers.end(self._account, image)
        return image

    def _bake(self, source: Source) -> None:
        # Dots are in no region's name: by its end a role, which knows of none, tells its own.
        nonce = secrets.token_hex(4)
        name = f"{naming.bake_name(source.digest)}.{nonce}.{self._account.region}"
        key = f"sources/{source.digest}.tar.gz"
        if not self._depot.has(key):
            self._depot.put(key, source.archive)
        try:
            role.ensure(self._account, name)
            self._baked(source, name, key)
        finally:
            machine.end(self._account, name)
            role.drop(self._account, name)

    def _baked(self, source: Source, name: str, key: str) -> None:
        instance = machine.launch(self._account, self._bench, name, _user_data())
        self._say(f"instance {instance} ({self._bench.kind}) boots")
        machine.until_running(self._account, instance)
        log = f"sources/{source.digest}.log"
        lines = script.provision(
            self._depot.signed(key, "get_object"), self._depot.signed(log, "put_object")
        )
        self._say("ami/provision.sh runs on it: some minutes")
        ran = ssm.run(self._account, instance, lines, seconds=MINUTES * 60)
        if not ran.good:
            tail = (ran.output or ran.errors)[-SHOWN:]
            raise DeployError(
                f"The image could not be baked ({ran.status}). Its last words:\n{tail}\n"
                f"All of them: s3://{self._depot.name}/{log}"
            )
        self._say("the instance becomes an image")
        self._imaged(instance, name, source.digest)

    def _imaged(self, instance: str, name: str, digest: str) -> None:
        tags = [{"Key": naming.SOURCE_TAG, "Value": digest}, {"Key": "Name", "Value": name}]
        ec2 = self._account.client("ec2")
        with told("The image cannot be made"):
            ec2.create_image(
                InstanceId=instance,
                # A name can be had once; one of an image that failed is taken.
                Name=f"{name}-{int(time.time())}",
                Description="ClassifyCloud: worker, front end and balancer",
                TagSpecifications=[{"ResourceType": "image", "Tags": tags}],
            )
            # The machine must live until its disk is copied.
            image = self._available(digest)
            if image.snapshots:
                ec2.create_tags(Resources=list(image.snapshots), Tags=tags)

    def _available(self, digest: str) -> Image:
        while True:
            image = images.of_source(self._account, digest)
            if image is None:
                raise DeployError("The image failed.\nRun the command again: it bakes another one.")
            if image.state == "available":
                return image
            time.sleep(EVERY)


def _user_data(path: Path = AGENT) -> str:
    if not path.is_file():
        raise DeployError(f"{path} is not there.\nRun the command in a whole clone.")
    return script.user_data(path.read_text(encoding="utf-8").rstrip(), MINUTES)
