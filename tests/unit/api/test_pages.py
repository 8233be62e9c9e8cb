import json
import re

from api.documents import Classified, failures
from api.routes import pages
from wire import errors


async def test_unknown_routes_and_methods_keep_the_shape(deployment):
    api = await deployment.replica()
    missing = await api.http.get("/nothing/here")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    wrong = await api.http.delete("/classify")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, POST"


async def test_health_and_index(deployment):
    api = await deployment.replica()
    assert (await api.http.get("/healthz")).json() == {"status": "alive"}
    assert (await api.http.get("/")).json()["docs"] == "/docs"
    assert (await api.http.get("/docs")).status_code == 200


async def test_a_browsers_copy_of_the_page_is_not_sent_again(deployment):
    api = await deployment.replica()
    whole = await api.http.get("/", headers={"Accept": "text/html,*/*"})
    assert whole.text.startswith("<!doctype html>")
    for path in ("/", *sorted(set(re.findall(r'(?:src|href)="(/page/[^"]+)"', whole.text)))):
        first = await api.http.get(path, headers={"Accept": "text/html"})
        assert first.status_code == 200, path
        known = {"Accept": "text/html", "If-None-Match": f'W/"x", {first.headers["etag"]}'}
        again = await api.http.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b""), path
        other = await api.http.get(path, headers=known | {"If-None-Match": '"x"'})
        assert other.content == first.content
        plain = await api.http.get(path, headers={"Accept": "text/html", "Accept-Encoding": "br"})
        assert plain.content == first.content
        assert "content-encoding" not in plain.headers


async def test_every_script_and_style_is_named_by_the_page_before_it_is_imported(deployment):
    api = await deployment.replica()
    text = (await api.http.get("/", headers={"Accept": "text/html"})).text
    files = {path.name for path in (pages.WEB / "page").iterdir() if path.suffix in (".js", ".css")}
    assert set(re.findall(r"/page/(\w+\.(?:js|css))", text)) == files


async def test_metrics_count_by_route_status_and_code(deployment):
    await deployment.worker()
    api = await deployment.replica()
    await api.classify()
    await api.http.get("/classify?url=cat")
    await api.http.get("/jobs/one")
    await api.http.get("/jobs/two")
    await api.http.get("/no/such/1")
    text = (await api.http.get("/metrics")).text
    total = "classifycloud_api_requests_total"
    assert f'{total}{{code="ok",route="/classify",status="200"}} 1.0' in text
    assert f'{total}{{code="invalid_url",route="/classify",status="400"}} 1.0' in text
    assert f'{total}{{code="job_not_found",route="/jobs/{{id}}",status="404"}} 2.0' in text
    assert f'{total}{{code="not_found",route="none",status="404"}} 1.0' in text
    assert 'classifycloud_api_request_seconds_count{route="/classify"} 2.0' in text
    assert 'classifycloud_api_answers_total{outcome="answered"} 1.0' in text
    assert "classifycloud_api_pending 0.0" in text
    assert "process_resident_memory_bytes" in text


async def test_the_document_describes_what_is_answered(deployment):
    await deployment.worker()
    api = await deployment.replica()
    document = (await api.http.get("/openapi.json")).json()
    answer = (await api.classify()).json()
    schema = document["components"]["schemas"]["Classified"]
    assert set(schema["properties"]) == set(answer)
    assert set(schema["required"]) == set(answer)
    Classified.model_validate(schema["examples"][0])
    for method in ("get", "post"):
        responses = document["paths"]["/classify"][method]["responses"]
        assert {"200", "400", "404", "413", "415", "422", "500", "503", "504"} <= set(responses)
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_documented_failure_carries_its_example():
    responses = failures(*sorted(errors.BY_CODE))
    for code, kind in errors.BY_CODE.items():
        example = responses[kind.status]["content"]["application/json"]["examples"][code]
        assert example["value"]["error"]["code"] == code


async def test_an_answer_ends_its_line(deployment):
    await deployment.worker()
    api = await deployment.replica()
    for path in ("/classify?url=http://example.com/cat.jpg", "/classify", "/models", "/jobs/none"):
        assert (await api.http.get(path)).content.endswith(b"}\n")
