"""From whatever there is of a deployment to nothing. Every step may be repeated: run again, it goes on.

The order matters: clusters of trainings, which have stacks of their own in the deployment's network; the
balancer, or it would launch again; then its workers, which no stack knows of and which hold the security
group; then the stack; then what processes made; then what was asked about.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from deploy import depot, groups, machines, remains
from deploy.account import Account
from deploy.bake import images, leftovers
from deploy.depot import Depot
from deploy.errors import DeployError, told
from deploy.follow import Follower
from deploy.formation import Formation
from deploy.stages import GONE, moves
from deploy.up import Voice

ATTEMPTS = 3  # removals of the stack: what waited for something else to go first goes in the second
FLEET = frozenset({"worker", "standby", "remote", "training"})  # what the stack does not know of

Ask = Callable[[str], bool]


@dataclass(slots=True)
class Left:
    """What there is afterwards. `kept` was to stay, `found` should not be there."""

    kept: dict[str, str] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)


class Down:
    """One `deploy down`.

    Args:
        account: where.
        deployment: whose end it is.
        voice: who is told.
        may_drop: asked before pictures' records and models go; the text is the question.
    """

    def __init__(self, account: Account, deployment: str, voice: Voice, may_drop: Ask) -> None:
        self._account = account
        self._deployment = deployment
        self._voice = voice
        self._may_drop = may_drop
        self._formation = Formation(account, deployment)
        self._depot = Depot(account)
        self._left = Left()

    def run(self) -> Left:
        """Do all of it.

        Raises:
            DeployError: something does not go; the text says what.
        """
        self._rest()
        self._remove_trainings()
        self._end_fleet()
        self._remove_stack(self._formation)
        self._remove_queues()
        self._remove_buckets()
        self._remove_own()
        self._left.found = self._strays()
        return self._left

    def _rest(self) -> None:
        """Let CloudFormation end what it is at: nothing can be removed before."""
        stack = self._formation.stack()
        if stack is not None and moves(stack.status) and stack.status != "DELETE_IN_PROGRESS":
            self._voice.say(f"the stack is {stack.status}: waiting")
            follower = Follower(self._account, self._formation, stack)
            follower.until_still(stack.id, self._voice.hear, self._voice.every)

    def _end_fleet(self) -> None:
        self._still_groups()
        fleet = [
            each for each in machines.of(self._account, self._deployment) if each.role in FLEET
        ]
        if fleet:
            self._voice.say(f"{len(fleet)} instances end")
            machines.end(self._account, fleet)
        # The last balancer may have launched in its last moment.
        machines.until_gone(
            self._account, self._deployment, lambda m: m.role in FLEET, self._voice.every
        )

    def _still_groups(self) -> None:
        """No balancer any more, and none that comes back."""
        if groups.still(self._account, self._deployment):
            self._voice.say("the balancer ends")
            machines.until_gone(
                self._account, self._deployment, lambda m: m.role == "balancer", self._voice.every
            )

    def _remove_trainings(self) -> None:
        """Those of `train --spark emr` whose terminal removed nothing."""
        for name in list(remains.trainings(self._account, self._deployment)):
            self._remove_stack(Formation(self._account, name))

    def _remove_stack(self, formation: Formation) -> None:
        for _ in range(ATTEMPTS):
            stack = formation.stack()
            if stack is None:
                return
            follower = Follower(self._account, formation, stack)
            self._voice.say(f"the stack {stack.name} is removed")
            formation.remove()
            status = follower.until_still(stack.id, self._voice.hear, self._voice.every)
            if status == GONE:
                return
        causes = "\n".join(f"  {each.resource}: {each.reason}" for each in follower.causes[-5:])
        raise DeployError(
            f"The stack {formation.deployment} is {status} and does not go:\n{causes}\n"
            "Remove what holds these, then run `classifycloud deploy down` again."
        )

    def _remove_queues(self) -> None:
        """Those that replicas made, and shared ones that a process made after the stack went."""
        urls = list(remains.queues(self._account, self._deployment))
        if urls:
            self._voice.say(f"{len(urls)} queues that no stack knows of are removed")
        for url in urls:
            with told(f"The queue {url} cannot be removed"):
                self._account.client("sqs").delete_queue(QueueUrl=url)

    def _remove_buckets(self) -> None:
        for bucket in remains.buckets(self._account, self._deployment):
            if not self._may_drop(
                f"Remove the bucket {bucket} with all records, answers and models?"
            ):
                self._left.kept[bucket] = (
                    "records, answers and models; the next `deploy up` uses it again"
                )
                continue
            self._voice.say(f"bucket {bucket} is emptied and removed")
            for _ in depot.empty(self._account, bucket):
                pass
            depot.remove(self._account, bucket)

    def _remove_own(self) -> None:
        """Templates; with the last deployment of the region also images and sources."""
        if depot.exists(self._account, self._depot.name):
            for _ in depot.empty(
                self._account, self._depot.name, f"deployments/{self._deployment}/"
            ):
                pass
        others = self._others()
        clear = leftovers.clear if others else leftovers.clear_all
        if clear(self._account):
            self._voice.say("a bake that was broken off is cleared away")
        if others:
            self._left.kept[self._depot.name] = f"used by {', '.join(others)}"
            return
        for image in images.baked(self._account):
            self._voice.say(f"image {image.id} is removed")
            images.forget(self._account, image)
        if depot.exists(self._account, self._depot.name):
            for _ in depot.empty(self._account, self._depot.name):
                pass
            depot.remove(self._account, self._depot.name)

    def _others(self) -> list[str]:
        """Deployments that use the same bucket and images."""
        names = {key.split("/")[1] for key in self._depot.keys("deployments/")}
        return sorted(names - {self._deployment})

    def _strays(self) -> dict[str, list[str]]:
        there = remains.found(self._account, self._deployment)
        return {
            kind: left
            for kind, names in there.items()
            if (left := [name for name in names if name not in self._left.kept])
        }
