import pytest

from tests.unit.wire.sqs_endpoint import Endpoint


@pytest.fixture
async def endpoint(monkeypatch):
    endpoint = Endpoint()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{await endpoint.serve()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield endpoint
    endpoint.close()
