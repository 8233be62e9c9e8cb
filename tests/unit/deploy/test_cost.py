"""What the service costs: the bill's sums, its prices, and the tables of the page that shows them."""

import json
from dataclasses import replace

import pytest
from cfnlint.decode import decode
from typer.testing import CliRunner

from balancer.prices import load_prices as budget_prices
from bench.scale.projection import Quotas
from cli.main import app
from deploy.cost import page
from deploy.cost.bill import billed
from deploy.cost.hourly import hourly
from deploy.cost.load import Load
from deploy.cost.measured import FILE, measured
from deploy.cost.prices import PricesError, UnknownType, load_prices
from deploy.cost.shapes import HOST_QUEUES, SHAPES, single_host
from deploy.errors import DeployError
from deploy.shape import risked, shape_of
from tests.servers import ROOT
from wire.prices import Price, listed

PAGE = ROOT / "docs" / "operations.md"
LOADS = (0.0, 1e4, 1e6, 1e8, 1e10)


def test_the_pages_tables_are_computed():
    text = PAGE.read_text(encoding="utf-8")
    assert page.written(text) == text, "python -m deploy.cost.page docs/operations.md"


def test_what_was_asked_and_what_it_comes_to():
    """All goals, by the fleets that the page names."""
    tenth, million, host, most = [each.bill().a_million for each in page.CASES][1:]
    assert million < 6.0
    assert host < 3.0
    assert host < million < tenth
    assert most < 1.2
    small = billed(Load(1e8), SHAPES["service"], listed())
    assert most < small.a_million


def test_without_a_word_it_is_the_stack_that_is_reckoned():
    """By the parameters that shapes have fields for."""
    template, faults = decode(str(ROOT / "deploy/templates/stack.yaml"))
    assert not faults
    said = {name: str(each.get("Default")) for name, each in template["Parameters"].items()}
    for profile, shape in SHAPES.items():
        assert shape_of(said | {"Profile": profile}) == shape
    assert said["HostQueue"] in HOST_QUEUES
    assert template["Parameters"]["HostQueue"]["AllowedValues"] == list(HOST_QUEUES)


@pytest.mark.parametrize("pictures", LOADS)
def test_the_host_s_own_queue_saves_what_sqs_asks_and_takes_of_the_host(pictures):
    load = Load(pictures)
    own, sqs = (billed(load, single_host(name), listed()) for name in ("own", "sqs"))
    paid = own.by_part()
    assert paid.pop("queue (on the host)") == 0.0
    asked = sqs.by_part()
    assert asked.pop("queues (SQS)") > 0.0
    assert paid == asked
    cpu = next(line for line in own.lines if line.what == "CPU" and line.unit == "core-h")
    # Of one core, in the hours of a month.
    assert 730 * load.a_second * 0.002 <= cpu.quantity <= 730 * load.a_second * 0.005


@pytest.mark.parametrize("pictures", LOADS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_bill_is_the_sum_of_its_lines(shape, pictures):
    bill = billed(Load(pictures), shape, listed())
    month = sum(line.quantity * line.price for line in bill.lines)
    assert bill.a_month == pytest.approx(month)
    assert bill.a_month == pytest.approx(sum(bill.by_part().values()))
    assert bill.an_hour * 730 == pytest.approx(bill.a_day * 730 / 24) == pytest.approx(month)
    assert (bill.a_million is None) is (pictures == 0)
    assert all(line.formula and line.unit and line.quantity >= 0 for line in bill.lines)


@pytest.mark.parametrize("name", sorted(set(listed().values) - {"emr_share"}))
def test_every_price_of_the_list_is_paid_by_somebody(name):
    before = listed()
    dearer = replace(before.values[name], value=before.values[name].value * 10)
    after = replace(before, values=before.values | {name: dearer})
    every = [(Load(pictures), shape) for pictures in LOADS for shape in SHAPES.values()]
    assert sum(billed(load, shape, after).a_month for load, shape in every) > sum(
        billed(load, shape, before).a_month for load, shape in every
    )


def test_more_pictures_cost_more_and_each_less():
    bills = [billed(Load(each), SHAPES["service"], listed()) for each in LOADS[1:]]
    assert sorted(bill.a_month for bill in bills) == [bill.a_month for bill in bills]
    assert sorted((bill.a_million for bill in bills), reverse=True) == [b.a_million for b in bills]


def test_an_hour_at_least_and_at_most():
    found = hourly(SHAPES["service"], listed(), least=2, most=10)
    workers = [line for line in found.most.lines if line.part == "workers" and line.unit == "h"]
    assert workers[0].quantity == pytest.approx(10 * 730)
    quiet = [line for line in found.least.lines if line.part == "workers" and line.unit == "h"]
    assert quiet[0].quantity == pytest.approx(2 * 730)
    assert found.least.an_hour < found.most.an_hour
    host = hourly(SHAPES["single-host"], listed(), 1, 1)
    assert host.least.a_million is None
    # As much as one is good for, and not what workers of another type would be.
    assert next(line.quantity for line in host.most.lines if line.part == "host") == 730


def test_jobs_that_a_change_takes_along_are_told_of():
    own = {"Profile": "single-host", "HostQueue": "own"}
    sqs = own | {"HostQueue": "sqs"}
    assert "replaces the host" in risked(own, own)
    assert "queues in SQS go" in risked(sqs, own)
    # A stack from before there was a choice, and one of the other profile.
    assert "queues in SQS go" in risked({"Profile": "single-host"}, own)
    assert "queues in SQS go" in risked({"Profile": "service", "HostQueue": "own"}, own)
    assert risked(sqs, sqs) is None
    assert risked(own | {"Profile": "service"}, sqs) is None
    for told in (risked(own, own), risked(sqs, own)):
        assert "no bulk job or webhook is unfinished; dead letters are lost too" in told
        assert "504 with their job's id" in told
    with pytest.raises(DeployError, match="HostQueue is 'redis'"):
        shape_of(own | {"HostQueue": "redis"})


def test_prices_of_a_file_and_of_the_command_line_over_those_of_the_list(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"alb_hour": 0.5, "c7a.large": {"spot": 0.01}, "x9.mega": 7}))
    prices = load_prices(path, ["alb_hour=0.25", "x9.mega:spot=3", "c6a.large=0.07"])
    assert prices["alb_hour"] == 0.25
    assert prices.hourly("c7a.large", "spot") == 0.01
    assert prices.hourly("c7a.large") == listed().hourly("c7a.large")
    assert (prices.hourly("x9.mega"), prices.hourly("x9.mega", "spot")) == (7, 3)
    assert prices.hourly("c6a.large", "spot") == pytest.approx(0.07 * listed()["spot_share"])
    assert listed()["alb_hour"] == 0.0225


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("alb_hour", "NAME=DOLLARS"),
        ("alb_hours=1", "alb_hours is no price"),
        ("alb_hour=cheap", "alb_hour is nan"),
        ("alb_hour=-1", "alb_hour is -1"),
        ("c7a.large:reserved=1", "spot and on-demand"),
    ],
)
def test_what_is_no_price_is_named(given, named):
    with pytest.raises(PricesError, match=r"--price|no price") as caught:
        load_prices(None, [given])
    assert named in str(caught.value)


def test_a_type_without_a_price_says_how_to_give_one():
    with pytest.raises(UnknownType, match=r"--price x9\.mega=DOLLARS"):
        billed(Load(1e6), replace(SHAPES["service"], worker_type="x9.mega"), listed())


def test_one_list_for_all_who_reckon():
    assert budget_prices(None).hourly("c7a.large", "on-demand") == listed().hourly("c7a.large")
    quotas = Quotas.read()
    assert quotas.sqs_million_calls == listed()["sqs_million_calls"]
    assert quotas.instance_hour == listed().hourly(quotas.instance_type)
    assert all(isinstance(price, Price) and price.source for price in listed().values.values())


def test_calls_between_two_measurements_and_where_each_figure_is_from():
    work = measured()
    small, large = "c7a.large", "c7a.2xlarge"
    assert work.calls_at(11.6, small) == work.calls_at(11.6, large) == 5.0
    assert 4.3 < work.calls_at(18, small) < 5.0
    assert work.calls_at(0.001, small) == work.calls[0].sqs_calls
    assert work.calls_at(5000, small) == work.calls[-1].sqs_calls
    assert work.calls_at(5000, large) == work.calls_of_large[-1].sqs_calls
    assert work.calls_at(190, large) < work.calls_at(190, small)
    said = json.loads(FILE.read_text(encoding="utf-8"))
    assert all(each["source"] for each in said["values"].values())


def test_the_command_says_every_line_and_its_json_the_same():
    words = ["cost", "--pictures", "2M", "--worker-type", "c7a.medium"]
    shown = CliRunner().invoke(app, words).output
    document = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert document["picturesADay"] == 2e6
    assert all(line["what"] in shown and line["formula"] in shown for line in document["lines"])
    assert f"{document['dollars']['million']:,.2f} $ a million" in shown
    wrong = CliRunner().invoke(app, ["cost", "--pictures", "many"])
    assert wrong.exit_code == 2
    assert "no number of pictures" in wrong.output
