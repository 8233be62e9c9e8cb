import hashlib
import json

import pytest


def bundle(root, name, version, classes=3):
    """A small bundle, whole as far as a front end looks at it."""
    folder = root / name / version
    folder.mkdir(parents=True)
    files = {
        "model.xml": b"<net/>",
        "model.bin": b"\0",
        "labels.json": json.dumps(
            [{"classId": f"n{i}", "name": f"thing {i}"} for i in range(classes)]
        ).encode(),
    }
    for file, data in files.items():
        (folder / file).write_bytes(data)
    manifest = {
        "name": name,
        "version": version,
        "architecture": "inception",
        "precision": "int8",
        "parameters": 10,
        "classes": classes,
        "preprocessing": {"side": 64},
        "files": {file: hashlib.sha256(data).hexdigest() for file, data in files.items()},
        "metrics": [
            {"engine": "openvino", "data": "some", "pictures": 9, "top1": 0.5, "top5": 0.8}
        ],
        "license": "Apache-2.0",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def bundles(tmp_path):
    bundle(tmp_path, "small", "2")
    bundle(tmp_path, "small", "10")
    bundle(tmp_path, "large", "1", classes=4)
    return tmp_path


async def test_models_are_listed(deployment, bundles):
    api = await deployment.replica(model="small")
    rows = (await api.http.get("/models")).json()["models"]
    assert [(row["name"], row["version"], row["default"]) for row in rows] == [
        ("large", "1", False),
        ("small", "2", False),
        ("small", "10", True),
    ]
    assert rows[0] == {
        "name": "large",
        "version": "1",
        "architecture": "inception",
        "classes": 4,
        "inputSize": 64,
        "precision": "int8",
        "metrics": [
            {"engine": "openvino", "data": "some", "pictures": 9, "top1": 0.5, "top5": 0.8}
        ],
        "default": False,
        "share": 1.0,
        "withdrawn": None,
    }


async def test_a_broken_bundle_is_left_out(deployment, bundles):
    (bundles / "large" / "1" / "model.bin").write_bytes(b"altered")
    api = await deployment.replica(model="small")
    rows = (await api.http.get("/models")).json()["models"]
    assert {row["name"] for row in rows} == {"small"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 200),
        ({"model": "large"}, 200),
        ({"model": "small", "modelVersion": "2"}, 200),
        ({"modelVersion": "10"}, 200),
        ({"modelVersion": "1"}, 404),
        ({"model": "large", "modelVersion": "2"}, 404),
        ({"model": "huge"}, 404),
    ],
)
async def test_a_model_is_asked_for_by_name_and_version(deployment, bundles, query, status):
    await deployment.worker()
    api = await deployment.replica(model="small")
    answer = await api.classify(**query)
    assert answer.status_code == status
    if status == 200:
        (job,) = deployment.jobs
        assert (job.model, job.model_version) == (query.get("model"), query.get("modelVersion"))
    else:
        assert answer.json()["error"]["code"] == "model_not_found"
        assert "there are: large 1, small 2, small 10." in answer.json()["error"]["message"]
