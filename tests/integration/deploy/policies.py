"""What a role's policies allow, by the rules of IAM that they use.

Allowed is what a statement allows and none denies. Wildcards in actions and resources; conditions
StringEquals, StringLike, ArnEquals and ForAllValues:StringEquals.

(docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Context = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Call:
    """An action upon a resource, with the condition keys that AWS would fill in."""

    action: str
    resource: str
    context: Context = field(default_factory=dict, hash=False)


def allowed(documents: Iterable[Mapping[str, Any]], call: Call) -> bool:
    effects = {
        statement["Effect"]
        for document in documents
        for statement in document["Statement"]
        if _speaks_of(statement, call)
    }
    return effects == {"Allow"}


def _speaks_of(statement: Mapping[str, Any], call: Call) -> bool:
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])
    return (
        any(fnmatchcase(call.action.lower(), each.lower()) for each in actions)
        and any(fnmatchcase(call.resource, each) for each in resources)
        and all(
            _holds(operator, key, listed(wanted), call.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    given = listed(context.get(key, []))
    match operator:
        case "StringEquals":
            return len(given) == 1 and given[0] in wanted
        case "StringLike" | "ArnEquals":
            return len(given) == 1 and any(fnmatchcase(given[0], each) for each in wanted)
        case "ForAllValues:StringEquals":
            return all(each in wanted for each in given)
    raise NotImplementedError(operator)


def listed(one_or_more: Any) -> list[Any]:
    return list(one_or_more) if isinstance(one_or_more, list) else [one_or_more]
