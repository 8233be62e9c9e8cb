"""With a domain: HTTPS alone, a certificate that its zone proves, and a name for the load balancer."""

import pytest
from cfnlint.decode import decode

from tests.integration.deploy.made import TEMPLATES, make_part

pytestmark = pytest.mark.timeout(300)
DOMAIN = "pictures.example.com"


@pytest.fixture(scope="module")
def edge(cloud, service):
    """The edge by itself, in the network of the whole stack."""
    zone = cloud.route53.create_hosted_zone(Name="example.com", CallerReference="1")
    return make_part(
        cloud,
        "edge",
        "secure",
        Deployment=None,
        Domain=DOMAIN,
        HostedZoneId=zone["HostedZone"]["Id"].rpartition("/")[2],
        VpcId=service.outputs["VpcId"],
        EdgeSubnets=",".join(service.id("Network", f"EdgeSubnet{zone}") for zone in "AB"),
        EdgeSecurity=service.id("Network", "EdgeSecurity"),
    )


def listeners(cloud, edge) -> dict[int, dict]:
    (balancer,) = edge["ids"]["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    found = cloud.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    return {each["Port"]: each for each in found}


def test_who_comes_by_http_is_sent_to_https(cloud, edge) -> None:
    by_port = listeners(cloud, edge)
    assert set(by_port) == {80, 443}
    (plain,), (secure,) = by_port[80]["DefaultActions"], by_port[443]["DefaultActions"]
    assert plain["Type"] == "redirect"
    assert plain["RedirectConfig"]["Protocol"] == "HTTPS"
    assert plain["RedirectConfig"]["StatusCode"] == "HTTP_301"
    assert secure["Type"] == "forward"
    assert by_port[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


def test_the_certificate_is_for_the_domain_and_proved_by_dns(cloud, edge) -> None:
    (arn,) = edge["ids"]["AWS::CertificateManager::Certificate"]
    certificate = cloud.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["DomainName"] == DOMAIN
    (proof,) = certificate["DomainValidationOptions"]
    assert proof["ValidationMethod"] == "DNS"
    (used,) = listeners(cloud, edge)[443]["Certificates"]
    assert used["CertificateArn"] == arn


def test_the_name_leads_to_the_load_balancer(cloud, edge) -> None:
    zone = cloud.route53.list_hosted_zones()["HostedZones"][0]["Id"]
    rows = cloud.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    (alias,) = (each for each in rows if each["Name"].rstrip(".") == DOMAIN)
    (balancer,) = edge["ids"]["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    (found,) = cloud.elbv2.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]
    assert alias["Type"] == "A"
    assert alias["AliasTarget"]["DNSName"].rstrip(".") == found["DNSName"]
    assert edge["outputs"]["Url"] == f"https://{DOMAIN}"
    assert edge["outputs"]["Warning"] == "-"


def test_everybody_may_ask_by_https_unless_a_network_is_named_and_nobody_by_plain_http() -> None:
    template, faults = decode(str(TEMPLATES / "stack.yaml"))
    assert not faults
    given = template["Resources"]["Network"]["Properties"]["Parameters"]["ClientCidr"]
    assert given == {"Fn::If": ["Everybody", "0.0.0.0/0", {"Ref": "ClientCidr"}]}
    assert template["Conditions"]["Everybody"] == {
        "Fn::And": [
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, ""]}]},
            {
                "Fn::Equals": [
                    {"Ref": "ClientCidr"},
                    template["Parameters"]["ClientCidr"]["Default"],
                ]
            },
        ]
    }
    assert template["Parameters"]["ClientCidr"]["Default"] == "127.0.0.1/32"


def test_a_domain_without_its_zone_or_on_the_single_host_is_refused_before_anything_is_made() -> (
    None
):
    template, _ = decode(str(TEMPLATES / "stack.yaml"))
    rule = template["Rules"]["DomainAndZone"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, ""]}]}
    asserted = [each["Assert"] for each in rule["Assertions"]]
    assert {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}]} in asserted
    assert {"Fn::Equals": [{"Ref": "Profile"}, "service"]} in asserted
