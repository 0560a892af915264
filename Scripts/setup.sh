#!/bin/sh
# Installs the Debian packages that building, testing and the demo need, if they are missing.
set -eu
packages="libargon2-dev libsqlite3-dev libpq-dev postgresql pkg-config openssh-server openssh-client openssh-tests oathtool argon2 \
curl jq python3 procps"
missing=""
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ]; then
    echo "setup: missing Debian packages:$missing" >&2
    echo "setup: run 'sudo apt-get install$missing', then try again" >&2
    exit 1
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# The tests start PostgreSQL themselves: Debian need not make and start a cluster of its own.
if ! [ -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold $missing >/dev/null
