"""What a refusal leaves in the log: nothing that anybody may have without a limit, and little in any case."""

import pytest

from tests.logged import capture_logs
from wire.errors import UpstreamUnreachable
from wire.messages import Answer, ErrorBody


async def refusal(api, method: str, path: str) -> dict:
    with capture_logs() as logged:
        await api.http.request(method, path)
    (entry,) = [entry for entry in logged if entry["event"] == "refused"]
    return entry


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/.git/config", "not_found"), ("PUT", "/classify", "method_not_allowed")],
)
async def test_what_is_no_route_is_no_line_unless_all_are_wanted(deployment, method, path, code):
    entry = await refusal(await deployment.replica(), method, path)
    assert (entry["code"], entry["log_level"]) == (code, "debug")


async def test_what_makes_no_job_is_no_line_and_what_became_of_a_job_is(deployment):
    api = await deployment.replica()
    entry = await refusal(api, "GET", "/classify?url=http://127.0.0.1/")
    assert (entry["code"], entry["log_level"]) == ("blocked_address", "debug")

    def gone(job):
        error = ErrorBody.of(UpstreamUnreachable())
        return Answer(uuid=job.uuid, image_url=job.image_url, error=error)

    await deployment.worker(gone)
    entry = await refusal(api, "GET", "/classify?url=http://a.b/")
    assert (entry["code"], entry["log_level"]) == ("upstream_unreachable", "warning")
    assert entry["job"]


async def test_a_long_path_is_cut_and_nothing_secret_is_left_by_the_cut(deployment):
    path = f"/{'a' * 180}%2F%2Fuser:{'SECRET' * 9}@host/{'b' * 9000}"
    entry = await refusal(await deployment.replica(), "GET", path)
    assert len(entry["path"]) <= 200
    assert "SEC" not in entry["path"]
