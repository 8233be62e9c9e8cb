"""Prices: built in, laid over by the operator's file, and refused with the file's name and the key's."""

import json

import pytest

from balancer.prices import ON_DEMAND, SPOT_SHARE, Prices, PricesError, load_prices


def test_built_in():
    prices = load_prices(None)
    assert prices.hourly("c7a.large", "on-demand") == ON_DEMAND["c7a.large"]
    assert prices.hourly("c7a.large", "spot") == SPOT_SHARE * ON_DEMAND["c7a.large"]
    assert prices.hourly("x9.mega", "spot") is None


def test_a_file_is_laid_over_them(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"c7a.large": {"spot": 0.03}, "x9.mega": 5, "c6a.large": 0.08}))
    prices = load_prices(path)
    assert prices.hourly("c7a.large", "spot") == 0.03
    assert prices.hourly("c7a.large", "on-demand") == ON_DEMAND["c7a.large"]
    assert prices.hourly("x9.mega", "spot") == 5 * SPOT_SHARE
    assert prices.hourly("c6a.large", "on-demand") == 0.08
    assert prices.hourly("c7i.large", "on-demand") == ON_DEMAND["c7i.large"]


def test_a_type_that_is_only_had_as_spot():
    assert Prices({"x9.mega": {"spot": 1.0}}).hourly("x9.mega", "on-demand") is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "Expecting"),
        ("[1]", "prices by instance type"),
        ('{"c7a.large": "0.1"}', "c7a.large is '0.1'"),
        ('{"c7a.large": -1}', "c7a.large is -1"),
        ('{"c7a.large": true}', "c7a.large is True"),
        ('{"c7a.large": NaN}', "c7a.large is nan"),
        ('{"c7a.large": {"Spot": 0.1}}', "c7a.large has Spot"),
        ('{"c7a.large": {}}', "c7a.large has nothing"),
        ('{"c7a.large": {"spot": null}}', "c7a.large.spot is None"),
    ],
)
def test_what_is_no_price_is_named(tmp_path, text, named):
    path = tmp_path / "prices.json"
    path.write_text(text)
    with pytest.raises(PricesError, match=r"CLASSIFYCLOUD_PRICES=.*prices\.json") as caught:
        load_prices(path)
    assert named in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PricesError, match=r"none\.json.*No such file"):
        load_prices(tmp_path / "none.json")
