"""The role with which EC2 launches spot instances: one in an account, which the first user must make.

It is the account's from then on: deployments of other regions, and whoever else takes spot, need it too.
"""

from botocore.exceptions import ClientError

from deploy import naming
from deploy.account import Account
from deploy.errors import DeployError, code, told

ABSENT = frozenset({"NoSuchEntity", "NoSuchEntityException"})


def ensure(account: Account) -> bool:
    """Make it where it is missing; whether it was."""
    if there(account):
        return False
    try:
        with told("The role for spot instances cannot be made"):
            account.client("iam").create_service_linked_role(AWSServiceName=naming.SPOT_SERVICE)
    except DeployError as error:
        if "has been taken" in str(error):
            return False  # somebody else made it just now
        raise
    return True


def there(account: Account) -> bool:
    try:
        account.client("iam").get_role(RoleName=naming.SPOT_ROLE)
    except ClientError as error:
        if code(error) in ABSENT:
            return False
        with told("The role for spot instances cannot be looked at"):
            raise
    return True
