#!/bin/sh
# Installs the Debian packages that building, testing and the demo need, if they are missing.
#   setup.sh         all of them          setup.sh build    without those that only tests need
set -eu
packages="libargon2-dev libsqlite3-dev libpq-dev libssh-dev libpam0g-dev libfido2-dev postgresql pkg-config openssh-server openssh-client openssh-tests \
oathtool argon2 curl jq python3 procps"
# Only tests need these: without them (no network, no root) those tests are skipped and say so.
counterparts="python3-asyncssh python3-paramiko mandoc faketime gpg-agent gpgconf python3-prometheus-client nginx-light haproxy \
libpam-oath libpam-google-authenticator slapd ldap-utils chromium chromium-driver python3-venv rsync git fish tcsh zsh sudo"
missing_of() {
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || printf ' %s' "$package"
    done
}
# shellcheck disable=SC2086
missing=$(missing_of $packages) wanted=
# shellcheck disable=SC2086
[ "${1:-}" = build ] || wanted=$(missing_of $counterparts)
# nslcd and pam_ldap are unpacked for one test, not installed: that would change how this machine signs people in.
ldapd="$(dirname "$0")/../.build/pam-ldapd"
unpack_ldapd() {
    if [ "$1" = build ] || [ -e "$ldapd/usr/sbin/nslcd" ] || ! command -v dpkg >/dev/null; then return; fi
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get download -qq libpam-ldapd nslcd >/dev/null 2>&1); then
        mkdir -p "$ldapd"
        for package in "$folder"/*.deb; do dpkg -x "$package" "$ldapd"; done
    else
        echo "setup: the test with a directory behind PAM will be skipped" >&2
    fi
    rm -rf "$folder"
}
if [ -z "$missing$wanted" ]; then
    unpack_ldapd "${1:-}"
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    if [ -z "$missing" ]; then
        echo "setup: tests with$wanted will be skipped; as root, setup installs them" >&2
        exit 0
    fi
    echo "setup: missing Debian packages:$missing" >&2
    echo "setup: run 'sudo apt-get install$missing$wanted', then try again" >&2
    exit 1
fi
echo "setup: installing$missing$wanted"
export DEBIAN_FRONTEND=noninteractive
# Without a network the lists of packages stay as they are.
apt-get update -qq || [ -z "$missing" ]
# The tests start PostgreSQL themselves: Debian need not make and start a cluster of its own.
if ! [ -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
# None of them need run as a service.
if ! [ -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
fi
install="apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold"
# shellcheck disable=SC2086
[ -z "$missing" ] || $install $missing >/dev/null
# shellcheck disable=SC2086
[ -z "$wanted" ] || $install $wanted >/dev/null || echo "setup: tests with$wanted will be skipped" >&2
unpack_ldapd "${1:-}"
