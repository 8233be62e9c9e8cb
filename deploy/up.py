"""From whatever there is to a deployment that stands. Every step may be repeated: run again, it goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy import address, groups, naming, parameters, shape, spot, templates
from deploy.account import Account
from deploy.bake import source
from deploy.bake.baker import Baker
from deploy.bake.machine import Bench
from deploy.before import given_before
from deploy.depot import Depot, exists
from deploy.errors import DeployError
from deploy.follow import EVERY, Follower, Hear
from deploy.formation import Formation, Stack
from deploy.parameters import Parameter
from deploy.stages import GOOD, Step, next_step
from deploy.wish import Wish

ROUNDS = 8  # steps on the way to a stack that stands; a failed create takes four

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Voice:
    """How the person hears of it: `say` a line about a step, `hear` an event of the stack."""

    say: Say
    hear: Hear
    every: float = EVERY  # seconds between looks at the stack


class Up:
    """One `deploy up`.

    Args:
        account: where.
        wish: what is to be.
        voice: who is told.
    """

    def __init__(self, account: Account, wish: Wish, voice: Voice) -> None:
        self._account = account
        self._wish = wish
        self._voice = voice
        self._depot = Depot(account)
        self._formation = Formation(account, wish.deployment)

    def run(self) -> Stack:
        """Do all of it; the stack that stands.

        Raises:
            DeployError: a step failed; the text says which, and what to do.
        """
        if self._depot.ensure():
            self._voice.say(f"bucket {self._depot.name} for templates is made")
        before = self._at_rest()
        files = templates.read()
        known = self._formation.known(files.root)
        base = templates.publish(files, self._depot, self._wish.deployment)
        values = self._values(known, before, base)
        if values.get("Market") == "spot" and spot.ensure(self._account):
            self._voice.say("the role for spot instances is made")
        stack = self._stand(f"{base}/{templates.ROOT}", values)
        if groups.wake(self._account, self._wish.deployment):
            self._voice.say("the balancer, which a `down` had ended, is launched again")
        return stack

    def _at_rest(self) -> dict[str, str]:
        """What the stack was given, once nobody works on it."""
        stack = self._formation.stack()
        if stack is not None and next_step(stack.status) is Step.WAIT:
            self._voice.say(f"the stack is {stack.status}: waiting")
            follower = Follower(self._account, self._formation, stack)
            follower.until_still(stack.id, self._voice.hear, self._voice.every)
            stack = self._formation.stack()
        return given_before(stack)

    def _values(
        self, known: dict[str, Parameter], before: dict[str, str], base: str
    ) -> dict[str, str]:
        given = {**self._wish.parameters, "Deployment": self._wish.deployment, "TemplateBase": base}
        given["ClientCidr"] = self._wish.opens_to(before) or address.own_network(self._account)
        if "KeptBucket" in known:
            given |= self._kept(before)
        # Whatever is wrong with them is known before an image is baked, which takes minutes.
        values = parameters.filled(known, {**given, "ImageId": ""}, before)
        given["ImageId"] = self._wish.image or self._image(values)
        return parameters.filled(known, given, before)

    def _kept(self, before: dict[str, str]) -> dict[str, str]:
        """The bucket of an earlier deployment of this name, whose stack has gone without it."""
        name = naming.data_bucket(
            self._wish.deployment, self._account.identity.account, self._account.region
        )
        if before or not exists(self._account, name):
            return {}
        self._voice.say(f"bucket {name} was kept from before and is used again")
        return {"KeptBucket": name}

    def _image(self, values: dict[str, str]) -> str:
        kind = self._wish.bake_type or shape.worker_type(values)
        bench = Bench(kind, self._wish.base_image, self._wish.bake_subnet)
        baker = Baker(self._account, self._depot, bench, self._voice.say)
        image = baker.image(source.pack(models=self._wish.models))
        self._voice.say(f"image {image.id}")
        return image.id

    def _stand(self, url: str, values: dict[str, str]) -> Stack:
        for _ in range(ROUNDS):
            stack = self._formation.stack()
            step = next_step(stack.status if stack else None)
            if (
                step is Step.UPDATE
                and stack is not None
                and not parameters.changed(values, stack.parameters)
            ):
                return stack
            follower = Follower(self._account, self._formation, stack)
            ident = self._begin(step, stack, url, values)
            if ident is None:
                break
            status = follower.until_still(ident, self._voice.hear, self._voice.every)
            if step in {Step.CREATE, Step.UPDATE}:
                return self._ended(follower, status, step)
        return self._standing()

    def _begin(
        self, step: Step, stack: Stack | None, url: str, values: dict[str, str]
    ) -> str | None:
        """Begin the step; the stack's id, None where there is nothing to do."""
        if stack is None or step is Step.CREATE:
            self._voice.say("the stack is being made")
            return self._formation.create(url, values)
        match step:
            case Step.UPDATE:
                self._voice.say("the stack is being changed")
                if loss := shape.risked(stack.parameters, values):
                    self._voice.say(f"note: {loss}")
                return stack.id if self._formation.update(url, values) else None
            case Step.REMOVE:
                self._voice.say(f"what a failed attempt left ({stack.status}) is removed")
                self._formation.remove()
            case Step.UNSTICK:
                self._voice.say("a change that could not be taken back is tried again")
                self._formation.unstick()
            case _:
                self._voice.say(f"the stack is {stack.status}: waiting")
        return stack.id

    def _ended(self, follower: Follower, status: str, step: Step) -> Stack:
        good = {"CREATE_COMPLETE"} if step is Step.CREATE else {"UPDATE_COMPLETE"}
        if status in good:
            return self._standing()
        causes = "\n".join(
            f"  {each.resource} ({each.kind}): {each.reason}" for each in follower.causes[:5]
        )
        after = (
            "CloudFormation has taken back what it made."
            if step is Step.CREATE
            else "The deployment is as it was before."
        )
        raise DeployError(
            f"The stack could not be {'made' if step is Step.CREATE else 'changed'} ({status}).\n"
            f"{causes or '  CloudFormation says no more.'}\n{after} "
            "Mend the cause and run `classifycloud deploy up` again."
        )

    def _standing(self) -> Stack:
        stack = self._formation.stack()
        if stack is None or stack.status not in GOOD:
            status = stack.status if stack else "gone"
            raise DeployError(
                f"The stack is {status} and does not come to rest.\n"
                "Look at its events in the CloudFormation console."
            )
        return stack
