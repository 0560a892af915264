# What the benches stand on: an authority, a person, a host and a real sshd on loopback, as in demo.sh. Source it; what is
# made is gone when the script ends.

bin=${KEYREEVE_BIN:-$PWD/.build/release}
seconds=${BENCH_SECONDS:-10}
connections=${BENCH_CONNECTIONS:-1 16 64}
logins=${BENCH_LOGINS:-25}
host=web1.example.com
login=keyreeve-bench-alice
base=$(mktemp -d /var/lib/keyreeve-bench.XXXXXX)
pids=()
finish() {
    status=$?
    set +e
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    [ $status = 0 ] || { echo "bench: failed; the last lines of the logs:"; tail -n 15 "$base"/log/* 2>&1; } >&3
    userdel $login 2>/dev/null
    userdel keyreeve-bench 2>/dev/null
    rm -rf "$base"
    exit $status
}
trap finish EXIT
exec 3>&2
step() { echo "bench: $*" >&3; }
bench() { "$base/bin/reeve-bench" "$@"; }
# answers PASSWORD FILE: what `reeve` would ask a person; it takes no file that others can read.
answers() { (umask 077; printf 'password=%s\ntotp=auto\n' "$1" > "$2"); }
admin() { REEVE_HOME="$base/admin" SSH_AUTH_SOCK='' "$base/bin/reeve" "$@"; }

prepare() {
    chmod 755 "$base"
    mkdir -p "$base"/{bin,log,admin,alice,agent,sshd/sshd_config.d,plain/sshd_config.d} /run/sshd
    chmod 700 "$base/admin" "$base/alice"
    install -m 755 "$bin"/{reeved,reeve-signer,reeve,reeve-fetch,reeve-agent,reeve-principals,reeve-pam,reeve-door,reeve-bench} "$base/bin/"
    useradd --system --no-create-home --shell /usr/sbin/nologin keyreeve-bench
    useradd --no-create-home --home-dir /tmp --shell /bin/sh $login
    usermod -p '*' $login
    eval "$(ssh-agent -s)" >/dev/null
    pids+=("$SSH_AGENT_PID")
    export REEVE_HOME="$base/alice"
}

machine() {
    jq -nc --arg cpu "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)" \
        --arg kernel "$(uname -sr)" --arg openssh "$(ssh -V 2>&1)" --argjson cores "$(nproc)" \
        --argjson memory "$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" \
        --argjson load "$(cut -d' ' -f1 /proc/loadavg)" \
        '{measure: "machine", of: $cpu, value: $cores, unit: "cores", memoryMB: $memory, load: $load,
          kernel: $kernel, openssh: $openssh}'
    bench sync --folder "$base"
}

start_authority() {
    step "an authority with an admin, a person and a policy"
    api=$(free_port)
    # One person, from one address, asks for all that the server can do.
    printf '[limits]\nrequests_per_identity = 1000000\nrequests_per_source = 1000000\n%s\n' "${settings:-}" > "$base/reeved.toml"
    "$base/bin/reeved" serve --data "$base/data" --config "$base/reeved.toml" --user keyreeve-bench \
        --listen "127.0.0.1:$api" --admin root-admin >"$base/log/reeved" 2>&1 &
    reeved=$!
    pids+=("$reeved")
    waitfor test -s "$base/data/first-admin-link"
    waitfor curl -skf "https://127.0.0.1:$api/livez"
    signer=$(pgrep -P "$reeved" -f reeve-signer)
    answers "correct horse staple battery" "$base/admin/answers"
    admin enrol --link-file "$base/data/first-admin-link" --device console \
        --answers-file "$base/admin/answers" --totp-secret-file "$base/admin/totp"
    admin person add alice --login $login --link-only > "$base/alice/link"
    admin host add $host --alias web1 --label env=staging --link-only > "$base/agent/link"
    cat > "$base/admin/policy.yaml" <<POLICY
groups: {admins: [root-admin], web: [alice]}
grants:
  - {name: admins, who: [group:admins], to: [authority], as: [admin]}
  - {name: staging, who: [group:web], to: [label:env=staging], as: [\$self], for: 1h, devices: enrolled, with: [totp]}
tests:
  - {who: alice, to: $host, as: $login, with: [totp], device: enrolled, expect: allowed}
POLICY
    admin policy apply "$base/admin/policy.yaml"
}

start_host() {
    step "a host with its agent and sshd, and an sshd that knows a static key"
    port=$(free_port)
    ssh-keygen -q -t ed25519 -N '' -f "$base/sshd/ssh_host_ed25519_key"
    { sshd_config "$base/sshd" "$port"; printf 'AuthorizedKeysFile none\nMaxStartups 100\n'; } > "$base/sshd/sshd_config"
    local flags=(--data "$base/agent/data" --sshd-config "$base/sshd/sshd_config"
        --drop-in "$base/sshd/sshd_config.d/00-keyreeve.conf")
    "$base/bin/reeve-agent" enrol "${flags[@]}" --link-file "$base/agent/link"
    "$base/bin/reeve-agent" run "${flags[@]}" >"$base/log/agent" 2>&1 &
    agent=$!
    plain=$(free_port)
    ssh-keygen -q -t ed25519 -N '' -f "$base/plain/key"
    cp "$base/sshd/ssh_host_ed25519_key" "$base/plain/"
    install -m 644 "$base/plain/key.pub" "$base/plain/authorized_keys"
    { sshd_config "$base/plain" "$plain"; printf 'AuthorizedKeysFile %s\nMaxStartups 100\n' "$base/plain/authorized_keys"; } \
        > "$base/plain/sshd_config"
    echo "[127.0.0.1]:$plain $(cat "$base/sshd/ssh_host_ed25519_key.pub")" > "$base/plain/known_hosts"
    /usr/sbin/sshd -D -e -f "$base/sshd/sshd_config" >"$base/log/sshd" 2>&1 &
    pids+=("$agent" $!)
    /usr/sbin/sshd -D -e -f "$base/plain/sshd_config" >"$base/log/sshd-plain" 2>&1 &
    pids+=($!)
    waitfor test -s "$base/sshd/sshd.pid"
    waitfor test -s "$base/plain/sshd.pid"
}

sign_in() {
    answers "a quite long passphrase" "$base/alice/answers"
    "$base/bin/reeve" enrol --link-file "$base/alice/link" --device laptop \
        --answers-file "$base/alice/answers" --totp-secret-file "$base/alice/totp"
    "$base/bin/reeve" login --if-needed
    "$base/bin/reeve" ssh-config > "$base/alice/ssh_config"
}
