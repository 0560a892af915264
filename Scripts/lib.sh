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

# PostgreSQL servers of a script's own, each in a folder with data, log and Unix socket; PostgreSQL does not run as root.
postgres_programs=/usr/lib/postgresql/15/bin
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups env -C / "$@"; }

# postgres_folder FOLDER
postgres_folder() { install -d -m 755 -o postgres -g postgres "$1" "$1/socket"; }

# postgres_init FOLDER: an empty primary, as Debian's defaults make it.
postgres_init() {
    postgres_folder "$1"
    as_postgres $postgres_programs/initdb -D "$1/data" -U keyreeve -A trust -E UTF8 --locale=C >/dev/null
}

# postgres_follow FOLDER PRIMARY: a standby of the server in the folder PRIMARY.
postgres_follow() {
    postgres_folder "$1"
    as_postgres $postgres_programs/pg_basebackup -h "$2/socket" -U keyreeve -D "$1/data" -R -X stream -c fast
}

# postgres_start FOLDER SETTING=VALUE…: returns when it answers.
postgres_start() {
    local folder=$1 options=()
    shift
    for setting in "$@"; do options+=(-c "$setting"); done
    as_postgres $postgres_programs/pg_ctl start -D "$folder/data" -l "$folder/log" -w -s -t 30 \
        -o "-c listen_addresses= -c unix_socket_directories=$folder/socket ${options[*]}"
}

# postgres_pid FOLDER: of the process that all others of this server come from.
postgres_pid() { head -n 1 "$1/data/postmaster.pid"; }

# postgres_kill FOLDER: SIGKILL to the server and to all that it started.
postgres_kill() {
    local pid segment
    pid=$(postgres_pid "$1")
    segment=$(awk 'NR == 7 { print $2 }' "$1/data/postmaster.pid")
    # shellcheck disable=SC2046
    kill -9 "$pid" $(pgrep -P "$pid")
    # A server that starts again would take this over; one that does not leaves it behind.
    ipcrm -m "$segment" 2>/dev/null || true
}

# postgres_end FOLDER: at once, without a word to anybody; also where it does not run.
postgres_end() { as_postgres $postgres_programs/pg_ctl stop -D "$1/data" -m immediate -s -t 10 2>/dev/null || true; }

# sql FOLDER STATEMENT
sql() { psql -XqAt -v ON_ERROR_STOP=1 -h "$1/socket" -U keyreeve -d postgres -c "$2"; }

# postgres_address FOLDER…: of whichever of these servers may be written to.
postgres_address() {
    local folder hosts=""
    for folder in "$@"; do hosts+="${hosts:+,}${folder//\//%2F}%2Fsocket"; done
    echo "postgresql://keyreeve@/postgres?host=$hosts&target_session_attrs=read-write"
}
