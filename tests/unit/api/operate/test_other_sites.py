"""In public mode no cookie tells people apart: what another site's page asks is refused all the same."""

import pytest


@pytest.mark.parametrize("path", ["/operate/dead-letters", "/operate/events?window=none"])
async def test_other_sites_ask_for_nothing(deployment, path) -> None:
    api = await deployment.replica(host="127.0.0.1")
    statuses = {}
    for site in ("cross-site", "same-site", "same-origin", "none"):
        headers = {"Host": "localhost", "Sec-Fetch-Site": site}
        statuses[site] = (await api.http.get(path, headers=headers)).status_code
    assert (statuses["cross-site"], statuses["same-site"]) == (403, 403)
    assert statuses["same-origin"] == statuses["none"] == (await _plain(api, path)) != 403


async def _plain(api, path: str) -> int:
    return (await api.http.get(path, headers={"Host": "localhost"})).status_code
