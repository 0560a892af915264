#!/bin/bash
# Docs/INSTALL.md, word by word, where systemd is process 1: started by units-check.sh. Each line of output is a thing seen.
set -euo pipefail
cd /root
. /root/lib.sh
export SYSTEMD_COLORS=0 SYSTEMD_PAGER=cat
units="reeve-signer reeved reeve-pam reeve-agent reeve-door"
started=$(date +%s)
# A minute at most, in place of ten seconds: other tests may keep the machine busy.
waitfor() {
    local since=$SECONDS
    until "$@" >/dev/null 2>&1; do
        [ $((SECONDS - since)) -lt 60 ] || { echo "gave up waiting for: $*" >&2; return 1; }
        sleep 0.05
    done
}
ended() {
    status=$?
    [ $status = 0 ] || {
        echo "units-check: failed; what systemd and the programs said:"
        systemctl status --no-pager --lines=0 $units || true
        journalctl --no-pager --lines=60 $(printf -- '--unit=%s ' $units) || true
    }
    exit $status
}
trap ended EXIT
seen() { printf '%3d s  %s\n' $(($(date +%s) - started)) "$*"; }
fail() { echo "units-check: $*" >&2; exit 1; }
admin() { REEVE_HOME=/root/admin SSH_AUTH_SOCK='' reeve "$@"; }
property() { systemctl show --value --property "$2" "$1"; }
is() { [ "$(property "$1" "$2")" = "$3" ] || fail "$1: $2 is $(property "$1" "$2"), not $3"; }
active() { systemctl is-active --quiet "$1"; }
readyz() { curl -s --cacert /etc/keyreeve/tls-root.pem https://ca.example.com:8443/readyz; }
ready() { curl -sf -o /dev/null --cacert /etc/keyreeve/tls-root.pem https://ca.example.com:8443/readyz; }
answers() { (exec 3<>/dev/tcp/127.0.0.1/222); }
unlock() { reeve-signer unlock --socket /run/reeve-signer/signer.sock --user reeve-signer --key-file /media/usb/signer.key; }

# Users and folders
systemd-sysusers && systemd-tmpfiles --create
[ "$(stat -c %U:%a /var/lib/keyreeve)" = keyreeve:700 ] || fail "/var/lib/keyreeve"
seen "users and folders: $(getent passwd keyreeve reeve-signer reeve-door | cut -d: -f1 | xargs)"

# Once
runuser -u reeve-signer -- reeve-signer init --data /var/lib/reeve-signer --key-file /run/reeve-signer/signer.key
mkdir -p /media/usb
mv /run/reeve-signer/signer.key /media/usb/signer.key
cat >>/etc/keyreeve/reeved.toml <<'TOML'

[server]
listen = "127.0.0.1:8443"
name = "ca.example.com"
admin = "ops"
TOML
systemctl enable --now reeve-signer reeved
waitfor active reeved
[ "$(curl -sk -o /dev/null -w '%{http_code}' https://ca.example.com:8443/livez)" != 200 ] || fail "served before it was unlocked"
unlock >/dev/null
waitfor test -s /var/lib/keyreeve/first-admin-link
install -m 644 /var/lib/keyreeve/tls-root.pem /etc/keyreeve/tls-root.pem
waitfor ready
seen "reeve-signer and reeved: enabled, sealed, unlocked, ready"

# The first admin
mkdir -m 700 admin alice bob
umask 077
printf 'password=correct horse staple battery\ntotp=auto\n' >admin/answers
admin enrol --link-file /var/lib/keyreeve/first-admin-link --device console --answers-file admin/answers --totp-secret-file admin/totp
admin whoami
seen "the first admin is enrolled"

# PAM as a factor
for person in alice bob; do useradd --create-home --shell /bin/sh $person; done
echo 'alice:her password of this machine' | chpasswd
usermod -p '*' bob
printf 'auth required pam_unix.so\naccount required pam_unix.so\n' >/etc/pam.d/reeve
systemctl enable --now reeve-pam
cat >>/etc/keyreeve/reeved.toml <<'TOML'

[sign_in]
ways = ["password+totp", "pam"]

[pam]
socket = "/run/reeve-pam/pam.sock"
TOML
systemctl restart reeved
waitfor ready
seen "reeve-pam: enabled; reeved restarted, and the signer is open as before"

# A host
ssh-keygen -A >/dev/null
systemctl enable --now ssh
admin host add web1.example.com --link-only | reeve-agent enrol --link-file -
systemctl enable --now reeve-agent
waitfor active reeve-agent
cat >admin/policy.yaml <<'POLICY'
groups: {admins: [ops], web: [alice, bob]}
grants:
  - {name: admins, who: [group:admins], to: [authority], as: [admin]}
  - {name: web, who: [group:web], to: [host:web1.example.com], as: [$self], for: 1h, door: true}
POLICY
for person in alice bob; do admin person add $person --login $person --link-only >$person/link; done
admin policy apply admin/policy.yaml
person() { REEVE_HOME=/root/$1 reeve "${@:2}"; }
for person in alice bob; do
    printf 'password=a quite long passphrase\ntotp=auto\n' >$person/answers
    person $person enrol --link-file $person/link --device laptop --answers-file $person/answers --totp-secret-file $person/totp
done
eval "$(ssh-agent -s)" >/dev/null
printf 'pam-1=not her password\n' >alice/answers
! person alice login --with pam --answers-file alice/answers 2>/dev/null || fail "a wrong password was taken"
printf 'pam-1=her password of this machine\n' >alice/answers
person alice login --with pam --answers-file alice/answers
person alice ssh-config >alice/ssh_config
: >alice/known_hosts.user
known=$(awk '$1 == "UserKnownHostsFile" { print $2 }' alice/ssh_config)
# login PERSON: alice by the files of reeve, bob by his agent alone; the host by its certificate.
login() {
    local config=none
    [ "$1" = bob ] || config=alice/ssh_config
    ssh -F $config -o BatchMode=yes -o UserKnownHostsFile="$known" "$1@web1.example.com" "${2:-id -un}"
}
[ "$(login alice)" = alice ] || fail "alice cannot log in"
seen "reeve-agent: a host is enrolled; alice signs in by pam_unix, and logs in by her certificate"

# sudo asks for the certificate
if command -v sudo >/dev/null; then
    groupadd operators
    usermod --append --groups operators alice
    (umask 0337; echo 'alice ALL=(ALL:ALL) ALL' >/etc/sudoers.d/alice)
    ! login alice 'sudo -n id -un' 2>/dev/null || fail "sudo asked nobody"
    reeve-agent sudo enable --group operators >/dev/null
    [ "$(login alice 'sudo -n id -un')" = root ] || fail "alice cannot act by her certificate"
    systemctl stop reeve-agent
    ! login alice 'sudo -n id -un' 2>/dev/null || fail "sudo without an agent"
    systemctl start reeve-agent
    waitfor login alice 'sudo -n id -un'
    seen "sudo: alice acts by the certificate of her login while the agent answers"
fi

# A front door
reeve-door keys --data /var/lib/reeve-door --address ca.example.com:222 >>/etc/keyreeve/reeved.toml
systemctl restart reeved
waitfor ready
printf 'SERVER=https://ca.example.com:8443\nLISTEN=127.0.0.1:222\nROOT=/etc/keyreeve/tls-root.pem\n' >/etc/keyreeve/door.env
systemctl enable --now reeve-door
waitfor answers
cat >bob/askpass <<'ANSWERS'
#!/bin/sh
case $1 in
*assword*) echo 'a quite long passphrase' ;;
*) oathtool --totp -b "$(cat /root/bob/totp)" -N "$(date -d '+30 sec' '+%F %T')" ;;
esac
ANSWERS
chmod 700 bob/askpass
printf '[ca.example.com]:222 %s\n' "$(cat /var/lib/reeve-door/ssh_host_ed25519_key.pub)" >bob/known_hosts
ssh-add -D 2>/dev/null
SSH_ASKPASS=/root/bob/askpass SSH_ASKPASS_REQUIRE=force ssh -A -F none -o UserKnownHostsFile=bob/known_hosts -p 222 bob@ca.example.com
[ "$(login bob)" = bob ] || fail "bob cannot log in with what the door gave him"
seen "reeve-door: bob, with stock ssh alone, has a certificate in his agent and logs in"

# What each may do
for unit in $units; do
    status=/proc/$(property $unit MainPID)/status
    user=$(id -nu "$(awk '/^Uid/ { print $3 }' "$status")")
    grep -q '^NoNewPrivs:.1$' "$status" || fail "$unit: may gain privileges"
    grep -q '^Seccomp:.2$' "$status" || fail "$unit: no filter of system calls"
    seen "$unit: user $user, capabilities $(awk '/^CapEff/ { print $2 }' "$status"), exposure $(systemd-analyze security --no-pager $unit | sed -n 's/.*: \([0-9.]*\) .*/\1/p' | tail -n 1)"
done

# Ended by force: each is back by itself, and works
for unit in reeve-door reeve-pam reeved reeve-agent; do
    before=$(property $unit MainPID)
    systemctl kill --signal=KILL $unit
    back() { [ "$(property $unit MainPID)" != "$before" ] && active $unit; }
    waitfor back
    is $unit NRestarts 1
done
waitfor ready
waitfor answers
person alice login --with pam --answers-file alice/answers >/dev/null
[ "$(login alice)" = alice ] || fail "alice cannot log in after that"
seen "killed: each is back, alice signs in and logs in"

# The signer comes back sealed
systemctl kill --signal=KILL reeve-signer
is_sealed() { ! ready && readyz | grep -q sealed; }
waitfor is_sealed
unlock >/dev/null
waitfor ready
seen "reeve-signer killed: sealed, unlocked, ready; reeved was not restarted"

# Or opened by systemd
mkdir -p /etc/credstore.encrypted
systemd-creds encrypt --name=signer.key /media/usb/signer.key /etc/credstore.encrypted/signer.key 2>/dev/null
mv /media/usb/signer.key /root/
systemctl restart reeve-signer
waitfor ready
seen "reeve-signer restarted: opened by the credential of systemd"

# Stopped, and started as at boot
for unit in $units; do
    systemctl stop $unit
    is $unit Result success
done
systemctl start multi-user.target
for unit in $units; do waitfor active $unit; done
waitfor ready
[ "$(login alice)" = alice ] || fail "alice cannot log in after the start"
seen "stopped without a fault, and started by multi-user.target: ready"

# The agent mends sshd, inside its unit
rm /etc/ssh/sshd_config.d/00-keyreeve.conf
systemctl restart reeve-agent
waitfor test -s /etc/ssh/sshd_config.d/00-keyreeve.conf
# sshd may just be reading its configuration: who is not let in tries again.
stay() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ssh -F "$1" -o BatchMode=yes -o UserKnownHostsFile="$known" "$2@web1.example.com" 'echo in; exec sleep 1000' >"$2/live" 2>&1 || true
        ! grep -qx in "$2/live" || return 1
        sleep 1
    done
}
stay alice/ssh_config alice &
alices=$!
stay none bob &
bobs=$!
waitfor grep -qx in alice/live
waitfor grep -qx in bob/live
admin revoke alice --reason "tried" --sessions --wait >revoked
grep -q '1 of 1 hosts enforce it after' revoked || fail "no receipt: $(cat revoked)"
grep -q '1 live session ended' revoked || fail "no session ended: $(cat revoked)"
! wait $alices || fail "alice's session ended by itself"
kill -0 $bobs 2>/dev/null || fail "bob's session ended too"
pkill -P $bobs
! login alice || fail "alice can still log in"
[ "$(login bob)" = bob ] || fail "bob is refused too"
seen "reeve-agent: the drop-in is there again; a revocation is enforced, and ends alice's session alone, told by the journal"

# A server that cannot start is tried again for ever; a signer is given up
cp /etc/keyreeve/reeved.toml .
echo 'listen = 7' >>/etc/keyreeve/reeved.toml
systemctl restart reeved 2>/dev/null || true
tried() { [ "$(property reeved NRestarts)" -ge 3 ]; }
waitfor tried
cp reeved.toml /etc/keyreeve/reeved.toml
waitfor ready
seen "a fault in the configuration: reeved is tried $(property reeved NRestarts) times, and is there once it is mended"
mv /var/lib/reeve-signer /var/lib/reeve-signer.away
systemctl restart reeve-signer
failed() { [ "$(property reeve-signer ActiveState)" = failed ]; }
waitfor failed
rm -rf /var/lib/reeve-signer
mv /var/lib/reeve-signer.away /var/lib/reeve-signer
systemctl reset-failed reeve-signer
systemctl start reeve-signer
waitfor ready
seen "keys that are not there: reeve-signer is given up after $(journalctl --no-pager -u reeve-signer | grep -c 'Scheduled restart job') restarts in all; back, ready"
