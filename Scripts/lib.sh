# Shell functions of the scripts that run Keyreeve against a real sshd; source it.

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# waitfor COMMAND…: until it succeeds, 10 s at most.
waitfor() {
    for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done
    echo "gave up waiting for: $*" >&2
    return 1
}

# sshd_config FOLDER PORT: an sshd on loopback, as plain as it can be.
sshd_config() {
    cat <<CONFIG
Include $1/sshd_config.d/*.conf
Port $2
ListenAddress 127.0.0.1
HostKey $1/ssh_host_ed25519_key
PidFile $1/sshd.pid
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
LogLevel ERROR
CONFIG
}
