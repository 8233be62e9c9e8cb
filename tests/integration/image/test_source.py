"""What is packed for a bake is all that the processes and commands of an image import."""

import io
import subprocess
import sys
import tarfile

from deploy.bake.source import pack

IMPORTS = """
import sys
import cli.main, api.__main__, balancer.__main__, worker.__main__, worker.assembly, ami.boot.__main__
rooms = set(sys.argv[2:])
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] in rooms and not (module.__file__ or "").startswith(sys.argv[1]):
        print(name, module.__file__)
"""


def test_nothing_is_taken_from_elsewhere(tmp_path):
    source = pack()
    with tarfile.open(fileobj=io.BytesIO(source.archive)) as tar:
        tar.extractall(tmp_path, filter="data")
    script = (tmp_path / "ami/provision.sh").read_text()
    rooms = script.partition("\nrooms=(")[2].partition(")")[0].split()
    assert {"cli", "wire", "ami"} <= set(rooms)
    found = subprocess.run(
        [sys.executable, "-P", "-c", IMPORTS, str(tmp_path), *rooms],
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (found.returncode, found.stdout) == (0, ""), found.stderr
    assert (tmp_path / "requirements/serve.txt").exists()
    assert (tmp_path / "classifier/bundled/tiny-inception/1/manifest.json").exists()
