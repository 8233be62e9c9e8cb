"""Who deploys: the address from which the world sees this machine, the only one let in by default."""

import ipaddress

import httpx

from deploy.account import Account
from deploy.errors import DeployError

ASKED = "https://checkip.amazonaws.com"
HERE = "127.0.0.1/32"
PATIENCE = 5.0  # seconds


def own_network(account: Account, asked: str = ASKED) -> str:
    """This machine's address, as the deployment's account sees it, as a network of one.

    Raises:
        DeployError: nobody could say.
    """
    if account.endpoint is not None:
        return HERE  # an emulator has no Internet to be seen from
    try:
        answer = httpx.get(asked, timeout=PATIENCE)
        answer.raise_for_status()
        return f"{ipaddress.IPv4Address(answer.text.strip())}/32"
    except (httpx.HTTPError, ValueError) as error:
        raise DeployError(
            f"{asked} does not tell this machine's public address ({error}).\n"
            "Say who may ask: --client-cidr 203.0.113.7/32"
        ) from error
