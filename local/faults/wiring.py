"""Puts the layers of faults before an endpoint's application."""

from collections.abc import Sequence

from local.endpoint import ASGIApp
from local.faults.control import FaultControl
from local.faults.dice import Dice
from local.faults.layer import FaultLayer
from local.faults.partial import PartialBatches
from local.faults.rules import Plan, Rule
from local.faults.s3 import S3Dialect
from local.faults.sqs import SqsDialect


def sqs_dice(plan: Plan) -> Dice:
    """For the broker and the layer alike."""
    return Dice(plan.seed, plan.sqs)


def faulty_sqs(app: ASGIApp, dice: Dice) -> ASGIApp:
    """The queues' application behind its faults."""
    return FaultControl(FaultLayer(PartialBatches(app, dice), dice, SqsDialect()), dice, _for_sqs)


def faulty_s3(app: ASGIApp, plan: Plan) -> ASGIApp:
    """The storage's application behind its faults."""
    dice = Dice(plan.seed, plan.s3)
    return FaultControl(FaultLayer(app, dice, S3Dialect()), dice, _for_s3)


def _for_sqs(plan: Plan) -> Sequence[Rule]:
    return plan.sqs


def _for_s3(plan: Plan) -> Sequence[Rule]:
    return plan.s3
