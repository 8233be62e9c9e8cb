"""What a visitor of the public page sees, read out of the page."""

from typing import Any

NOTED = ("phase", "outlook", "ahead", "workers", "waited", "said")
ANSWER = """() => {
  const text = (id) => document.getElementById(id).textContent;
  const rows = (id, read) => [...document.getElementById(id).children].map(read);
  return {
    label: text("label"),
    bars: rows("bars", (row) => ({
      name: row.children[0].textContent,
      share: row.children[1].textContent,
      width: parseFloat(getComputedStyle(row.children[2], "::before").width) / row.children[2].clientWidth,
    })),
    spans: Object.fromEntries(rows("spans", (row) => [...row.children].map((each) => each.textContent))),
    verse: rows("verse", (line) => line.textContent),
  };
}"""
WATCH = """(ids) => {
  window.noted = Object.fromEntries(ids.map((id) => [id, []]));
  for (const id of ids) {
    const place = document.getElementById(id);
    new MutationObserver(() => place.textContent && window.noted[id].push(place.textContent))
      .observe(place, { childList: true, characterData: true, subtree: true });
  }
}"""


def answered(page: Any) -> dict[str, Any]:
    """Wait for the answer and its verse; what they say."""
    page.locator("#result:not([aria-busy='true'])").wait_for()
    page.locator("#answer, #trouble").locator("visible=true").first.wait_for()
    assert page.locator("#answer").is_visible(), page.locator("#trouble").inner_text()
    page.locator("#verse p").first.wait_for()
    return dict(page.evaluate(ANSWER))


def watched(page: Any) -> None:
    """Note from now on what the wait shows and says."""
    page.evaluate(WATCH, list(NOTED))


def notes(page: Any) -> dict[str, list[str]]:
    """What was noted, in its order."""
    return dict(page.evaluate("window.noted"))


def asked(page: Any) -> list[str]:
    """Questions to the service that the page has sent."""
    return [each for each in page.seen.requests if "/classify" in each or "/jobs" in each]
