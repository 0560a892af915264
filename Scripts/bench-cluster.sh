#!/bin/bash
# Measures PostgreSQL against SQLite, and three servers against one, as JSON lines on standard output (Docs/PERFORMANCE.md
# says how to read them); progress on standard error. Loopback and Unix sockets only; cleans up after itself.
#
#   KEYREEVE_BIN=DIR     programs to measure (default: the release build)
#   BENCH_SECONDS=10     length of each load          BENCH_CONNECTIONS="1 16 64"
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
[ "$(id -u)" = 0 ] || { echo "bench: needs root, to become other users: sudo make bench-cluster" >&2; exit 2; }

bin=${KEYREEVE_BIN:-$PWD/.build/release}
seconds=${BENCH_SECONDS:-10}
connections=${BENCH_CONNECTIONS:-1 16 64}
host=web1.example.com
login=alice
user=keyreeve-bench
base=$(mktemp -d /var/lib/keyreeve-bench.XXXXXX)
pids=()
declare -A reeved ports
finish() {
    status=$?
    set +e
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    [ -d "$base/postgres/data" ] && postgres_end "$base/postgres"
    [ $status = 0 ] || { echo "bench: failed; the last lines of the logs:"; tail -n 15 "$base"/log/* "$base/postgres/log"; } >&3 2>&3
    userdel $user 2>/dev/null
    rm -rf "$base"
    exit $status
}
trap finish EXIT
exec 3>&2
step() { echo "bench: $*" >&3; }
bench() { "$base/bin/reeve-bench" "$@"; }
as() { REEVE_HOME="$base/$1/$2" SSH_AUTH_SOCK='' "$base/bin/reeve" "${@:3}"; }
# figure MEASURE OF VALUE UNIT [JSON]
figure() { jq -nc --arg m "$1" --arg of "$2" --argjson v "$3" --arg u "$4" "{measure: \$m, of: \$of, value: \$v, unit: \$u} + ${5:-{\}}"; }
database() { psql -XqAt -v ON_ERROR_STOP=1 -d "$address" -c "$1"; }

# serve KIND NAME ARGUMENT…: a server of an installation, with the signer that its kind shares.
serve() {
    local kind=$1 name=$2
    ports[$name]=$(free_port)
    "$base/bin/reeved" serve --data "$base/$kind/$name" --config "$base/$kind/config.toml" --user $user \
        --listen "127.0.0.1:${ports[$name]}" "${@:3}" >>"$base/log/$name" 2>&1 &
    reeved[$name]=$!
    pids+=($!)
    waitfor curl -skf "https://127.0.0.1:${ports[$name]}/readyz"
}

# install_one KIND [DATABASE]: an installation with a signer, one server, an admin, a host and a person who is signed in.
install_one() {
    local kind=$1 name="$1-1" home="$base/$1"
    install -d -m 755 "$home"
    install -d -m 700 "$home/admin" "$home/alice"
    install -d -m 700 -o $user "$home/signer" "$home/$name"
    # One person asks for all that the servers can do.
    printf '[limits]\nrequests_per_identity = 1000000\n[signer]\nsocket = "%s"\n' "$home/signer/signer.sock" \
        > "$home/config.toml"
    if [ -n "${2-}" ]; then printf '[server]\ndatabase = "%s"\n' "$2" >> "$home/config.toml"; fi
    setpriv --reuid=$user --clear-groups --inh-caps=-all "$base/bin/reeve-signer" init --data "$home/signer" \
        --key-file "$home/signer/signer.key"
    "$base/bin/reeve-signer" serve --data "$home/signer" --key-file "$home/signer/signer.key" \
        --socket "$home/signer/signer.sock" --user $user >"$base/log/signer-$kind" 2>&1 &
    reeved[signer-$kind]=$!
    pids+=($!)
    serve "$kind" "$name" --admin root-admin
    (umask 077
        printf 'password=correct horse staple battery\ntotp=auto\n' > "$home/admin/answers"
        printf 'password=a quite long passphrase\ntotp=auto\n' > "$home/alice/answers"
        as "$kind" admin enrol --link-file "$home/$name/first-admin-link" --device console \
            --answers-file "$home/admin/answers" --totp-secret-file "$home/admin/totp"
        as "$kind" admin person add alice --login $login --link-only > "$home/alice/link"
        as "$kind" admin host add $host --label env=staging --link-only >/dev/null
        cat > "$home/policy.yaml" <<POLICY
groups: {admins: [root-admin], web: [alice]}
grants:
  - {name: admins, who: [group:admins], to: [authority], as: [admin]}
  - {name: staging, who: [group:web], to: [label:env=staging], as: [\$self], for: 1h, devices: enrolled, with: [totp]}
POLICY
        as "$kind" admin policy apply "$home/policy.yaml"
        as "$kind" alice enrol --link-file "$home/alice/link" --device laptop --answers-file "$home/alice/answers" \
            --totp-secret-file "$home/alice/totp")
}

prepare() {
    chmod 755 "$base"
    install -d -m 755 "$base/bin" "$base/log"
    install -m 755 "$bin"/{reeved,reeve-signer,reeve,reeve-bench} "$base/bin/"
    useradd --system --no-create-home --shell /usr/sbin/nologin $user
    postgres_init "$base/postgres"
    postgres_start "$base/postgres"
    address=$(postgres_address "$base/postgres")
    install_one sqlite
    install_one cluster "$address"
    for number in 2 3; do
        install -d -m 700 -o $user "$base/cluster/cluster-$number"
        cp -p "$base"/cluster/cluster-1/{sealing.key,origin,tls-root.pem} \
            "$base/cluster/cluster-$number"
        serve cluster "cluster-$number"
    done
}

# load NAME CONNECTIONS ARGUMENT…
load() {
    bench load --name "$1" --connections "$2" --seconds "$seconds" --to $host --as $login "${@:3}" | tee -a "$base/figures"
}

# on_postgres NAME CONNECTIONS SERVER…: with the size of the groups that shared a transaction.
on_postgres() {
    local name=$1 count=$2 arguments=(--home "$base/cluster/alice") server before after
    shift 2
    for server in "$@"; do
        arguments+=(--url "https://localhost:${ports[$server]}" --pid "$server=${reeved[$server]}")
    done
    before=$(written)
    load "$name" "$count" "${arguments[@]}" --pid "reeve-signer=${reeved[signer-cluster]}" \
        --pid "postgres=$(postgres_pid "$base/postgres")+"
    # The counters are of what ended a moment ago at the latest.
    after=$(written)
    group=$(jq -n --argjson a "[$before]" --argjson b "[$after]" '($b[0] - $a[0]) / ([$b[1] - $a[1], 1] | max)')
    figure "certificates per transaction" "$name" "$group" "certificates" "{connections: $count}" | tee -a "$base/figures"
}

# Certificates kept, and transactions that wrote.
written() {
    sleep 1.2
    database "SELECT sum(n_tup_ins) FILTER (WHERE relname = 'certificate') || ',' ||
        sum(n_tup_upd) FILTER (WHERE relname = 'keyreeve_writer') FROM pg_stat_user_tables WHERE schemaname = 'public'"
}

# limit NAME CONNECTIONS GROUP: the same rows in transactions of as many, by nothing but pgbench: one connection as
# there is one that writes, its statements sent without waiting for answers, the lock taken as reeved takes it.
limit() {
    local name=$1 count=$2 group script=$base/limit.sql tps
    group=$(jq -n "[$3 | round, 1] | max")
    {
        echo 'BEGIN;'
        echo '\startpipeline'
        echo 'SELECT pg_advisory_xact_lock(7);'
        echo 'UPDATE bench.keyreeve_writer SET mark = mark + 1;'
        for _ in $(seq "$group"); do cat "$base/rows.sql"; done
        echo 'UPDATE bench.ledger_head SET size = size + 1;'
        echo '\endpipeline'
        echo 'COMMIT;'
    } > "$script"
    tps=$(pgbench -n -M prepared -c 1 -T "$seconds" -f "$script" "$address" 2>>"$base/log/pgbench" \
        | awk '/^tps = / { print $3 }')
    figure "group-commit limit" "$name" "$(jq -n "$tps * $group")" "certificates/s" \
        "{connections: $count, group: $group, transactions: $tps}" | tee -a "$base/figures"
}

# The rows of one certificate, in tables of their own with the same columns and indexes. To pgbench a colon begins a
# variable.
limit_tables() {
    local table
    database "CREATE SCHEMA bench"
    database "CREATE SEQUENCE bench.n"
    for table in certificate event claim ledger_head keyreeve_writer; do
        database "CREATE TABLE bench.$table (LIKE public.$table INCLUDING ALL)"
    done
    database "INSERT INTO bench.ledger_head SELECT * FROM public.ledger_head"
    database "INSERT INTO bench.keyreeve_writer SELECT * FROM public.keyreeve_writer LIMIT 1"
    {
        database "SELECT format('INSERT INTO bench.certificate VALUES (nextval(''bench.n''), %L, %L, %L, %L, %L, %L, %L, %L, %L);',
            authority, replace(identity, ':', ' '), replace(device, ':', ' '), grant_name, session, issued_at, valid_before, key_prefix, bytes)
            FROM public.certificate ORDER BY serial DESC LIMIT 1"
        database "SELECT format('INSERT INTO bench.event VALUES (nextval(''bench.n''), %L, %L);', leaf_hash, bytes)
            FROM public.event ORDER BY idx DESC LIMIT 1"
        database "SELECT format('INSERT INTO bench.claim VALUES (sha256(int8send(nextval(''bench.n''))), %L, %L, %s, %s, %L);',
            body_hash, reply, idx, tree_size, not_after) FROM public.claim ORDER BY idx DESC NULLS LAST LIMIT 1"
    } > "$base/rows.sql"
}

compare() {
    for count in $connections; do
        step "$count connections: SQLite, PostgreSQL, PostgreSQL with three servers, the engine alone"
        load "SQLite" "$count" --home "$base/sqlite/alice" --pid "reeved=${reeved[sqlite-1]}" \
            --pid "reeve-signer=${reeved[signer-sqlite]}"
        on_postgres "PostgreSQL" "$count" cluster-1
        [ -e "$base/rows.sql" ] || limit_tables
        limit "PostgreSQL" "$count" "$group"
        [ "$count" -ge 3 ] || continue
        on_postgres "PostgreSQL, three servers" "$count" cluster-{1,2,3}
        limit "PostgreSQL, three servers" "$count" "$group"
    done
    jq -sc 'group_by([.of, .connections])[] | select(any(.measure == "group-commit limit"))
        | (map(select(.measure == "rate"))[0].value / map(select(.measure == "group-commit limit"))[0].value) as $share
        | {measure: "rate against group-commit limit", of: .[0].of, value: ($share * 1000 | round | . / 10), unit: "%",
           connections: .[0].connections}' "$base/figures"
    jq -sc 'map(select(.measure == "rate" or .measure == "server CPU")) | group_by([.measure, .connections])[]
        | (map(select(.of == "SQLite"))[0].value) as $sqlite | .[] | select(.of != "SQLite")
        | {measure: (.measure + " against SQLite"), of, value: (.value / $sqlite * 1000 | round | . / 10), unit: "%", connections}' \
        "$base/figures"
}

# What each connection of reeved holds on the server of its own and its share of what all have; and what one costs a
# client of libpq.
memory() {
    step "memory of connections"
    local pid few many
    for pid in $(database "SELECT pid FROM pg_stat_activity WHERE application_name = 'keyreeve'"); do
        awk '/^Pss:/ { print $2 * 1.024 / 1000 }' "/proc/$pid/smaps_rollup"
    done | sort -n | jq -sc '{measure: "Pss of a connection", of: "postgres", value: (add / length), unit: "MB",
        min: .[0], max: .[-1], count: length}'
    few=$(client_memory 1)
    many=$(client_memory 81)
    figure "memory of a connection" "libpq client" "$(jq -n "($many - $few) / 80")" "MB"
}

# client_memory CONNECTIONS: RSS of a client with so many, in MB.
client_memory() {
    local client
    echo 'SELECT pg_sleep(0.2);' > "$base/idle.sql"
    pgbench -n -c "$1" -j 1 -T 4 -f "$base/idle.sql" "$address" >/dev/null 2>>"$base/log/pgbench" &
    client=$!
    sleep 2.5
    awk '/^VmRSS:/ { print $2 * 1.024 / 1000 }' "/proc/$client/status"
    wait "$client"
}

machine() {
    jq -nc --arg cpu "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)" --arg when "$1" \
        --arg postgres "$(database 'SHOW server_version')" --argjson cores "$(nproc)" \
        --argjson load "$(cut -d' ' -f1 /proc/loadavg)" \
        '{measure: "machine", of: $cpu, value: $cores, unit: "cores", load: $load, when: $when, postgres: $postgres}'
}

step "two installations, one on SQLite and one on PostgreSQL with three servers"
prepare >"$base.setup" 2>&1 || { cat "$base.setup" >&3; rm -f "$base.setup"; exit 1; }
rm -f "$base.setup"
machine before
bench sync --folder "$base"
compare
memory
machine after
