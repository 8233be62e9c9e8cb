"""Whoever is woken by an alarm finds what to do about it, and nothing about alarms that there are not."""

import re

from tests.servers import ROOT

TEMPLATE = ROOT / "deploy" / "templates" / "alarms.yaml"
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_alarm_has_its_runbook():
    alarms = re.findall(r'AlarmName: !Sub "\$\{Deployment\}-([\w-]+)"', TEMPLATE.read_text("utf-8"))
    assert len(alarms) > 10
    runbook = PAGE.partition("## When an alarm goes off")[2].partition("\n## ")[0]
    written = re.findall(r"^### ([\w-]+)\n\n(\S.{30,})", runbook, re.M)
    assert sorted(name for name, _ in written) == sorted(alarms)


def test_what_can_wait_until_the_morning_is_said_of_alarms_there_are():
    night = PAGE.partition("## At night")[2].partition("\n## ")[0]
    alarms = set(re.findall(r"^### ([\w-]+)$", PAGE, re.M))
    row = next(line for line in night.splitlines() if line.startswith("| front-end-down"))
    named = set(re.findall(r"[a-z]+(?:-[a-z]+)+|\berrors\b|\bcost\b", row))
    assert named <= alarms, named - alarms
