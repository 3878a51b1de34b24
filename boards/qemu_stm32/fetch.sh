#!/usr/bin/env bash
# fetch.sh DIR: the sources of MicroPython 1.25 and mbedtls 3.6 into DIR/src, from Debian's source packages (trixie), with lists of its own, so
# that the machine's package settings stay as they are. Needs dpkg-dev. Ends at the first thing that fails.
set -euo pipefail
mkdir -p "$1"
D=$(cd "$1" && pwd)
[ -f "$D/src/done" ] && exit 0
SITE=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v -e security -e '^file:' | head -1)
KEYS='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
rm -rf "$D/apt" "$D/src"
mkdir -p "$D"/apt/{lists/partial,cache/archives/partial,parts} "$D/src"
: > "$D/apt/status"
echo "deb-src $KEYS $SITE trixie main" > "$D/apt/sources.list"
cat > "$D/apt/apt.conf" <<EOF
Dir::Etc::sourcelist "$D/apt/sources.list";
Dir::Etc::sourceparts "$D/apt/parts";
Dir::State::lists "$D/apt/lists";
Dir::Cache "$D/apt/cache";
Dir::State::status "$D/apt/status";
APT::Sandbox::User "";
EOF
export APT_CONFIG="$D/apt/apt.conf"
apt-get -qq update
cd "$D/src"
apt-get -qq source --download-only micropython/trixie mbedtls/trixie >/dev/null
dpkg-source --no-check -x micropython_*.dsc micropython >/dev/null
dpkg-source --no-check -x mbedtls_*.dsc mbedtls >/dev/null
rm -rf ./*.tar.* ./*.dsc "$D/apt"
touch done
