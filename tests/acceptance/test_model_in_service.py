"""The model that serves is the model that was measured."""

import asyncio
import json
from pathlib import Path

import httpx
import pyarrow.parquet
import pytest

from tests.service import service

pytestmark = pytest.mark.acceptance

BUNDLE = Path(__file__).resolve().parents[2] / "classifier" / "bundled" / "tiny-inception" / "1"
PICTURES = 1000


async def classified(url, pictures):
    """The class ids of the top five for each picture, asked 32 at a time."""
    gate = asyncio.Semaphore(32)
    async with httpx.AsyncClient(timeout=120) as client:

        async def one(data):
            async with gate:
                answer = await client.post(
                    f"{url}/classify", content=data, headers={"Content-Type": "image/jpeg"}
                )
            assert answer.status_code == 200, answer.text
            return [label["classId"] for label in answer.json()["labels"]]

        return await asyncio.gather(*(one(data) for data in pictures))


async def test_accuracy_through_the_service_equals_the_manifest(tmp_path, shared_dir):
    path = next((shared_dir / "data" / "tiny-imagenet-200").glob("validation-*.parquet"))
    rows = pyarrow.parquet.read_table(path, columns=["image", "wnid"]).slice(0, PICTURES)
    pictures, truth = rows["image"].to_pylist(), rows["wnid"].to_pylist()
    pictures = [row["bytes"] if isinstance(row, dict) else row for row in pictures]
    with service(tmp_path / "data") as running:
        running.wait_ready(workers=1)
        found = await classified(running.url, pictures)
    top1 = sum(labels[0] == wnid for labels, wnid in zip(found, truth, strict=True)) / PICTURES
    top5 = sum(wnid in labels for labels, wnid in zip(found, truth, strict=True)) / PICTURES
    manifest = json.loads((BUNDLE / "manifest.json").read_text())
    (stated,) = [row for row in manifest["metrics"] if row["data"].endswith(f"first {PICTURES}")]
    print(f"through the service: top-1 {top1:.4f}, top-5 {top5:.4f}; manifest: {stated}")
    assert abs(top1 - stated["top1"]) <= 0.01
    assert abs(top5 - stated["top5"]) <= 0.01
    served = next(row for row in manifest["metrics"] if row["engine"] == stated["engine"])
    assert served["pictures"] == 10_000
    assert served["top1"] >= 0.46
    assert served["top5"] >= 0.73
