"""Where somebody wants to be told of a job, and of which of its ends."""

from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, WithJsonSchema

from api.hooks.secrets import Secrets
from wire import urls
from wire.errors import InvalidParameter
from wire.messages import Part

Event = Literal["succeeded", "failed", "canceled", "expired"]
EVENTS: tuple[Event, ...] = get_args(Event)
UNSIGNED = "webhook: there is no secret to sign with. The operator makes one: classifycloud webhooks secret"


class Webhook(Part):
    """As it is kept with its job."""

    url: str = Field(description="http or https, on a public address; no redirect is followed")
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=len(EVENTS))] = EVENTS


class WebhookRequest(Webhook):
    """Whom to tell of a job's end, and of which of its ends: all of them where none are named."""

    model_config = ConfigDict(extra="forbid")

    def kept(self) -> dict[str, Any]:
        """As JSON has it."""
        return Webhook.model_validate(self.model_dump()).model_dump(mode="json", by_alias=True)


def queried(url: str | None, events: list[str]) -> WebhookRequest | None:
    """That of a request whose body is a picture: parameters of its query.

    Raises:
        InvalidParameter: an event that is none.
    """
    if url is None:
        return None
    if unknown := [each for each in events if each not in EVENTS]:
        raise InvalidParameter(f"webhookEvent: {unknown[0][:20]!r} is none of {', '.join(EVENTS)}.")
    named = tuple(each for each in EVENTS if each in events)
    return WebhookRequest(url=url, events=named or EVENTS)


# Without a reference to definitions that the OpenAPI document has not.
Named = Annotated[WebhookRequest, WithJsonSchema(WebhookRequest.model_json_schema(by_alias=True))]


class Admission:
    """Refuses what can be refused before there is a job.

    Args:
        secrets: to sign with.
        allow: `host:port` pairs that may be told though they are not public.
    """

    def __init__(self, secrets: Secrets, allow: frozenset[str]) -> None:
        self._secrets = secrets
        self._allow = allow

    async def admit(self, webhook: Webhook, client: str) -> None:
        """Whether a client's job may have it.

        Raises:
            InvalidUrl, UnsupportedScheme, CredentialsInUrl, BlockedAddress, BlockedPort: of its address.
            InvalidParameter: the client has no secret.
            QueueUnavailable: it cannot be known.
        """
        urls.check(webhook.url, self._allow)
        if not await self._secrets.of(client):
            raise InvalidParameter(f"{UNSIGNED} {client}".rstrip() + ".")
