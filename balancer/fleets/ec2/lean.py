"""DescribeInstances read for what the fleet needs, and no more.

EC2 says some hundred and fifty things of each instance. botocore turns all of them into objects: 0.57 s of
CPU for a page of 1 000, 5.7 s for the ten pages of a large fleet, longer than a tick. The XML library's own
parser and a look at nine fields take 0.09 s (`make bench-balancer`).

Registered for the event `before-parse` of a client, where botocore lets a handler read an answer first.
"""

from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, XMLParser

EMPTY = b"<DescribeInstancesResponse/>"
SUCCESS = range(200, 300)


def install(client: Any) -> None:
    """Let this client's DescribeInstances be read here; every other call is as it was."""
    client.meta.events.register("before-parse.ec2.DescribeInstances", _read)


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    if response_dict["status_code"] not in SUCCESS:
        return
    parser = XMLParser()  # noqa: S314  the answer of EC2 itself, over TLS
    parser.feed(response_dict["body"])
    page = parser.close()
    names = Names(page.tag.removesuffix("DescribeInstancesResponse"))
    customized_response_dict["Reservations"] = [
        {"Instances": [names.instance(item) for item in page.iterfind(names.items)]}
    ]
    if more := page.findtext(names.more):
        customized_response_dict["NextToken"] = more
    response_dict["body"] = EMPTY


class Names:
    """The elements that are read, as paths in the answer's namespace, which has a date in it."""

    def __init__(self, namespace: str) -> None:
        def path(*names: str) -> str:
            return "/".join(f"{namespace}{name}" for name in names)

        self.items = path("reservationSet", "item", "instancesSet", "item")
        self.more = path("nextToken")
        self._fields = {
            "InstanceId": path("instanceId"),
            "InstanceType": path("instanceType"),
            "InstanceLifecycle": path("instanceLifecycle"),
            "ClientToken": path("clientToken"),
        }
        self._launched = path("launchTime")
        self._state = path("instanceState", "name")
        self._zone = path("placement", "availabilityZone")
        self._tags = path("tagSet", "item")
        self._key, self._value = path("key"), path("value")

    def instance(self, item: Element) -> dict[str, Any]:
        """The fields that `balancer.fleets.ec2.instances.parsed` reads, by boto3's names."""
        fields = {name: item.findtext(path) for name, path in self._fields.items()}
        found: dict[str, Any] = {name: value for name, value in fields.items() if value}
        if launched := item.findtext(self._launched):
            found["LaunchTime"] = datetime.fromisoformat(launched)
        return found | {
            "State": {"Name": item.findtext(self._state)},
            "Placement": {"AvailabilityZone": item.findtext(self._zone, "")},
            "Tags": [
                {"Key": tag.findtext(self._key, ""), "Value": tag.findtext(self._value, "")}
                for tag in item.iterfind(self._tags)
            ],
        }
