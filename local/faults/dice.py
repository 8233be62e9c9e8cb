"""Which request meets which fault: seeded, counted."""

import random
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from local.faults.rules import Rule


class Die:
    """One rule and its own sequence of random numbers, so that no rule disturbs another."""

    def __init__(self, rule: Rule, seed: str) -> None:
        self.rule = rule
        self.met = 0
        self.hit = 0
        self._random = random.Random(seed)  # noqa: S311

    def concerns(self, action: str, target: str) -> bool:
        """Whether the rule is for such a request."""
        return (not self.rule.on or action in self.rule.on) and self.rule.where in target

    def hits(self) -> bool:
        """Roll for one thing that may go wrong."""
        self.met += 1
        # Drawn past the limit as well: what is drawn depends on the count alone.
        drawn = self._random.random() < self.rule.share
        spent = self.rule.limit is not None and self.hit >= self.rule.limit
        if not drawn or spent:
            return False
        self.hit += 1
        return True

    def seconds(self) -> float:
        """How long, where the fault is a matter of time."""
        return self._random.uniform(*self.rule.seconds)


class Dice:
    """A die for each rule; `replace` puts other rules in their place."""

    def __init__(self, seed: int, rules: Sequence[Rule]) -> None:
        self._dice: list[Die] = []
        self.replace(seed, rules)

    def replace(self, seed: int, rules: Sequence[Rule]) -> None:
        """Other rules, all counts at 0."""
        self._dice = [Die(rule, f"{seed}/{index}") for index, rule in enumerate(rules)]

    def concerning(self, faults: Collection[str], action: str, target: str) -> Iterator[Die]:
        """The dice of these faults that such a request must face, in the rules' order."""
        return (
            die for die in self._dice if die.rule.fault in faults and die.concerns(action, target)
        )

    def counts(self) -> list[dict[str, Any]]:
        """Every rule, how many requests, entries or messages it met, and how many it hit."""
        return [
            {"rule": die.rule.model_dump(mode="json"), "met": die.met, "hit": die.hit}
            for die in self._dice
        ]
