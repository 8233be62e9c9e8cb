# The image with Packer; `classifycloud deploy up` bakes the same without it. From the repository's root:
#
#   packer init ami/plugins.pkr.hcl
#   packer build ami
#
# plugins.pkr.hcl is a file of its own because older Packers, Debian's 1.6.6 among them, have the builder inside
# and do not know `required_plugins`: packer build ami/worker.pkr.hcl.

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "instance_type" {
  type        = string
  default     = "c7a.large"
  description = "The type that workers will be: what the engine compiles is for this kind of CPU."
}

variable "version" {
  type    = string
  default = "dev"
}

variable "models" {
  type        = string
  default     = ""
  description = "Folder of bundles on this machine, NAME/VERSION/manifest.json; the one that ships when empty."
}

variable "model" {
  type        = string
  default     = ""
  description = "The model that answers when a request names none."
}

variable "subnet_id" {
  type        = string
  default     = ""
  description = "A subnet with a way out and public addresses; the default VPC's when empty."
}

locals {
  stamp = formatdate("YYYYMMDD-hhmmss", timestamp())
  tags = {
    Name                    = "classifycloud"
    "classifycloud-image"   = "yes"
    "classifycloud-version" = var.version
  }
}

source "amazon-ebs" "worker" {
  region        = var.region
  instance_type = var.instance_type
  subnet_id     = var.subnet_id
  ami_name      = "classifycloud-${var.version}-${local.stamp}"
  ssh_username  = "admin"
  ena_support   = true

  # Debian's own account.
  source_ami_filter {
    filters = {
      name                = "debian-12-amd64-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
    owners      = ["136693071363"]
    most_recent = true
  }

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_size           = 8
    volume_type           = "gp3"
    iops                  = 3000
    throughput            = 125
    encrypted             = true
    delete_on_termination = true
  }

  tags          = local.tags
  snapshot_tags = local.tags
  run_tags = {
    Name                 = "classifycloud-bake"
    "classifycloud-role" = "bake"
  }
}

build {
  sources = ["source.amazon-ebs.worker"]

  # git archive leaves out whatever is no part of the repository.
  provisioner "shell-local" {
    inline = [
      "rm -rf build/image && mkdir -p build/image/models",
      "git archive --output=build/image/classifycloud.tar HEAD",
      "if [ -n '${var.models}' ]; then cp -R '${var.models}'/. build/image/models/; fi",
      "tar -C build/image -cf build/image/models.tar models",
    ]
  }

  provisioner "file" {
    source      = "build/image/classifycloud.tar"
    destination = "/tmp/classifycloud.tar"
    generated   = true
  }

  provisioner "file" {
    source      = "build/image/models.tar"
    destination = "/tmp/models.tar"
    generated   = true
  }

  # cloud-init may still be installing updates.
  provisioner "shell" {
    inline = [
      "cloud-init status --wait || true",
      "mkdir -p /tmp/source && tar -xf /tmp/classifycloud.tar -C /tmp/source && tar -xf /tmp/models.tar -C /tmp",
      "if [ -n \"$(ls -A /tmp/models)\" ]; then export MODELS=/tmp/models MODEL='${var.model}'; fi",
      "sudo -E bash /tmp/source/ami/provision.sh /tmp/source",
      "rm -rf /tmp/source /tmp/models /tmp/models.tar /tmp/classifycloud.tar",
    ]
  }
}
