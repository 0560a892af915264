#!/bin/bash
# The main job, before your eyes: an authority, a person, a host, certificates on both ends of stock OpenSSH,
# a refusal explained, a revocation enforced, the log verified. Loopback only; cleans up after itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
[ "$(id -u)" = 0 ] || { echo "demo: needs root, for a real sshd: sudo make demo" >&2; exit 2; }

bin=${KEYREEVE_BIN:-$PWD/.build/debug}
# sshd asks that the agent's path belongs to root all the way up, and that others may not write there.
base=$(mktemp -d /var/lib/keyreeve-demo.XXXXXX)
started=$(date +%s)
pids=()
finish() {
    status=$?
    set +e
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    [ $status = 0 ] || { echo; echo "demo: failed; the last lines of the logs:"; tail -n 15 "$base"/log/* 2>/dev/null; }
    userdel keyreeve-demo-alice 2>/dev/null || true
    userdel keyreeve-demo 2>/dev/null || true
    rm -rf "$base"
    exit $status
}
trap finish EXIT
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '\033[2m$ %s\033[0m\n' "${*//"$base"/DIR}"; }
# Shows a command as a person would type it, and runs it.
run() {
    local line="$*"
    line=${line/#admin /reeve }
    show "${line/#alice /reeve }"
    "$@"
}

chmod 755 "$base"
umask 077
mkdir -p "$base"/{log,admin,alice} /run/sshd
mkdir -m 755 "$base"/{bin,sshd,agent}
install -m 755 "$bin"/{reeved,reeve-signer,reeve,reeve-agent,reeve-principals} "$base/bin/"
useradd --system --no-create-home --shell /usr/sbin/nologin keyreeve-demo
useradd --no-create-home --home-dir /tmp --shell /bin/sh keyreeve-demo-alice
usermod -p '*' keyreeve-demo-alice
api=$(free_port)
port=$(free_port)
admin() { REEVE_HOME="$base/admin" SSH_AUTH_SOCK= "$base/bin/reeve" "$@"; }
alice() { REEVE_HOME="$base/alice" "$base/bin/reeve" "$@"; }

say "1. An authority, from nothing: reeved makes its keys, its database, its policy and the first admin's link"
show "reeved serve --data DIR"
"$base/bin/reeved" serve --data "$base/data" --user keyreeve-demo --listen "127.0.0.1:$api" --admin root-admin \
    >"$base/log/reeved" 2>&1 &
pids+=($!)
waitfor test -s "$base/data/first-admin-link"
waitfor curl -skf "https://127.0.0.1:$api/livez"
echo "reeved runs as $(id -nu "$(awk '/^Uid:/ {print $2}' "/proc/${pids[0]}/status")")"

say "2. The first admin enrols: password, TOTP, and this machine as a device"
printf 'password=correct horse staple battery\ntotp=auto\n' > "$base/admin/answers"
run admin enrol --link-file "$base/data/first-admin-link" --device console --answers-file "$base/admin/answers" \
    --totp-secret-file "$base/admin/totp"
run admin whoami

say "3. A person, and a host with two labels: each gets an enrolment link"
admin person add alice --login keyreeve-demo-alice --link-only > "$base/alice/link"
admin host add web1.example.com --alias web1 --label env=staging --label role=web --link-only > "$base/agent/link"
run admin person list
run admin host list

say "4. The host enrols with the ssh host keys it already has; its agent installs CA, KRL and one sshd drop-in"
ssh-keygen -q -t ed25519 -N '' -f "$base/sshd/ssh_host_ed25519_key"
{ sshd_config "$base/sshd" "$port"; echo "AuthorizedKeysFile none"; } | sed 's/^LogLevel .*/LogLevel VERBOSE/' > "$base/sshd/sshd_config"
mkdir "$base/sshd/sshd_config.d"
agent_flags=(--data "$base/agent/data" --sshd-config "$base/sshd/sshd_config"
    --drop-in "$base/sshd/sshd_config.d/00-keyreeve.conf")
run "$base/bin/reeve-agent" enrol "${agent_flags[@]}" --link-file "$base/agent/link"
cat "$base/sshd/sshd_config.d/00-keyreeve.conf"
/usr/sbin/sshd -D -e -f "$base/sshd/sshd_config" >"$base/log/sshd" 2>&1 &
pids+=($!)
"$base/bin/reeve-agent" run "${agent_flags[@]}" >"$base/log/agent" 2>&1 &
pids+=($!)
waitfor test -s "$base/sshd/sshd.pid"

say "5. A policy, with its own tests: what no grant allows is refused"
cat > "$base/admin/policy.yaml" <<'POLICY'
groups:
  admins: [root-admin]
  web: [alice]
grants:
  - {name: admins, who: [group:admins], to: [authority], as: [admin]}
  - name: staging
    who: [group:web]
    to: [label:env=staging]
    as: [$self]
    for: 1h
    devices: enrolled
    with: [totp]
tests:
  - {who: alice, to: web1.example.com, as: keyreeve-demo-alice, with: [totp], device: enrolled, expect: allowed}
  - {who: alice, to: web1.example.com, as: root, expect: denied}
POLICY
cat "$base/admin/policy.yaml"
run admin policy test "$base/admin/policy.yaml"
run admin policy apply "$base/admin/policy.yaml"

say "6. Alice enrols her laptop and signs in: her keys are made here and live in her ssh-agent"
eval "$(ssh-agent -s)" >/dev/null
pids+=("$SSH_AGENT_PID")
printf 'password=a quite long passphrase\ntotp=auto\n' > "$base/alice/answers"
run alice enrol --link-file "$base/alice/link" --device laptop --answers-file "$base/alice/answers" \
    --totp-secret-file "$base/alice/totp"
# A code counts once, so this sign-in takes the one after.
printf 'password=a quite long passphrase\ntotp=auto+1\n' > "$base/alice/answers"
run alice login --answers-file "$base/alice/answers" --totp-secret-file "$base/alice/totp"
run ssh-add -l

say "7. Plain ssh: empty known_hosts, no authorized_keys, no question, no warning"
alice ssh-config > "$base/alice/ssh_config"
cat "$base/alice/ssh_config"
: > "$base/alice/known_hosts.user"
ssh_alice() { ssh -F "$base/alice/ssh_config" -p "$port" -o BatchMode=yes -o HostName=127.0.0.1 "$@"; }
show "ssh keyreeve-demo-alice@web1 'id -un'"
ssh_alice keyreeve-demo-alice@web1 'echo "logged in as $(id -un) on $(hostname), with a certificate"'

say "8. The certificate, as OpenSSH reads it: it says who, where, by which grant, and until when"
ssh-add -L | grep cert > "$base/alice/cert.pub"
run ssh-keygen -L -f "$base/alice/cert.pub"

say "9. Another name is refused, and reeve says why"
show "ssh root@web1 id"
if ssh_alice root@web1 id 2>"$base/log/refused"; then echo "demo: root was let in" >&2; exit 1; fi
tail -n 1 "$base/log/refused"
show "reeve explain --to web1 --as root"
alice explain --to web1 --as root || true

say "10. Revoked: the KRL reaches the host over the push stream, and the next login is refused"
run admin revoke --identity alice --reason "laptop left in a taxi"
revoked_at=$(date +%s%N)
refused() { ! ssh_alice keyreeve-demo-alice@web1 true; }
waitfor refused
echo "refused after $(( ($(date +%s%N) - revoked_at) / 1000000 )) ms; sshd says:"
grep -i revoked "$base/log/sshd" | tail -n 1

say "11. The ledger: exported, and verified offline"
run admin audit export "$base/admin/ledger.export"
run admin audit verify "$base/admin/ledger.export"
awk -F'\t' -v OFS='\t' 'NR == 4 { $3 = ($3 ~ /^0/ ? "1" : "0") substr($3, 2) } 1' \
    "$base/admin/ledger.export" > "$base/admin/forged.export"
show "reeve audit verify FORGED   (one character of one line changed)"
if admin audit verify "$base/admin/forged.export"; then echo "demo: a forged ledger verified" >&2; exit 1; fi

say "Done in $(( $(date +%s) - started )) s. Nothing is left behind."
