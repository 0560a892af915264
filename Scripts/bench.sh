#!/bin/bash
# Measures, as JSON lines on standard output (Docs/PERFORMANCE.md says how to read them); progress on standard error.
# An authority, a person, a host and a real sshd on loopback, as in demo.sh. Cleans up after itself.
#
#   KEYREEVE_BIN=DIR     programs to measure (default: the release build)
#   BENCH_SECONDS=10     length of each load          BENCH_CONNECTIONS="1 16 64"
#   BENCH_LOGINS=25      ssh logins of each kind      BENCH_HOSTS=200 BENCH_ROUNDS=20   revocations
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
[ "$(id -u)" = 0 ] || { echo "bench: needs root, for a real sshd: sudo make bench" >&2; exit 2; }
. Scripts/bench-house.sh

# rss PROGRAM PID: resident memory at rest; under load it is `reeve-bench load` that reads it.
rss() {
    awk -v program="$1" '/^VmRSS:/ { printf "{\"measure\":\"RSS idle\",\"of\":\"%s\",\"value\":%.1f,\"unit\":\"MB\"}\n",
        program, $2 * 1.024 / 1000 }' "/proc/$2/status"
}

memory() {
    rss reeved "$reeved"
    rss reeve-signer "$signer"
    rss reeve-agent "$agent"
}

certificates() {
    local bare_port bare
    bare_port=$(free_port)
    "$base/bin/reeve-bench" bare --port "$bare_port" >"$base/log/bare" 2>&1 &
    bare=$!
    pids+=("$bare")
    waitfor curl -skf "https://127.0.0.1:$bare_port/"
    for count in $connections; do
        step "certificates with $count connections"
        bench load --home "$base/alice" --to $host --as $login --connections "$count" --seconds "$seconds" \
            --pid "reeved=$reeved" --pid "reeve-signer=$signer" | tee -a "$base/figures"
        bench load --name bare --url "https://127.0.0.1:$bare_port" --to $host --as $login --connections "$count" \
            --seconds "$seconds" --pid "bare=$bare" | tee -a "$base/figures"
    done
    kill "$bare"
    jq -sc 'map(select(.measure == "rate")) | group_by(.connections)[]
        | (map(select(.of == "reeved"))[0].value / map(select(.of == "bare"))[0].value) as $share
        | {measure: "rate against bare", of: "reeved", value: ($share * 1000 | round | . / 10), unit: "%",
           connections: .[0].connections}' \
        "$base/figures"
}

operations() {
    step "public-key operations"
    local most
    most=$(jq -s 'map(select(.measure == "server CPU" and .of == "reeved")) | max_by(.connections).value' "$base/figures")
    bench operations --server-cpu "$most"
}

formats() {
    step "decoding and encoding of each format"
    bench formats
}

keygen() {
    step "ssh-keygen -s"
    ssh-keygen -q -t ed25519 -N '' -f "$base/plain/ca"
    ssh-keygen -q -t ed25519 -N '' -f "$base/plain/subject"
    local sign="/usr/bin/ssh-keygen -q -s $base/plain/ca -I alice -n alice -V +1h $base/plain/subject.pub"
    bench time --runs 200 "ssh-keygen -s=$sign" 2>>"$base/log/commands"
}

logins() {
    step "ssh, $logins logins of each kind"
    local common="-o BatchMode=yes -o HostName=127.0.0.1 $login@web1 true"
    local known="-o UserKnownHostsFile=$base/plain/known_hosts -o IdentitiesOnly=yes -i $base/plain/key"
    local forget="/bin/rm -rf $base/alice/certificates/by-host"
    local wrapper="$base/bin/reeve ssh -F /dev/null -p $port $common"
    bench time --runs "$logins" --baseline "ssh, static key" \
        --before "ssh, to be fetched=$forget" \
        --before "reeve ssh, to be fetched=$forget" \
        "ssh, static key=/usr/bin/ssh -F /dev/null -p $plain $known $common" \
        "ssh, certificate held=/usr/bin/ssh -F $base/alice/ssh_config -p $port $common" \
        "ssh, to be fetched=/usr/bin/ssh -F $base/alice/ssh_config -p $port $common" \
        "reeve ssh, certificate held=$wrapper" \
        "reeve ssh, to be fetched=$wrapper" 2>>"$base/log/commands"

    step "ssh, forty logins at once"
    cat >"$base/forty" <<'EOF'
#!/bin/bash
for number in {1..40}; do "$@" & logins[number]=$!; done
for login in "${logins[@]}"; do wait "$login" || exit 1; done
EOF
    chmod 755 "$base/forty"
    bench time --runs "$(((logins + 4) / 5))" --baseline "40 ssh at once, static key" \
        --before "40 ssh at once, to be fetched=$forget" \
        "40 ssh at once, static key=$base/forty /usr/bin/ssh -F /dev/null -p $plain $known $common" \
        "40 ssh at once, certificate held=$base/forty /usr/bin/ssh -F $base/alice/ssh_config -p $port $common" \
        "40 ssh at once, to be fetched=$base/forty /usr/bin/ssh -F $base/alice/ssh_config -p $port $common" \
        2>>"$base/log/commands"
}

principals() {
    step "reeve-principals"
    bench time --runs 100 --baseline "/bin/true" "/bin/true=/bin/true" \
        "reeve-principals=$base/bin/reeve-principals --data $base/agent/data $login" 2>>"$base/log/commands"
}

# From a revocation until each of many played hosts says that it has it.
fleet() {
    step "revocations over ${BENCH_HOSTS:-200} hosts"
    bench fleet --home "$base/admin" --hosts "${BENCH_HOSTS:-200}" --rounds "${BENCH_ROUNDS:-20}"
}

# From starting a program to its end, when it only says its version.
start_up() {
    step "start-up of each program"
    local commands=("/bin/true=/bin/true") name
    for name in reeve reeve-agent reeved reeve-signer reeve-principals; do
        commands+=("$name --version=$base/bin/$name --version")
    done
    bench time --runs 200 --baseline "/bin/true" "${commands[@]}" 2>>"$base/log/commands"
}

prepare
machine
start_up
{ start_authority; start_host; sign_in; } >"$base/log/setup" 2>&1
memory
fleet
logins
principals
certificates
operations
formats
keygen
