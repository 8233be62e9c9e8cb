#!/bin/bash
# User data of an instance that is talked to through SSM's Run Command while Debian's own image has no agent for
# it: the one that an image is baked on. AWS publishes the agent in a bucket of each region.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
metadata=http://169.254.169.254/latest
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends ca-certificates curl
token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
region=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/placement/region")
curl -fsS --retry 5 -o /var/tmp/agent.deb \
    "https://s3.$region.amazonaws.com/amazon-ssm-$region/latest/debian_amd64/amazon-ssm-agent.deb"
dpkg -i /var/tmp/agent.deb
rm /var/tmp/agent.deb
systemctl enable --now amazon-ssm-agent
