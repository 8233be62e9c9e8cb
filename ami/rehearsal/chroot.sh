#!/bin/bash
# Make an image in a folder: debootstrap, then provision.sh in there; bash chroot.sh ROOT, as root.
#
# ROOT must not be there yet. What may be set:
#   MIRROR    Debian's
#   WHEELS    folder of wheels for provision.sh (requirements/serve.txt of this Python's version, 3.11)
#   KEPT      file of a debootstrapped system that is made when it is not there, and taken when it is
# Variables of pip and apt go along. Nothing is mounted any more when it ends.
set -euo pipefail

root=${1:?"usage: bash chroot.sh ROOT"}
repository=$(realpath "$(dirname "$0")/../..")
mirror=${MIRROR:-http://deb.debian.org/debian}
rooms=(wire classifier api worker balancer training local cli bench deploy ami classifycloud)

[ "$(id -u)" = 0 ] || { echo "chroot.sh needs root" >&2; exit 2; }
[ ! -e "$root" ] || { echo "$root is there already" >&2; exit 2; }

# In mounts of its own: they go with it, whatever happens.
if [ -z "${IN_MOUNTS_OF_ITS_OWN:-}" ]; then
    exec env IN_MOUNTS_OF_ITS_OWN=yes unshare --mount --pid --fork --kill-child -- bash "$0" "$@"
fi

bootstrap() {
    if [ -n "${KEPT:-}" ] && [ -f "$KEPT" ]; then
        mkdir -p "$root"
        tar -xf "$KEPT" -C "$root"
        return
    fi
    # What every Debian image for EC2 has of what is used here.
    debootstrap --variant=minbase --include=ca-certificates,systemd-sysv,dbus,udev,iproute2 \
        bookworm "$root" "$mirror"
    [ -z "${KEPT:-}" ] || tar -cf "$KEPT" -C "$root" .
}

copy_repository() {
    mkdir -p "$root/root/source"
    (
        cd "$repository"
        git ls-files -z --cached --others --exclude-standard -- "${rooms[@]}" requirements docs LICENSE |
            while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
            tar -c --null -T -
    ) | tar -x -C "$root/root/source"
}

mount_what_a_machine_has() {
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/run"
    mount -t tmpfs tmpfs "$root/tmp"
    # -e: in a fresh system it may be a link that leads nowhere yet.
    rm -f "$root/etc/resolv.conf"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    if [ -n "${PIP_CERT:-}" ]; then
        mkdir -p "$root/tmp/certificates"
        cp "$PIP_CERT" "$root/tmp/certificates/pip.pem"
        export PIP_CERT=/tmp/certificates/pip.pem
    fi
    if [ -n "${WHEELS:-}" ]; then
        mkdir -p "$root/tmp/wheels"
        mount --bind -o ro "$WHEELS" "$root/tmp/wheels"
        export WHEELS=/tmp/wheels
    fi
}

bootstrap
copy_repository
mount_what_a_machine_has
PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" bash /root/source/ami/provision.sh /root/source
rm -rf "$root/root/source"
