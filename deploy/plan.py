"""What `deploy up` would do, and whether it can: looked at, nothing made."""

from dataclasses import dataclass, field
from typing import Any

from deploy import address, parameters, quotas, shape, spot, templates
from deploy.account import Account
from deploy.bake import images, source
from deploy.before import given_before
from deploy.depot import Depot, exists
from deploy.errors import DeployError
from deploy.formation import Formation, Stack
from deploy.naming import data_bucket
from deploy.stages import Step, next_step
from deploy.wish import Wish
from wire.prices import PriceList

GOOD_MARK, WARN_MARK, BAD_MARK = "good", "warning", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mark` is good, warning or bad: what is bad keeps `up` from working."""

    about: str
    mark: str
    text: str


@dataclass(slots=True)
class Plan:
    """What was found. `values` are the stack's parameters, but for the image where it is yet to be baked."""

    deployment: str
    step: Step
    findings: list[Finding] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        return all(each.mark != BAD_MARK for each in self.findings)

    def found(self, about: str, mark: str, text: str) -> None:
        self.findings.append(Finding(about, mark, text))


def made(account: Account, wish: Wish, prices: PriceList) -> Plan:
    """Look at everything.

    Raises:
        DeployError: there are no credentials, or a parameter is none.
    """
    identity = account.identity
    formation = Formation(account, wish.deployment)
    known, stack = formation.known(templates.read().root), formation.stack()
    before = given_before(stack)
    plan = Plan(wish.deployment, next_step(stack.status if stack else None))
    plan.found("credentials", GOOD_MARK, f"{identity.arn} in {account.region}")
    _stack(plan, stack)
    _bucket(plan, account, wish, stack)
    _image(plan, account, wish)
    given = {**wish.parameters, "Deployment": wish.deployment}
    _network(plan, account, wish, before, given)
    # Known only once the templates are put and the image is there.
    given |= {"TemplateBase": "(put by up)", "ImageId": given.get("ImageId", "(baked by up)")}
    plan.values = parameters.filled(known, given, before)
    told_later = {"TemplateBase", "ImageId"}
    plan.changes = {
        name: pair
        for name, pair in parameters.changed(plan.values, before).items()
        if name not in told_later and before
    }
    if plan.values.get("Market") == "spot" and plan.values.get("Profile") != shape.HOST:
        there = spot.there(account)
        plan.found("spot role", GOOD_MARK, "is there" if there else "will be made")
    _queue(plan, before)
    _quotas(plan, account)
    _cost(plan, prices)
    return plan


def _stack(plan: Plan, stack: Stack | None) -> None:
    said = {
        Step.CREATE: "none yet: it will be made",
        Step.UPDATE: "stands: it will be brought to this",
        Step.WAIT: "is being worked on: `up` waits, then goes on",
        Step.REMOVE: "failed before: what is left of it goes, then it is made anew",
        Step.UNSTICK: "could not be changed back: that is tried again first",
    }[plan.step]
    status = f"{stack.status}, " if stack is not None else ""
    mark = WARN_MARK if plan.step in {Step.REMOVE, Step.UNSTICK} else GOOD_MARK
    plan.found("stack", mark, f"{status}{said}")


def _bucket(plan: Plan, account: Account, wish: Wish, stack: Stack | None) -> None:
    name = data_bucket(wish.deployment, account.identity.account, account.region)
    if stack is None and exists(account, name):
        plan.found("bucket", GOOD_MARK, f"{name} was kept from before and is used again")
    depot = Depot(account)
    there = "is there" if exists(account, depot.name) else "will be made"
    plan.found("template bucket", GOOD_MARK, f"{depot.name} {there}")


def _image(plan: Plan, account: Account, wish: Wish) -> None:
    if wish.image is not None:
        plan.found("image", GOOD_MARK, wish.image)
        return
    try:
        digest = source.pack(models=wish.models).digest
        there = images.of_source(account, digest)
    except DeployError as error:
        plan.found("image", BAD_MARK, str(error))
        return
    said = f"{there.id} of this source" if there else "none of this source: it will be baked"
    plan.found("image", GOOD_MARK, said)


def _network(
    plan: Plan, account: Account, wish: Wish, before: dict[str, str], given: dict[str, str]
) -> None:
    network = wish.opens_to(before)
    try:
        given["ClientCidr"] = network or address.own_network(account)
    except DeployError as error:
        plan.found("who may ask", BAD_MARK, str(error))
        return
    has_domain = given.get("Domain", before.get("Domain", ""))
    plain = "" if has_domain else ", by plain HTTP: whoever is between can read pictures and keys"
    mark = GOOD_MARK if has_domain else WARN_MARK
    plan.found("who may ask", mark, f"{given['ClientCidr']}{plain}")


def _queue(plan: Plan, before: dict[str, str]) -> None:
    """Where jobs wait in the single host, and what a change does to them."""
    if plan.values.get("Profile") == shape.HOST:
        own = shape.keeps_its_jobs(plan.values)
        said = "the host's own, on its volume" if own else "SQS"
        plan.found("queue", GOOD_MARK, said)
    loss = shape.risked(before, plan.values) if before else None
    if loss:
        plan.found("what waits", WARN_MARK, loss)


def _quotas(plan: Plan, account: Account) -> None:
    kind, beside = shape.worker_type(plan.values), shape.others(plan.values)
    cores = quotas.cores(account, [kind, *beside])
    for each in dict.fromkeys([kind, *beside]):
        if each not in cores:
            plan.found("instance type", BAD_MARK, f"{account.region} has no {each}")
    workers = 0 if plan.values.get("Profile") == shape.HOST else shape.most_workers(plan.values)
    needs = quotas.wanted(cores, workers, kind, plan.values.get("Market", "spot"), beside)
    for quota in quotas.look(account, needs):
        allowed = "nobody says" if quota.allowed is None else f"{quota.allowed:g} allowed"
        text = f"{quota.wanted:g} at most wanted, {allowed}"
        if not quota.enough:
            text += f": raise {quota.code} of EC2 in Service Quotas, or lower MaxWorkers"
        # Fewer workers than wanted still answer: the balancer takes what there is.
        sure = quota.enough and quota.allowed is not None
        plan.found(f"quota of {quota.name}", GOOD_MARK if sure else WARN_MARK, text)


def _cost(plan: Plan, prices: PriceList) -> None:
    try:
        bills = shape.cost(plan.values, prices)
    except DeployError as error:
        plan.found("cost", WARN_MARK, str(error))
        return
    plan.least, plan.most = bills.least.an_hour, bills.most.an_hour
    plan.parts = bills.least.by_part()


def as_document(plan: Plan) -> dict[str, Any]:
    """For --json; dollars an hour."""
    return {
        "deployment": plan.deployment,
        "possible": plan.possible,
        "step": plan.step.value,
        "findings": [
            {"about": each.about, "mark": each.mark, "text": each.text} for each in plan.findings
        ],
        "parameters": plan.values,
        "changes": {name: {"before": old, "now": new} for name, (old, new) in plan.changes.items()},
        "hourly": {"least": plan.least, "most": plan.most},
        "monthlyAtLeast": plan.parts,
    }
