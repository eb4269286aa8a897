#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves that a fresh clone builds in a fresh Debian 12 with nothing in it but what Debian calls minimal: makes a tree
# with mmdebstrap, clones this repository (what is committed) into it and runs a command there, by default
# `./dev setup && ./dev build`. Needs root. The tree is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=${CHROOT_DIR:-$(mktemp -d /tmp/vouch-chroot-XXXXXX)}
command=${*:-./dev setup && ./dev build}

clean_up() {
    mountpoint -q "$root/proc" && umount -l "$root/proc"
    rm -rf --one-file-system "$root"
}
trap clean_up EXIT

[ "$(id -u)" = 0 ] || { echo "chroot-check needs root" >&2; exit 1; }
mmdebstrap --variant=minbase --quiet bookworm "$root" ${MIRROR:+"$MIRROR"}
cp /etc/resolv.conf "$root/etc/resolv.conf"
git clone -q . "$root/vouch"
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb sh -c "cd /vouch && $command"
