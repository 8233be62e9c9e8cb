#!/bin/bash
# On each machine of a cluster, before Spark starts: bootstrap.sh s3://BUCKET/remote/RUN. Amazon Linux 2023 (EMR 7).
set -euo pipefail
home=/opt/classifycloud
sudo dnf -q -y install python3.11 java-17-amazon-corretto-headless
sudo mkdir -p "$home/source"
aws s3 cp --quiet "$1/source.tar.gz" /tmp/source.tar.gz
sudo tar -xzf /tmp/source.tar.gz -C "$home/source"
sudo python3.11 -m venv "$home/venv"
extras=serve,train,spark
sudo "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$home/source[$extras]"
# Where there is a GPU, what TensorFlow needs of CUDA beside the driver.
if command -v nvidia-smi >/dev/null; then
    sudo "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'tensorflow[and-cuda]'
fi
