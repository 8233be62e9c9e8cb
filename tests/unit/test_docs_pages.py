"""The pages that are run: how they are read, and that nothing in them goes unread."""

import pytest

from tests.docs_pages import PAGES, Command, File, fences, shape, steps

KNOWN = {"sh", "text", "json", "python", "yaml"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page) -> None:
    odd = [(each.line, each.language) for each in fences(page) if each.language not in KNOWN]
    assert odd == [], f"one of {sorted(KNOWN)}: commands are sh, what they print is text or json"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_hides_where_commands_are_not_looked_for(page) -> None:
    indented = [
        line
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("    ") and line.strip().startswith(("make ", "classifycloud ", "curl "))
    ]
    shown = [
        line
        for each in fences(page)
        if each.language != "sh"
        for line in each.text.splitlines()
        if line.startswith("$ ")
    ]
    assert indented + shown == []


def test_a_page_is_read_in_order(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tests.docs_pages.ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n```sh\nmake one   # first\nmake \\\n  two\n```\n\n```text\ntwo 2\n```\n\n"
        "Put this into `a.py`:\n\n```python\nprint(1)\n```\n\nA drawing:\n\n```text\n-->\n```\n"
    )
    assert steps(page) == [
        Command("page.md", 4, "make one"),
        Command("page.md", 6, "make   two", "two 2\n"),
        File("a.py", "print(1)\n"),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "alike"),
    [
        ("mean   0.52 s", "mean 13.1 s", True),
        ("mean   0.52 s", "p50 13.1 s", False),
        ('{"uuid":"38895ac6-023a-403b-a874-8716a3d7a2f6"}', '{"uuid":"0"}', False),
        (
            '{"uuid":"38895ac6-023a-403b-a874-8716a3d7a2f6"}',
            '{"uuid":"bbbbbbbb-023a-403b-a874-8716a3d7a2f6"}',
            True,
        ),
        ("a … z", "a b c z", True),
        ("a … z", "a b c", False),
        (" ─────\n x", "──────────\nx", True),
        ("7 of 7", "7 of seven", False),
    ],
)
def test_output_is_compared_in_shape(shown: str, printed: str, alike: bool) -> None:
    assert bool(shape(shown).search(printed)) is alike
