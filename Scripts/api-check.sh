#!/bin/bash
# Runs Schemathesis with openapi.yaml against a real reeved over TLS, signed in as an admin, enrolled as a host, and as an
# identity provider that pushes.
#
#   KEYREEVE_BIN=DIR      programs to check (default: the debug build)
#   API_EXAMPLES=20       examples per operation       API_SEED=1   where chance begins
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/lib.sh
bin=${KEYREEVE_BIN:-$PWD/.build/debug}
venv=$PWD/.build/schemathesis
base=$(mktemp -d /tmp/keyreeve-api.XXXXXX)
server=
finish() {
    status=$?
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$base"
    exit $status
}
trap finish EXIT

if ! "$venv/bin/schemathesis" --version >/dev/null 2>&1; then
    echo "api-check: installing Schemathesis into $venv"
    python3 -m venv "$venv"
    if ! "$venv/bin/pip" install -q 'schemathesis==4.32.5' cryptography pyyaml 2>"$base/pip"; then
        echo "api-check: SKIPPED, Schemathesis cannot be installed: $(tail -n 1 "$base/pip")"
        exit 0
    fi
fi

port=$(free_port)
chmod 755 "$base"
cat > "$base/reeved.toml" <<'TOML'
[limits]
requests_per_source = 1000000
requests_per_identity = 1000000
[sign_in]
ways = ["password+totp", "password+webauthn", "password+device", "sshkey+totp"]
TOML
user=()
[ "$(id -u)" != 0 ] || user=(--user nobody)
"$bin/reeved" serve --data "$base/data" --config "$base/reeved.toml" --listen "127.0.0.1:$port" --admin boss "${user[@]}" \
    > "$base/log" 2>&1 &
server=$!
waitfor curl -skf "https://localhost:$port/livez" || { tail "$base/log"; exit 1; }

# What the machine says of proxies and roots is not about a server on loopback.
unset REQUESTS_CA_BUNDLE CURL_CA_BUNDLE SSL_CERT_FILE
export NO_PROXY=localhost no_proxy=localhost
export KEYREEVE_URL=https://localhost:$port KEYREEVE_ROOT=$base/data/tls-root.pem KEYREEVE_LINK=$base/data/first-admin-link
export PYTHONPATH=$PWD/Scripts/schemathesis PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=hooks
cd "$base"
"$venv/bin/schemathesis" --config-file "$PYTHONPATH/schemathesis.toml" run "$OLDPWD/openapi.yaml" \
    --url "$KEYREEVE_URL" --tls-verify "$KEYREEVE_ROOT" --phases examples,coverage,fuzzing,stateful --checks all \
    --request-timeout 60 --max-examples "${API_EXAMPLES:-20}" --seed "${API_SEED:-1}" --continue-on-failure --warnings off \
    --generation-database none "$@"
if grep -q '"level":"error"' "$base/log"; then
    echo "api-check: the server's log has errors:"
    grep '"level":"error"' "$base/log" | head
    exit 1
fi
