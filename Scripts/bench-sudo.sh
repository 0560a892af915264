#!/bin/bash
# What pam_reeve adds to sudo, as JSON lines on standard output; progress on standard error. An authority, a host and its agent as
# in bench.sh, and an /etc of its own for sudo: the machine's is not touched. Cleans up after itself.
#
#   KEYREEVE_BIN=DIR     programs to measure (default: the release build)
#   BENCH_SUDO=50        sudo one after the other of each kind        BENCH_ROUNDS=3   rounds of 100 at a time
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "bench: needs root" >&2; exit 2; }
# Everything below sees the /etc of this process alone.
[ -n "${BENCH_INSIDE:-}" ] || BENCH_INSIDE=1 exec unshare -m --propagation private "$0" "$@"
etc=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$etc"
cp -a /etc/. "$etc"
mount --bind "$etc" /etc
mkdir -p /run/sudo
mount -t tmpfs -o mode=711 tmpfs /run/sudo
. Scripts/lib.sh
. Scripts/bench-house.sh
count=${BENCH_SUDO:-50} rounds=${BENCH_ROUNDS:-3}

# stack MODULE…: sudo asks it alone, in both phases.
stack() { printf 'auth required %s\naccount required %s\nsession required pam_permit.so\n' "$*" "$*" >/etc/pam.d/sudo; }

# inside COMMAND: in the login by certificate.
inside() {
    ssh -F "$base/alice/ssh_config" -p "$port" -o BatchMode=yes -o HostName=127.0.0.1 $login@web1 "$1"
}

# figures MEASURE OF: percentiles of the milliseconds that come in, one a line.
figures() {
    jq -sc --arg measure "$1" --arg of "$2" --argjson load "$(cut -d' ' -f1 /proc/loadavg)" 'sort | length as $n
        | {measure: $measure, of: $of, value: .[($n / 2 | floor)], unit: "ms", p99: .[[($n * 0.99 | ceil) - 1, 0] | max], max: .[-1],
           runs: $n, load: $load}'
}

timed='start=$EPOCHREALTIME; sudo -n true || echo failed; end=$EPOCHREALTIME
    awk -v from=$start -v to=$end "BEGIN { printf \"%.2f\\n\", (to - from) * 1000 }"'

measure() {
    step "sudo by $1"
    inside "exec bash -c 'one() { $timed; }; for n in \$(seq $count); do one; done'" | figures "sudo" "$1"
    for _ in $(seq "$rounds"); do
        inside "exec bash -c 'one() { $timed; }; for n in \$(seq 100); do one & done; wait'"
    done | figures "sudo, 100 at a time" "$1"
}

prepare
install -m 644 "$bin/libpam_reeve.so" "$base/bin/pam_reeve.so"
start_authority
start_host
sed -i 's/^UsePAM no/UsePAM yes/; $a MaxStartups 200' "$base/sshd/sshd_config"
kill "$(cat "$base/sshd/sshd.pid")"
module="$base/bin/pam_reeve.so socket=$base/agent/data/run/pam.sock"
echo "session optional $module" >>/etc/pam.d/sshd
/usr/sbin/sshd -D -e -f "$base/sshd/sshd_config" >"$base/log/sshd-again" 2>&1 &
pids+=($!)
waitfor test -S "$base/agent/data/run/pam.sock"
sign_in
printf '%s ALL=(ALL:ALL) PASSWD: ALL\nDefaults timestamp_timeout=0, noninteractive_auth\n' $login >/etc/sudoers.d/bench
chmod 440 /etc/sudoers.d/bench
answers_now() { (exec 3<>"/dev/tcp/127.0.0.1/$port"); }
waitfor answers_now
machine
stack pam_permit.so
measure pam_permit
stack "$module"
measure pam_reeve
