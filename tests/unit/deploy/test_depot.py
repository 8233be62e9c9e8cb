"""The bucket for templates and sources: whose it is, and URLs that machines without credentials can use."""

from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.awsrequest import AWSResponse

from deploy.account import Account, Identity
from deploy.depot import Depot, exists
from deploy.errors import DeployError

OWNER = "123456789012"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def account(region: str, endpoint: str | None = None) -> Account:
    made = Account(region, endpoint)
    made.identity = Identity(OWNER, "arn:aws:iam::123456789012:user/a")
    return made


class Nothing:
    """The body of an answer that has none."""

    def stream(self):
        return iter(())


def s3_where_the_bucket_is(there: Account, owner: str) -> None:
    """As S3 answers: 403 to who expects another owner, 200 to all else; a stranger may let anybody in."""

    def answer(request, **_):
        expected = request.headers.get("x-amz-expected-bucket-owner", owner.encode())
        status = 200 if expected.decode() == owner else 403
        return AWSResponse(request.url, status, {}, Nothing())

    there.client("s3").meta.events.register("before-send.s3", answer)


@pytest.mark.parametrize(
    ("region", "suffix"),
    [
        ("us-east-1", "s3.amazonaws.com"),
        ("us-west-2", "s3.us-west-2.amazonaws.com"),
        ("eu-central-1", "s3.eu-central-1.amazonaws.com"),
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_signed_url_is_of_the_region_s_own_host(region, suffix):
    depot = Depot(account(region))
    url = urlsplit(depot.signed("sources/a.tar.gz", "get_object"))
    assert url.netloc == f"{depot.name}.{suffix}"
    assert parse_qs(url.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


@pytest.mark.parametrize("host", ["http://127.0.0.1:5000", "http://localhost:5000"])
def test_an_emulator_s_url_has_its_name_and_the_bucket_in_the_path(host):
    depot = Depot(account("us-west-2", host))
    assert depot.signed("a", "put_object").startswith(f"{host}/{depot.name}/a?")


def test_the_account_s_own_bucket_is_there():
    own = account("us-west-2")
    s3_where_the_bucket_is(own, OWNER)
    assert exists(own, "a-bucket")
    assert not Depot(own).ensure()
    assert Depot(own).has("a")


def test_a_stranger_s_bucket_is_neither_taken_for_one_s_own_nor_written_or_read():
    own = account("us-west-2")
    s3_where_the_bucket_is(own, "999999999999")
    with pytest.raises(DeployError, match="another account's"):
        Depot(own).ensure()
    with pytest.raises(DeployError, match="cannot be written"):
        Depot(own).put("a", b"source")
    with pytest.raises(DeployError, match="cannot be looked at"):
        Depot(own).has("a")
