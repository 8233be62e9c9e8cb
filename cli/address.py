"""The service that a command asks: `--url` and `--key`, alike wherever there is one."""

from typing import Annotated

import typer

LOCAL = "http://127.0.0.1:8000"


def checked(url: str) -> str:
    """The address as it is; that of the settings, or this machine's, where it is left out.

    Raises:
        BadParameter: it cannot be one; ends with status 2.
    """
    from classifycloud.client import address
    from wire.settings import ClientSettings

    try:
        return address.checked(url or ClientSettings().url or LOCAL)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


UNSAID = ""
Url = Annotated[
    str,
    typer.Option(
        help="The service; CLASSIFYCLOUD_URL where it is not given.",
        callback=checked,
        show_default=LOCAL,
        rich_help_panel="Service",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="API key; better in CLASSIFYCLOUD_KEY, where other users do not see it.",
        rich_help_panel="Service",
    ),
]
