#!/bin/bash
# Make a disk to boot in a virtual machine of an image in a folder: bash disk.sh ROOT DISK PORT..., as root.
#
# Beside what EC2's own image has (a kernel, the network): the console shows the journal, port 8001 tells how our
# units run (walls.sh), and each PORT of the machine's loopback leads to the same port of the loopback of whoever runs
# the virtual machine. ROOT is changed.
set -euo pipefail

root=${1:?"usage: bash disk.sh ROOT DISK PORT..."} disk=${2:?"where to put the disk?"}
shift 2

if [ -z "${IN_MOUNTS_OF_ITS_OWN:-}" ]; then
    exec env IN_MOUNTS_OF_ITS_OWN=yes unshare --mount --pid --fork --kill-child -- bash "$0" "$root" "$disk" "$@"
fi

host=169.254.169.254  # as machine.py has it

install_kernel() {
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/tmp"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
    mkdir -p "$root/etc/initramfs-tools/conf.d"
    # What a virtual machine needs, and not every driver there is.
    printf 'MODULES=list\nCOMPRESS=lz4\n' >"$root/etc/initramfs-tools/conf.d/small"
    printf 'virtio_pci\nvirtio_blk\next4\n' >"$root/etc/initramfs-tools/modules"
    chroot "$root" apt-get -q update
    chroot "$root" apt-get -q -y install --no-install-recommends linux-image-cloud-amd64 lz4
    chroot "$root" apt-get clean
    umount -R "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
}

write_what_ec2_has() {
    printf '/dev/vda / ext4 defaults,noatime 0 1\n' >"$root/etc/fstab"
    printf '[Match]\nType=ether\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n' \
        >"$root/etc/systemd/network/machine.network"
    systemctl --root="$root" -q enable systemd-networkd
    mkdir -p "$root/etc/systemd/journald.conf.d"
    printf '[Journal]\nForwardToConsole=yes\nMaxLevelConsole=info\n' \
        >"$root/etc/systemd/journald.conf.d/rehearsal.conf"
}

forward() {
    printf '[Socket]\nListenStream=127.0.0.1:%s\n[Install]\nWantedBy=sockets.target\n' "$1" \
        >"$root/etc/systemd/system/forward-$1.socket"
    printf '[Service]\nExecStart=/usr/lib/systemd/systemd-socket-proxyd %s:%s\n' "$host" "$1" \
        >"$root/etc/systemd/system/forward-$1.service"
    systemctl --root="$root" -q enable "forward-$1.socket"
}

tell_of_walls() {
    install -m 755 "$(dirname "$0")/walls.sh" "$root/usr/local/sbin/walls"
    printf '[Socket]\nListenStream=8001\nAccept=yes\n[Install]\nWantedBy=sockets.target\n' \
        >"$root/etc/systemd/system/walls.socket"
    printf '[Service]\nExecStart=/usr/local/sbin/walls\nStandardOutput=socket\n' \
        >"$root/etc/systemd/system/walls@.service"
    systemctl --root="$root" -q enable walls.socket
}

[ -e "$root/vmlinuz" ] || install_kernel
write_what_ec2_has
tell_of_walls
for port in "$@"; do forward "$port"; done
truncate -s 3G "$disk"
mkfs.ext4 -q -F -d "$root" "$disk"
