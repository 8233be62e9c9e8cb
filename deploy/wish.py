"""What is asked for, before anything is made. Pure."""

from dataclasses import dataclass, field
from pathlib import Path

from deploy import naming
from deploy.errors import DeployError

EVERYBODY = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Wish:
    """A deployment as it is to be.

    Args:
        deployment: its name.
        parameters: of the template, as they are named there; what is not here stays as it is.
        image: to use; None for the one of this source.
        base_image: what an image is baked on; None for the newest Debian 12.
        bake_type: instance type to bake on; None for that of the workers.
        bake_subnet: where; None for the account's default.
        models: folder of bundles that go into the image.
    """

    deployment: str
    parameters: dict[str, str] = field(default_factory=dict)
    image: str | None = None
    base_image: str | None = None
    bake_type: str | None = None
    bake_subnet: str | None = None
    models: Path | None = None

    def __post_init__(self) -> None:
        if not naming.DEPLOYMENT.fullmatch(self.deployment):
            raise DeployError(
                f"{self.deployment!r} cannot be a deployment's name.\n"
                "At most 24 small letters, digits and dashes, the first a letter."
            )

    def opens_to(self, before: dict[str, str]) -> str | None:
        """The network to let in where none was chosen; None where that must be found out or was said before.

        With a domain there is HTTPS and everybody may ask, who then needs a key.
        """
        if "ClientCidr" in self.parameters:
            return self.parameters["ClientCidr"]
        if "ClientCidr" in before:
            return before["ClientCidr"]
        return EVERYBODY if self.parameters.get("Domain") else None
