"""The settings of webhooks, which are the front end's (`wire.settings`)."""

from pydantic import Field

from wire.environment import FromEnvironment, Hosts


class HookSettings(FromEnvironment):
    """How jobs' ends are told."""

    webhook_allow: Hosts = Field(
        (), description="host:port,… that webhooks may go to though they are not public"
    )
    webhook_pause: float = Field(
        5.0, ge=0, le=3600, description="seconds before a webhook's second try; doubles with each"
    )
    webhook_tries: int = Field(
        16, ge=1, le=50, description="tries of a webhook before it is given up"
    )
