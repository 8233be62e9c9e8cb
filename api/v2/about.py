"""What this server and its models are, as the protocol tells it."""

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api.body import JsonText
from api.replica import Replica
from api.v2.documents import INPUTS, OUTPUTS, Live, ModelAbout, Ready, ServerAbout
from api.v2.inference import SCOPE

NAME, PLATFORM = "classifycloud", "classifycloud_bundle"
EXTENSIONS = ["binary_tensor_data"]


class About:
    """Answers all but inference. Each raises the ServiceError that its client is to read."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    async def server(self, request: Request) -> Response:
        said = ServerAbout(name=NAME, version=request.app.version, extensions=EXTENSIONS)
        return _written(said)

    async def live(self, _request: Request) -> Response:
        return _written(Live(live=True))

    async def ready(self, _request: Request) -> Response:
        self._refuse()
        return _written(Ready(ready=True))

    async def model(self, request: Request) -> Response:
        name = self._known(request)
        version = request.path_params.get("version")
        versions = [version] if version else self._replica.models.versions(name)
        said = ModelAbout(
            name=name, versions=versions, platform=PLATFORM, inputs=INPUTS, outputs=OUTPUTS
        )
        return _written(said)

    async def model_ready(self, request: Request) -> Response:
        self._known(request)
        self._refuse()
        return _written(Ready(ready=True))

    def _known(self, request: Request) -> str:
        request.state.caller = self._replica.access.admit(request, SCOPE)
        name: str = request.path_params["model"]
        self._replica.models.check(name, request.path_params.get("version"))
        return name

    def _refuse(self) -> None:
        if (fault := self._replica.fault()) is not None:
            raise fault


def _written(document: BaseModel) -> Response:
    return JsonText(document.model_dump_json().encode())
