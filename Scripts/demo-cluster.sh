#!/bin/bash
# Three servers on one PostgreSQL, before your eyes: a primary and a synchronous standby, a login through each server, a
# revocation that crosses from one to the other, the primary killed and replaced, a server killed, the ledger verified.
# Loopback and Unix sockets only; cleans up after itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
[ "$(id -u)" = 0 ] || { echo "demo: needs root, for a real sshd: sudo make demo-cluster" >&2; exit 2; }

bin=${KEYREEVE_BIN:-$PWD/.build/debug}
# sshd asks that the agent's path belongs to root all the way up, and that others may not write there.
base=$(mktemp -d /var/lib/keyreeve-demo.XXXXXX)
started=$(date +%s)
host=web1.example.com
login=keyreeve-cluster-alice
pids=()
finish() {
    status=$?
    set +e
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    for name in one two; do [ -d "$base/$name/data" ] && postgres_end "$base/$name"; done
    [ $status = 0 ] || { echo; echo "demo: failed; the last lines of the logs:"; tail -n 15 "$base"/log/* "$base"/*/log 2>/dev/null; }
    userdel $login 2>/dev/null
    userdel keyreeve-cluster 2>/dev/null
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
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
admin() { REEVE_HOME="$base/admin" SSH_AUTH_SOCK= "$base/bin/reeve" "$@"; }
alice() { REEVE_HOME="$base/alice" SSH_AUTH_SOCK= "$base/bin/reeve" "$@"; }

# servers HOME NUMBER…: by which servers, and in which order, the `reeve` of that state folder goes.
servers() {
    local home=$1 number list=()
    shift
    for number in "$@"; do list+=("https://localhost:${ports[number]}"); done
    jq -c '.servers = $ARGS.positional' "$home/device.json" --args "${list[@]}" > "$home/device.new"
    mv "$home/device.new" "$home/device.json"
}

# serve NUMBER ARGUMENT…: starts a server, and waits until it answers.
serve() {
    local number=$1
    shift
    cat > "$base/node$number.toml" <<CONFIG
[server]
listen = "127.0.0.1:${ports[number]}"
database = "$database"
[signer]
socket = "$base/signer/signer.sock"
CONFIG
    chmod 644 "$base/node$number.toml"
    "$base/bin/reeved" serve --data "$base/node$number" --config "$base/node$number.toml" --user keyreeve-cluster "$@" \
        >>"$base/log/reeved$number" 2>&1 &
    nodes[number]=$!
    pids+=($!)
    waitfor curl -skf "https://127.0.0.1:${ports[number]}/readyz"
}

# certificate NAME: one for a new key, in the folder of certificates. The ledger tells at the end what was recorded.
certificate() {
    ssh-keygen -q -t ed25519 -N '' -f "$base/held/$1" </dev/null
    alice cert --to $host --as $login -k "$base/held/$1.pub" -o "$base/held/$1-cert.pub"
}
ssh_alice() {
    local key=$1
    shift
    ssh -F /dev/null -i "$base/held/$key" -o CertificateFile="$base/held/$key-cert.pub" -o IdentitiesOnly=yes \
        -o IdentityAgent=none -o BatchMode=yes -o UserKnownHostsFile="$base/alice/known_hosts" -o HostName=127.0.0.1 \
        -o HostKeyAlias=$host -p "$port" $login@$host "$@"
}
serial() { ssh-keygen -L -f "$base/held/$1-cert.pub" | awk '$1 == "Serial:" { print $2 }'; }

chmod 755 "$base"
umask 077
mkdir -p "$base"/{admin,alice,held,loop} /run/sshd
mkdir -m 755 "$base"/{log,bin,sshd,agent}
install -m 755 "$bin"/{reeved,reeve-signer,reeve,reeve-agent,reeve-principals} "$base/bin/"
useradd --system --no-create-home --shell /usr/sbin/nologin keyreeve-cluster
useradd --no-create-home --home-dir /tmp --shell /bin/sh $login
usermod -p '*' $login
ports=(0 "$(free_port)" "$(free_port)" "$(free_port)")
nodes=(0)
port=$(free_port)

say "1. PostgreSQL: a primary, and a standby whose disk every commit waits for"
postgres_init "$base/one"
postgres_start "$base/one"
postgres_follow "$base/two" "$base/one"
postgres_start "$base/two"
sql "$base/one" "ALTER SYSTEM SET synchronous_standby_names = '*'"
sql "$base/one" "SELECT pg_reload_conf()" >/dev/null
in_step() { [ "$(sql "$base/one" "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")" = sync ]; }
waitfor in_step
sql "$base/one" "SELECT 'the standby is ' || state || ', ' || sync_state FROM pg_stat_replication"
database=$(postgres_address "$base/one" "$base/two")
show "database = \"${database}\""

say "2. Three servers: one connection string, one signer, a data folder each"
install -d -m 700 -o keyreeve-cluster "$base/signer" "$base"/node{1,2,3}
as_signer() { setpriv --reuid=keyreeve-cluster --clear-groups --inh-caps=-all "$@"; }
as_signer "$base/bin/reeve-signer" init --data "$base/signer" --key-file "$base/signer/signer.key"
"$base/bin/reeve-signer" serve --data "$base/signer" --key-file "$base/signer/signer.key" \
    --socket "$base/signer/signer.sock" --user keyreeve-cluster >>"$base/log/signer" 2>&1 &
pids+=($!)
serve 1 --admin root-admin
echo "The second and the third need three files of the first's folder, and nothing else:"
for number in 2 3; do
    run cp -p "$base"/node1/{sealing.key,origin,tls-root.pem} "$base/node$number"
    serve $number
done
sql "$base/one" "SELECT 'node ' || node || ' writes' FROM keyreeve_writer"

say "3. An admin, a person and a policy, by the first server"
printf 'password=correct horse staple battery\ntotp=auto\n' > "$base/admin/answers"
admin enrol --link-file "$base/node1/first-admin-link" --device console --answers-file "$base/admin/answers" \
    --totp-secret-file "$base/admin/totp"
cat > "$base/admin/policy.yaml" <<POLICY
groups: {admins: [root-admin], web: [alice]}
grants:
  - {name: admins, who: [group:admins], to: [authority], as: [admin]}
  - {name: staging, who: [group:web], to: [label:env=staging], as: [$login], for: 1h, devices: enrolled, with: [totp]}
POLICY
admin person add alice --login $login --link-only > "$base/alice/link"
run admin policy apply "$base/admin/policy.yaml"

say "4. A host by the third server: its agent listens there"
servers "$base/admin" 3
admin host add $host --label env=staging --link-only > "$base/agent/link"
ssh-keygen -q -t ed25519 -N '' -f "$base/sshd/ssh_host_ed25519_key"
{ sshd_config "$base/sshd" "$port"; echo "AuthorizedKeysFile none"; } | sed 's/^LogLevel .*/LogLevel VERBOSE/' > "$base/sshd/sshd_config"
mkdir "$base/sshd/sshd_config.d"
agent_flags=(--data "$base/agent/data" --sshd-config "$base/sshd/sshd_config"
    --drop-in "$base/sshd/sshd_config.d/00-keyreeve.conf")
"$base/bin/reeve-agent" enrol "${agent_flags[@]}" --link-file "$base/agent/link"
/usr/sbin/sshd -D -e -f "$base/sshd/sshd_config" >"$base/log/sshd" 2>&1 &
pids+=($!)
"$base/bin/reeve-agent" run "${agent_flags[@]}" >"$base/log/agent" 2>&1 &
pids+=($!)
waitfor test -s "$base/sshd/sshd.pid"

say "5. Alice enrols with the first server; each of the three gives her a certificate, and sshd takes all of them"
printf 'password=a quite long passphrase\ntotp=auto\n' > "$base/alice/answers"
alice enrol --link-file "$base/alice/link" --device laptop --answers-file "$base/alice/answers" \
    --totp-secret-file "$base/alice/totp"
alice login --if-needed >/dev/null
for number in 1 2 3; do
    servers "$base/alice" $number
    certificate "from$number" >/dev/null
    echo "server $number, serial $(serial "from$number"): $(ssh_alice "from$number" 'echo "logged in as $(id -un)"')"
done

say "6. Revoked by the first server; the agent hears it from the third, and sshd refuses"
servers "$base/admin" 1
run admin revoke --serial "$(serial from2)" --reason "key left in a taxi"
revoked_at=$(milliseconds)
refused() { ! ssh_alice from2 true; }
waitfor refused
echo "refused after $(($(milliseconds) - revoked_at)) ms; sshd says:"
grep -i revoked "$base/log/sshd" | tail -n 1
ssh_alice from1 'echo "and the other certificate still counts"'

say "7. The primary is killed with SIGKILL while certificates are fetched and people log in"
# One loop asks for certificates, by whichever server answers; one logs in with what is held.
fetch() {
    local number=0
    while [ ! -e "$base/loop/stop" ]; do
        if certificate "loop$number" >>"$base/loop/fetched.log" 2>&1; then
            echo "$(milliseconds) loop$number" >> "$base/loop/fetched"
        else
            sleep 0.05
            rm -f "$base/held/loop$number"*
        fi
        number=$((number + 1))
    done
}
log_in() {
    while [ ! -e "$base/loop/stop" ]; do
        if ssh_alice from1 true 2>>"$base/loop/ssh.log"; then echo kept; else echo lost; fi >> "$base/loop/logins"
    done
}
fetched() { wc -l < "$base/loop/fetched"; }
more() { [ "$(fetched)" -ge "$1" ]; }
servers "$base/alice" 1 2 3
: > "$base/loop/fetched"
fetch &
pids+=($!)
loops=($!)
log_in &
pids+=($!)
loops+=($!)
waitfor more 5
show "kill -9 $(postgres_pid "$base/one")   # the primary"
postgres_kill "$base/one"
killed_at=$(milliseconds)
run sql "$base/two" "SELECT pg_promote()" >/dev/null
promoted_at=$(milliseconds)
waitfor more $(($(fetched) + 10))
awk -v killed="$killed_at" -v promoted="$promoted_at" '
    $1 <= killed { last = $1 }
    $1 > killed && !first { first = $1 }
    END { printf "no certificate came for %d ms; the first came %d ms after the promoted standby answered\n",
        first - last, first - promoted }' "$base/loop/fetched"

say "8. One server is killed with SIGKILL too: the client goes on with the next"
show "kill -9 ${nodes[1]}   # the first server"
# The shell would remark on it.
{ kill -9 "${nodes[1]}"; wait "${nodes[1]}" || true; } 2>/dev/null
waitfor more $(($(fetched) + 5))
touch "$base/loop/stop"
wait "${loops[@]}"
echo "$(fetched) certificates were fetched, and $(grep -c kept "$base/loop/logins") logins went through meanwhile"
if grep -q lost "$base/loop/logins"; then echo "demo: a login was lost" >&2; exit 1; fi

say "9. The ledger: everything delivered is in it, each serial once"
servers "$base/admin" 2
run admin audit export "$base/admin/ledger.export"
run admin audit verify "$base/admin/ledger.export"
awk -F'\t' '$1 == "event" { print $NF }' "$base/admin/ledger.export" | while read -r event; do
    base64 -d <<< "$event" | jq -r 'select(.action == "certificate.issued") | .serials[]?'
done | sort > "$base/loop/recorded"
for certificate in "$base"/held/*-cert.pub; do serial "$(basename "$certificate" -cert.pub)"; done | sort > "$base/loop/delivered"
for list in recorded delivered; do
    [ -z "$(uniq -d "$base/loop/$list")" ] || { echo "demo: a serial was $list twice" >&2; exit 1; }
done
if [ -n "$(comm -23 "$base/loop/delivered" "$base/loop/recorded")" ]; then
    echo "demo: a certificate was delivered that the ledger does not know" >&2
    exit 1
fi
echo "$(wc -l < "$base/loop/delivered") certificates delivered, all of them recorded, no serial twice"

say "Done in $(($(date +%s) - started)) s. Nothing is left behind."
