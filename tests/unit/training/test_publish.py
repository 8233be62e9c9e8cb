"""The bundled model says of itself what publishing would say today."""

import pytest

pytest.importorskip("keras")
pytest.importorskip("nncf")

from classifier.catalog import Catalog
from training import publish


def test_the_bundled_notes_name_the_rule_in_percentage_points():
    assert "more than 1 percentage point below" in publish.NOTES
    assert Catalog().find(publish.NAME, "1").manifest.notes == publish.NOTES
