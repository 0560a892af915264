#!/bin/bash
# Measures what size costs, as JSON lines on standard output (Docs/PERFORMANCE.md says how to read them): certificates with few
# and with a million recorded, the ledger verified, a KRL with 50,000 of them and what it adds to a login. About ten minutes.
#
#   KEYREEVE_BIN=DIR     programs to measure (default: the release build)
#   SCALE=1000000        certificates to record       SCALE_REVOKED=50000    of them revoked
#   BENCH_SECONDS, BENCH_CONNECTIONS, BENCH_LOGINS    as for bench.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
[ "$(id -u)" = 0 ] || { echo "bench: needs root, for a real sshd: sudo make bench-scale" >&2; exit 2; }
. Scripts/bench-house.sh
scale=${SCALE:-1000000}
revoked=${SCALE_REVOKED:-50000}

# figure MEASURE OF VALUE UNIT
figure() { jq -nc --arg m "$1" --arg of "$2" --argjson v "$3" --arg u "$4" '{measure: $m, of: $of, value: $v, unit: $u}'; }
recorded() { curl -skf "https://127.0.0.1:$api/v1/ledger/checkpoint" | sed -n 2p; }
load() {
    bench load --home "$base/alice" --to $host --as $login \
        --pid "reeved=$reeved" --pid "reeve-signer=$signer" "$@"
}

# table NAME: the rates, with what is recorded by now.
table() {
    for count in $connections; do
        step "$1: certificates with $count connections"
        load --name "$1" --connections "$count" --seconds "$seconds" | tee -a "$base/figures"
    done
}

grow() {
    while [ "$(recorded)" -lt "$scale" ]; do
        step "$(recorded) of $scale recorded"
        load --connections 64 --seconds 30 --prepare 1 >"$base/log/grow"
    done
    figure "recorded" "events" "$(recorded)" ""
    figure "database" "reeved" "$(du -cm "$base"/data/*.db* | awk 'END { print $1 }')" "MB"
}

compare() {
    jq -sc --arg a "$1" --arg b "$2" 'map(select(.measure == "rate" or .measure == "server CPU"))
        | group_by([.measure, .connections])[]
        | (map(select(.of == $b))[0].value / map(select(.of == $a))[0].value) as $ratio
        | {measure: (.[0].measure + " against few recorded"), of: $b, value: ($ratio * 1000 | round | . / 10), unit: "%",
           connections: .[0].connections}' "$base/figures"
}

ledger() {
    step "the ledger: export and verify"
    admin login --answers-file "$base/admin/answers" --totp-secret-file "$base/admin/totp" >>"$base/log/setup" 2>&1
    local start end events
    start=$(date +%s%N)
    admin audit export "$base/ledger" >>"$base/log/setup"
    end=$(date +%s%N)
    events=$(($(wc -l <"$base/ledger") - 3))
    figure "ledger export" "reeve" $((events * 1000 / ((end - start) / 1000000))) "records/s"
    figure "ledger size" "export" $(($(stat -c %s "$base/ledger") / events)) "bytes/record"
    start=$(date +%s%N)
    admin audit verify "$base/ledger" >>"$base/log/setup"
    end=$(date +%s%N)
    figure "ledger verify" "reeve" $((events * 1000 / ((end - start) / 1000000))) "records/s"
    rm "$base/ledger"
}

login_times() {
    local common="-o BatchMode=yes -o HostName=127.0.0.1 $login@web1 true"
    local known="-o UserKnownHostsFile=$base/plain/known_hosts -o IdentitiesOnly=yes -i $base/plain/key"
    bench time --runs "$logins" --baseline "ssh, static key, $1" \
        "ssh, static key, $1=/usr/bin/ssh -F /dev/null -p $plain $known $common" \
        "ssh, certificate held, $1=/usr/bin/ssh -F $base/alice/ssh_config -p $port $common" 2>>"$base/log/commands"
}

enforced() { "$base/bin/reeve-agent" status --json "${agent_flags[@]}" | jq -e ".state.version >= $1"; }

revocations() {
    login_times "empty KRL"
    step "$revoked certificates revoked"
    local version
    # The first thousands are left out: what the person holds is among them.
    version=$(bench revoke --home "$base/admin" --from 5000 --through "$scale" --count "$revoked" | jq .value)
    agent_flags=(--data "$base/agent/data" --sshd-config "$base/sshd/sshd_config"
        --drop-in "$base/sshd/sshd_config.d/00-keyreeve.conf")
    waitfor enforced "$version"
    figure "KRL" "$revoked of $scale revoked" "$(stat -c %s "$base/agent/data/ssh/current/revoked.krl")" "bytes"
    login_times "$revoked revoked"
}

prepare
machine
{ start_authority; start_host; sign_in; } >"$base/log/setup" 2>&1
load --connections 16 --seconds 2 >"$base/log/grow"
table "few recorded"
grow
table "a million recorded"
compare "few recorded" "a million recorded"
ledger
revocations
