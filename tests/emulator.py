"""All of AWS in memory: moto's server, with what the deployment needs and moto has not.

`python -m tests.emulator --port N`. What is added is what AWS documents, nothing of this project: attributes
of resources that a template reads with `Fn::GetAtt`, the outputs of nested stacks among them; that a stack
which goes takes its target groups and the roles with policies of its own along; that a request with the
same token is the same stack; that a stack has no outputs before it is there; what the spot role is called.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import emulated
from tests.servers import Server, free_port


@contextmanager
def emulator() -> Iterator[Server]:
    """The server as a process of its own, until the block ends."""
    port = free_port()
    command = (sys.executable, "-m", "tests.emulator", "--port", str(port))
    with TemporaryDirectory() as folder:
        server = Server(command, port, "/moto-api/", Path(folder) / "emulator.log")
        try:
            yield server
        finally:
            server.stop()


def _output(stack: Any, name: str) -> str:
    for output in stack.output_map.values():
        # None where its condition does not hold.
        if output is not None and output.key == name.removeprefix("Outputs."):
            return str(output.value)
    raise KeyError(f"the nested stack {stack.name} has no {name}")


def _after(arn: str, mark: str) -> str:
    return arn.partition(mark)[2]


# By class of moto's and attribute: what moto cannot say.
ATTRIBUTES: dict[tuple[str, str], Callable[[Any], str]] = {
    ("FakeTargetGroup", "TargetGroupFullName"): lambda it: (
        f"targetgroup/{_after(it.arn, ':targetgroup/')}"
    ),
    ("FakeTargetGroup", "TargetGroupArn"): lambda it: it.arn,
    ("FakeLoadBalancer", "LoadBalancerFullName"): lambda it: _after(it.arn, ":loadbalancer/"),
}


def mend() -> None:
    """Let moto's CloudFormation read these attributes."""
    from moto.cloudformation import parsing

    plain = parsing.clean_json

    def whole(resource_json: Any, resources_map: Any) -> Any:
        wanted = resource_json.get("Fn::GetAtt") if isinstance(resource_json, dict) else None
        if isinstance(wanted, list) and len(wanted) > 1:
            # `!GetAtt Name.Outputs.Key` is taken apart at every dot.
            attribute = ".".join(map(str, wanted[1:]))
            resource = resources_map.get(wanted[0])
            kind = type(resource).__name__
            if kind == "Stack":
                return _output(resource, attribute)
            if (kind, attribute) in ATTRIBUTES:
                return ATTRIBUTES[kind, attribute](resource)
        return plain(resource_json, resources_map)

    parsing.clean_json = whole


def mend_tags() -> None:
    """Let nested stacks have the tags of the one around them."""
    from moto.cloudformation.models import CloudFormationBackend

    plain, around = CloudFormationBackend.create_stack, ContextVar[dict[str, str]]("tags")

    def create_stack(backend: Any, *given: Any, **named: Any) -> Any:
        tags = named.get("tags") or around.get({})
        token = around.set(tags)
        try:
            return plain(backend, *given, **{**named, "tags": tags})
        finally:
            around.reset(token)

    CloudFormationBackend.create_stack = create_stack


def mend_repeats() -> None:
    """Let a stack that is asked for again with the same token be the one that there is."""
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.core.responses import ActionResult

    plain, asked = CloudFormationResponse.create_stack, set[tuple[str, str]]()

    def create_stack(response: Any) -> Any:
        token, name = response._get_param("ClientRequestToken"), response._get_param("StackName")
        if token and (token, name) in asked:
            for stack in list(response.cloudformation_backend.stacks.values()):
                if stack.name == name:
                    return ActionResult({"StackId": stack.stack_id})
        asked.add((token, name))
        return plain(response)

    CloudFormationResponse.create_stack = create_stack


def mend_outputs() -> None:
    """Let a stack that is being made have no outputs.

    moto makes a resource when it is first looked at: whoever asked for outputs meanwhile made nested stacks
    that were not there yet, and what made the stack made them a second time, for nobody.
    """
    from moto.cloudformation.models import Stack

    plain = Stack.outputs.fget

    def outputs(stack: Any) -> Any:
        return None if stack.status in {"CREATE_PENDING", "CREATE_IN_PROGRESS"} else plain(stack)

    Stack.outputs = property(outputs)


def mend_removal() -> None:
    """Let what a stack made go with it."""
    from moto.elbv2.models import FakeTargetGroup, elbv2_backends
    from moto.iam.models import SERVICE_NAME_CONVERSION, ManagedPolicy, Role, iam_backends

    SERVICE_NAME_CONVERSION["spot"] = "EC2Spot"

    def without_group(group: Any, account: str, region: str) -> None:
        elbv2_backends[account][region].target_groups.pop(group.arn, None)

    def without_policy(policy: Any, account: str, region: str) -> None:
        backend = iam_backends[account]["aws"]
        for role in backend.roles.values():
            role.managed_policies.pop(policy.arn, None)
        backend.managed_policies.pop(policy.arn, None)

    plain = Role.delete_from_cloudformation_json.__func__

    def without_role(cls: Any, name: str, document: Any, account: str, region: str) -> None:
        for role in iam_backends[account]["aws"].roles.values():
            if role.name == name:
                role.managed_policies.clear()
        plain(cls, name, document, account, region)

    FakeTargetGroup.delete = without_group
    ManagedPolicy.delete = without_policy
    Role.delete_from_cloudformation_json = classmethod(without_role)


def mend_networks() -> None:
    """Let the parts of a network go with their stack; while one is there, the network stays."""
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.internet_gateways import InternetGateway
    from moto.ec2.models.route_tables import RouteTable
    from moto.ec2.models.vpcs import VPCEndPoint

    def without(call: str, *named: str) -> Callable[..., None]:
        def delete(resource: Any, account: str, region: str) -> None:
            backend = ec2_backends[account][region]
            for each in named:
                getattr(backend, each).pop(resource.id, None)
            if call:
                getattr(backend, call)(resource.id)

        return delete

    RouteTable.delete = without("delete_route_table")
    VPCEndPoint.delete = without("", "vpc_end_points")
    InternetGateway.delete = without("", "internet_gateways")


def mend_policies() -> None:
    """A bucket's policy counts without its conditions, so that what refuses plain HTTP would refuse all.

    This server stands for endpoints that are reached by TLS.
    """
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(bucket: Any, action: str, resource: str) -> Any:
        statements = _unconditional(bucket.policy)
        if not statements:
            return PermissionResult.NEUTRAL
        policy = IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": statements}))
        return policy.is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission


def _unconditional(policy: bytes | None) -> list[dict[str, Any]]:
    statements = [] if policy is None else json.loads(policy)["Statement"]
    return [each for each in statements if "Condition" not in each]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    mend()
    mend_tags()
    mend_repeats()
    mend_outputs()
    mend_removal()
    mend_networks()
    mend_policies()
    emulated.mend(f"http://127.0.0.1:{port}")
    from moto.server import main as serve

    serve(["-H", "127.0.0.1", "-p", str(port)])


if __name__ == "__main__":
    main()
