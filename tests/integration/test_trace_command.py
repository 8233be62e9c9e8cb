"""`classifycloud trace` against a real store with records as workers put them."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3

from tests.servers import Server, storage
from wire.messages import Answer, Timings
from wire.names import records_key
from wire.records import Record

BUCKET = "classifycloud"
COMMAND = Path(sys.executable).with_name("classifycloud")
ACCESS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def record(uuid: str, at: datetime, spent: float) -> str:
    answer = Answer(uuid=uuid, image_url="http://h/a", timings=Timings(total_ms=spent * 1000))
    return Record.of(answer, at).encode()


def traced(server: Server, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [str(COMMAND), "trace", *arguments],
        cwd=folder,
        env={**kept, **ACCESS, "AWS_ENDPOINT_URL_S3": server.url},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_last_two_hours_of_records_become_a_trace(tmp_path: Path) -> None:
    with storage(tmp_path / "data") as server:
        s3 = boto3.client(
            "s3", region_name="us-east-1", endpoint_url=server.url,
            aws_access_key_id="local", aws_secret_access_key="local",
        )  # fmt: skip
        s3.create_bucket(Bucket=BUCKET)
        now = datetime.now(UTC)
        first = now - timedelta(minutes=100)
        for batch in range(40):
            at = first + timedelta(minutes=2 * batch)
            lines = [record(f"{batch}-{n}", at + timedelta(seconds=n + 3), 3.0) for n in range(5)]
            # A worker died after it had recorded: the next one recorded the picture again.
            lines.append(record(f"{batch}-4", at + timedelta(seconds=44), 40.0))
            s3.put_object(
                Bucket=BUCKET, Key=records_key(at, f"b{batch}"), Body="\n".join(lines).encode()
            )
        old = now - timedelta(hours=3)
        s3.put_object(
            Bucket=BUCKET, Key=records_key(old, "old"), Body=record("old", old, 1.0).encode()
        )
        done = traced(server, tmp_path, "mine.csv", "--last", "2h")
        assert done.returncode == 0, done.stderr
        assert "200 arrivals" in done.stderr
        times = [float(line) for line in (tmp_path / "mine.csv").read_text().split()[1:]]
        wanted = [120.0 * batch + n for batch in range(40) for n in range(5)]
        assert all(abs(a - b) < 0.01 for a, b in zip(times, wanted, strict=True))
        nothing = traced(server, tmp_path, "none.csv", "--last", "30s")
        assert nothing.returncode == 1
        assert "No picture was recorded" in nothing.stderr
        server.kill()
        away = traced(server, tmp_path, "away.csv")
        assert away.returncode == 1
        assert "cannot be reached" in away.stderr
        assert "Traceback" not in away.stderr
        assert not (tmp_path / "away.csv").exists()
