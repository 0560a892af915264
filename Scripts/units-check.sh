#!/bin/bash
# The packaged install under a real systemd: this machine's own, as process 1 of namespaces of its own, on a copy of this
# machine's root whose changes are in memory alone. What happens there is in units-journey.sh, and follows Docs/INSTALL.md.
# Skips, with a sentence, where that cannot be. Ends without a trace: no mount, process, cgroup or file is left.
#
#   KEYREEVE_BIN=FOLDER      the programs, .build/debug otherwise
#   KEYREEVE_SKIP_STATUS=77  how it ends where it skips, 0 otherwise
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
skip() { echo "units-check: skipped: $*"; exit "${KEYREEVE_SKIP_STATUS:-0}"; }
[ "$(id -u)" = 0 ] || skip "only root can start systemd in namespaces of its own"
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$cgroups" ] || skip "no cgroup2 file system is mounted"
unshare --mount --pid --fork --uts --ipc --net --cgroup true 2>/dev/null || skip "namespaces cannot be made here"

bin=${KEYREEVE_BIN:-$PWD/.build/debug}
base=$(mktemp -d /var/tmp/keyreeve-units.XXXXXX)
group=$cgroups/keyreeve-units.$$
launcher=
finish() {
    status=$?
    set +e
    # The end of its process 1 ends all of them, and with them go the namespaces and what was mounted there.
    [ -z "$launcher" ] || { kill -9 "$launcher" 2>/dev/null; wait "$launcher" 2>/dev/null; }
    for _ in $(seq 600); do
        [ -z "$(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null)" ] && break
        sleep 0.05
    done
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    rm -rf "$base"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir "$group" 2>/dev/null || skip "no cgroup can be made in $cgroups"
mkdir "$base/memory"

bash -c 'echo $$ >"$1/cgroup.procs" && exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
    Scripts/units-boot.sh "$2" "$3"' _ "$group" "$base" "$bin" >"$base/boot.log" 2>&1 &
launcher=$!
# inside COMMAND…: in the root and the namespaces of that systemd.
inside() {
    local first
    first=$(pgrep -P "$launcher" | head -n 1)
    [ -n "$first" ] && nsenter --target "$first" --all --root --wd -- \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" "$@"
}
for _ in $(seq 600); do
    inside systemctl is-active --quiet multi-user.target 2>/dev/null && break
    kill -0 "$launcher" 2>/dev/null || { cat "$base/boot.log"; exit 1; }
    sleep 0.1
done
inside systemctl is-active --quiet multi-user.target || {
    cat "$base/boot.log"
    echo "units-check: systemd did not start" >&2
    exit 1
}
inside /bin/bash /root/units-journey.sh
