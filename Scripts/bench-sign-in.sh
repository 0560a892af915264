#!/bin/bash
# Measures signing in, as JSON lines on standard output (Docs/PERFORMANCE.md says how to read them): sign-ins a second by factor,
# certificates while strangers try passwords, and the way through the front door. About three minutes.
#
#   KEYREEVE_BIN=DIR     programs to measure (default: the release build)
#   BENCH_SECONDS=10     length of each load          BENCH_PEOPLE=20    who come to the door
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
[ "$(id -u)" = 0 ] || { echo "bench: needs root, for an authority of its own user: sudo make bench-sign-in" >&2; exit 2; }
. Scripts/bench-house.sh
people=${BENCH_PEOPLE:-20}

# All that the house does not have by itself: ways to sign in, a stack of PAM that asks for nothing, a door.
settings() {
    mkdir "$base/pam.d" "$base/door"
    printf 'auth required pam_permit.so\naccount required pam_permit.so\n' >"$base/pam.d/reeve"
    printf '[sign_in]\nways = ["password+totp", "sshkey", "password+sshkey", "pam+sshkey"]\n'
    printf '[pam]\nstacks = "%s"\n' "$base/pam.d"
    "$base/bin/reeve-door" keys --data "$base/door/data" --address "127.0.0.1:$door"
}

# People with a password, an app and an ssh key each.
invite() {
    step "$people people"
    mkdir "$base/people"
    (umask 077; echo "a quite long passphrase" >"$base/people/password")
    for number in $(seq $((people + 1))); do  # one more, whose visit does not count
        local home="$base/people/p$number"
        mkdir -m 700 "$home"
        admin person add "p$number" --login "p$number" --link-only >"$home/link"
        answers "a quite long passphrase" "$home/answers"
        ssh-keygen -q -t ed25519 -N '' -f "$home/ssh"
        ssh-add -q "$home/ssh"
        REEVE_HOME="$home" "$base/bin/reeve" enrol --link-file "$home/link" --device laptop \
            --answers-file "$home/answers" --totp-secret-file "$home/totp"
        REEVE_HOME="$home" "$base/bin/reeve" factor ssh-key "$home/ssh.pub"
    done
    ssh-add -q -D
}

sign_ins() {
    bench sign-in --home "$base/alice" --seconds "$seconds" --pid "reeved=$reeved+" "$@"
}

by_factor() {
    local known=(--people "$base/people" --password-file "$base/people/password")
    for way in sshkey password+sshkey pam+sshkey; do
        for count in 1 16; do
            step "signing in with $way, $count at a time"
            sign_ins "${known[@]}" --with "$way" --connections "$count"
        done
    done
    step "strangers with wrong passwords, 16 at a time"
    sign_ins --with password+totp --connections 16 --name "refused, password+totp"
}

# Certificates with 1 and 16 connections: alone, then beside 64 strangers who try passwords.
flood() {
    local quiet during
    for count in 1 16; do
        step "certificates with $count connections, alone and while strangers try passwords"
        certificates "quiet" $count
        bench sign-in --home "$base/alice" --with password+totp --connections 64 --seconds $((seconds + 4)) \
            --name "the flood" &
        local strangers=$!
        sleep 2  # until the queue of hashes is full
        certificates "in a flood of sign-ins" $count
        wait $strangers
    done
    jq -sc 'map(select(.measure == "latency p99")) | group_by(.connections)[]
        | (map(select(.of != "quiet"))[0].value / map(select(.of == "quiet"))[0].value) as $ratio
        | {measure: "latency p99 against quiet", of: "certificates", value: ($ratio * 100 | round | . / 100),
           unit: "times", connections: .[0].connections}' "$base/figures"
}

certificates() {
    bench load --home "$base/alice" --to $host --as $login --connections "$2" --seconds "$seconds" --name "$1" |
        jq -c 'select(.measure == "rate" or (.measure | startswith("latency")))' | tee -a "$base/figures"
}

open_door() {
    step "a front door"
    "$base/bin/reeve-door" serve --data "$base/door/data" --user keyreeve-bench --listen "127.0.0.1:$door" \
        --server "https://127.0.0.1:$api" --root "$base/data/tls-root.pem" >"$base/log/door" 2>&1 &
    pids+=($!)
    waitfor grep -q '"serving"' "$base/log/door"
    echo "[127.0.0.1]:$door $(cat "$base/door/data/ssh_host_ed25519_key.pub")" >"$base/door/known_hosts"
}

# Each person comes once: a code counts once. An agent of its own, and what ssh asks is answered at once.
visit() {
    cat >"$base/door/askpass" <<'ASK'
#!/bin/sh
case "$1" in
*assword*) echo 'a quite long passphrase' ;;
*) oathtool --totp -b "$(cat "$VISITOR/totp")" -N "$(date -d '+30 sec' '+%F %T')" ;;
esac
ASK
    cat >"$base/door/visit" <<VISIT
#!/bin/bash
set -eu
number=\$(( \$(cat $base/door/count 2>/dev/null || echo 0) + 1 )); echo \$number >$base/door/count
export VISITOR=$base/people/p\$number SSH_ASKPASS=$base/door/askpass SSH_ASKPASS_REQUIRE=force
exec /usr/bin/ssh -F none -A -p $door -o UserKnownHostsFile=$base/door/known_hosts -o StrictHostKeyChecking=yes p\$number@127.0.0.1
VISIT
    chmod 755 "$base/door/askpass" "$base/door/visit"
    step "ssh -A to the door: $people people, one after the other"
    bench time --runs "$people" "ssh -A to the front door=$base/door/visit" 2>>"$base/log/commands"
    [ "$(ssh-add -l | grep -c CERT)" -gt "$people" ] || { echo "bench: not everybody got a certificate" >&3; exit 1; }
}

# People come to the door for certificates as the policy lets them.
let_in() {
    local everybody
    everybody=$(seq -s ", " -f "p%g" $((people + 1)))
    sed -e "s/web: \[alice\]/web: [alice], visitors: [$everybody]/" \
        -e '/name: staging/a\  - {name: visit, who: [group:visitors], to: [label:env=staging], as: [$self], for: 1h, with: [totp], door: true}' \
        "$base/admin/policy.yaml" >"$base/admin/with-door.yaml"
    admin policy apply "$base/admin/with-door.yaml"
}

command -v oathtool >/dev/null || { echo "bench: make setup installs oathtool" >&2; exit 2; }
prepare
machine
door=$(free_port)
settings=$(settings)
{ start_authority; start_host; sign_in; invite; } >"$base/log/setup" 2>&1
by_factor
flood
{ open_door; let_in; } >>"$base/log/setup" 2>&1
visit
