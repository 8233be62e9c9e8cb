"""Settings out of SSM's parameter store, for those whose user data name a path there.

Under PATH/all/ there is what every process reads, under PATH/worker/, PATH/api/ and PATH/balancer/ what
one of them does; the last part of a parameter's name is the variable.
"""

from collections.abc import Mapping
from typing import Any

from ami.boot.errors import Away

ALL = "all"
Shelves = dict[str, dict[str, str]]


def fetch(path: str, region: str, variables: Mapping[str, str]) -> Shelves:
    """Variables by process, `all` among them; decrypted.

    Args:
        variables: boto3's endpoint and credentials where they are not AWS's own.

    Raises:
        Away: they cannot be read.
    """
    # A second of imports that an instance without a path does not wait for.
    import botocore.session
    from botocore.exceptions import BotoCoreError, ClientError

    endpoint = variables.get("AWS_ENDPOINT_URL_SSM", variables.get("AWS_ENDPOINT_URL"))
    try:
        client = botocore.session.get_session().create_client(
            "ssm",
            region,
            endpoint_url=endpoint,
            aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        )
        pages = client.get_paginator("get_parameters_by_path").paginate(
            Path=path, Recursive=True, WithDecryption=True
        )
        return sorted_out(path, [each for page in pages for each in page["Parameters"]])
    except (BotoCoreError, ClientError) as error:
        raise Away(f"no parameters under {path}: {error}") from error


def sorted_out(path: str, parameters: list[dict[str, Any]]) -> Shelves:
    """By process and variable; what lies elsewhere under the path is not meant for instances."""
    shelves: Shelves = {}
    for each in parameters:
        shelf, _, name = each["Name"].removeprefix(f"{path}/").partition("/")
        if name and "/" not in name:
            shelves.setdefault(shelf, {})[name] = each["Value"]
    return shelves
