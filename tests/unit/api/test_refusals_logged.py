"""What a refusal leaves in the log: nothing that anybody may have without a limit, and little in any case."""

import pytest
from structlog.testing import capture_logs


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


async def test_a_refusal_of_a_route_is_a_line(deployment):
    entry = await refusal(await deployment.replica(), "GET", "/classify?url=http://127.0.0.1/")
    assert (entry["code"], entry["log_level"]) == ("blocked_address", "info")
    entry = await refusal(await deployment.replica(), "GET", "/classify?url=http://a.b/&model=no")
    assert (entry["code"], entry["log_level"]) == ("model_not_found", "info")


async def test_a_long_path_is_cut_and_nothing_secret_is_left_by_the_cut(deployment):
    path = f"/{'a' * 180}%2F%2Fuser:{'SECRET' * 9}@host/{'b' * 9000}"
    entry = await refusal(await deployment.replica(), "GET", path)
    assert len(entry["path"]) <= 200
    assert "SEC" not in entry["path"]
