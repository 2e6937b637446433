#!/bin/sh
# Fetches current versions of the peers from a newer Debian suite and unpacks them into a directory, without installing anything:
#
#   native-bench/peers.sh DIRECTORY [SUITE]
#
# SUITE is sid unless given. The archive is the one that this machine's apt uses for Debian; lists and packages lie in DIRECTORY,
# so the system's apt sees nothing of it. Prints the two options for `npm run bench`.
set -eu

[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: $0 DIRECTORY [SUITE]" >&2; exit 2; }
packages="prometheus victoria-metrics"
suite=${2:-sid}
mkdir -p "$1"
dir=$(CDPATH='' cd "$1" && pwd -P)
apt=$dir/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources.list.d"

# Of what apt knows here, the first source whose Release file says Debian.
# shellcheck disable=SC2016
uri=$(apt-get indextargets --format '$(REPO_URI)' \
  'Created-By: Packages' 'Label: Debian' 'Component: main' | head -n 1)
[ -n "$uri" ] || { echo "$0: apt has no lists of Debian: run apt-get update first" >&2; exit 1; }
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
option=
[ ! -r "$keyring" ] || option="[signed-by=$keyring] "
echo "deb $option$uri $suite main" > "$apt/sources.list"

# The system's settings hold (a proxy, say), but for where sources, lists and packages are.
cat > "$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/sources.list.d";
Dir::Etc::preferencesparts "$apt/sources.list.d";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
export APT_CONFIG="$apt/apt.conf"
apt-get update -q >&2

cd "$dir"
rm -f ./*.deb
# shellcheck disable=SC2086
apt-get download -q $packages >&2
: > versions
for package in ./*.deb; do
  dpkg -x "$package" .
  dpkg-deb --show --showformat='${Package} ${Version}\n' "$package" >> versions
  rm "$package"
done
rm -rf "$apt"
cat versions >&2
echo "--vmagent $dir/usr/bin/vmagent --prometheus $dir/usr/bin/prometheus"
