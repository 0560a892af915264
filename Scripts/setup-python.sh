#!/bin/sh
# Puts the counterparts that come from PyPI into environments below .build, each with a stamp of what it holds. Only tests need
# them: without a network those tests are skipped and say so.
set -u
cd "$(dirname "$0")/.."

environment() { # name, packages
    folder=.build/python-$1
    wanted=$2
    [ "$(cat "$folder/holds" 2>/dev/null)" = "$wanted" ] && return
    echo "setup: installing $wanted"
    # shellcheck disable=SC2086
    if python3 -m venv "$folder" >/dev/null 2>&1 && "$folder/bin/pip" install -q --disable-pip-version-check $wanted; then
        echo "$wanted" >"$folder/holds"
    else
        echo "setup: tests with $wanted will be skipped" >&2
    fi
}

environment oidc 'canaille[front,oidc,sqlite,scim,server,otp,fido] scim2-models<0.8 scim2-client<0.9 selenium'
environment scim 'scim2-cli==0.6.0 scim2-tester==0.5.2'
environment ssh 'ansible-core<2.18 paramiko<4 invoke asyncssh<3'
