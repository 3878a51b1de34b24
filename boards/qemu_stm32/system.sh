#!/usr/bin/env bash
# system.sh: a QEMU that knows the STM32L475 (9.0 or newer), by apt; from the backports where the distribution's own is older, with lists of
# their own, so that the machine's package settings stay as they are. Needs root. Ends at the first thing that fails.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
new_enough() { qemu-system-arm --version 2>/dev/null | grep -qE 'version (9|[1-9][0-9])\.' && qemu-system-arm -M help | grep -q b-l475e-iot01a; }
new_enough && exit 0
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
chmod 755 "$D"
SITE=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v -e security -e '^file:' | head -1)
. /etc/os-release
KEYS='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
mkdir -p "$D"/{lists/partial,parts}
printf 'deb %s %s %s main\n' "$KEYS" "$SITE" "$VERSION_CODENAME" "$KEYS" "$SITE" "$VERSION_CODENAME-backports" > "$D/sources.list"
OPTIONS=(-qq -o Dir::Etc::sourcelist="$D/sources.list" -o Dir::Etc::sourceparts="$D/parts" -o Dir::State::lists="$D/lists")
apt-get "${OPTIONS[@]}" update
apt-get "${OPTIONS[@]}" install -y --no-install-recommends -t "$VERSION_CODENAME-backports" qemu-system-arm >/dev/null
new_enough || { echo "this distribution has no QEMU of version 9 or newer"; exit 1; }
