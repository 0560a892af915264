#!/bin/bash
# Makes the golden vectors of SSHFormats with OpenSSH's own tools. Written with OpenSSH_9.2p1 (Debian 12), packages
# openssh-client and openssh-tests (for FIDO keys without a token). Run it in an empty folder and copy what it makes; the keys
# are new each time. They guard nothing.
set -euo pipefail
export TZ=UTC SSH_SK_PROVIDER=/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so
key() { ssh-keygen -q -N '' -C "$1" -f "$1" "${@:2}"; }

ssh -V 2>version.txt

# Keys, and what ssh-keygen -l says of them.
key ed25519 -t ed25519
key ecdsa -t ecdsa -b 256
key rsa -t rsa -b 3072
key sk-ed25519 -t ed25519-sk
key sk-ecdsa -t ecdsa-sk
key rsa-2048 -t rsa -b 2048
key rsa-1024 -t rsa -b 1024
key ecdsa-384 -t ecdsa -b 384
key dsa -t dsa
ssh-keygen -q -t ed25519 -N secret -C locked -f locked
rm dsa ecdsa-384 rsa-1024 rsa-2048
for k in *.pub; do ssh-keygen -l -f "$k"; done >fingerprints.txt

# Certificates: each kind of key by each kind of authority, and each option.
cert() { # NAME AUTHORITY KEY [more]
    cp "$3.pub" "$1.pub"
    ssh-keygen -q -s "$2" "${@:4}" "$1.pub"
    rm "$1.pub"
    ssh-keygen -L -f "$1-cert.pub" | tail -n +2 >"$1-cert.txt"
}
valid=(-V 20240101000000:20240102030405)
cert user ed25519 ed25519 -I 'alice@laptop' -n alice,deploy@web1.example.com -z 1 "${valid[@]}"
cert ecdsa-by-rsa rsa ecdsa -I 'key id "with" quotes' -n bob -z 18446744073709551615 "${valid[@]}"
cert rsa-by-ecdsa ecdsa rsa -I rsa -n carol -z 2 "${valid[@]}"
cert rsa256 rsa ed25519 -I rsa256 -n carol -z 3 "${valid[@]}" -t rsa-sha2-256
cert sha1 rsa ed25519 -I sha1 -n carol -z 3 "${valid[@]}" -t ssh-rsa
cert for-sk-ed25519 ed25519 sk-ed25519 -I sk -n alice -z 4 "${valid[@]}" -O no-touch-required -O verify-required
cert for-sk-ecdsa ed25519 sk-ecdsa -I sk -n alice -z 5 "${valid[@]}"
cert by-sk-ed25519 sk-ed25519 ed25519 -I sk -n alice -z 6 "${valid[@]}"
cert by-sk-ecdsa sk-ecdsa ed25519 -I sk -n alice -z 7 "${valid[@]}"
cert host ed25519 ecdsa -h -I web1 -n web1.example.com,192.0.2.1 -z 8 "${valid[@]}"
cert forever ed25519 ed25519 -I forever -n alice -z 9 -V always:forever
cert nobody ed25519 ed25519 -I nobody "${valid[@]}"
cert demands ed25519 ed25519 -I demands -n alice -z 10 "${valid[@]}" -O clear \
    -O 'force-command=/bin/echo "a, b"' -O source-address=10.0.0.0/8,192.0.2.1,2001:db8::/32 -O permit-pty
cert unknown ed25519 ed25519 -I unknown -n alice -z 11 "${valid[@]}" -O critical:zz@example.com \
    -O critical:aa@example.com=text -O extension:login@example.com=alice -O extension:flag@example.com
cert principals-256 ed25519 ed25519 -I many -n "$(seq -s, -f 'p%g' 256)" -z 12 "${valid[@]}"

# Revocation lists, and what ssh-keygen -Q -l says of them.
krl() { # NAME [lines of a specification on stdin]
    ssh-keygen -q -k -f "$1.krl" -s ed25519.pub -z "$2" -
    ssh-keygen -Q -l -f "$1.krl" | grep -v '^# Generated' >"$1.krl.txt"
}
printf 'serial: %s\n' 1 5 1000000000000 | krl list 1
printf 'serial: %s\n' 100-5000 9-9000000000 18446744073709551615 | krl range 2
seq -f 'serial: %g' 100 3 3000 | krl bitmap 3
printf 'id: %s\n' 'alice@laptop' 'b c' | krl ids 4
sed 's/^/key: /' ecdsa.pub sk-ecdsa.pub | krl keys 5
{ echo "key: $(cat ecdsa.pub)"; echo "sha1: $(cat rsa.pub)"; echo "sha256: $(cat sk-ed25519.pub)"; } | krl hashes 6
printf '' | krl empty 7

# Known hosts with hashed names.
{ echo "web1.example.com,192.0.2.1 $(cat ed25519.pub)"; echo "[web2]:2222 $(cat ecdsa.pub)"; } >hashed.known_hosts
ssh-keygen -q -H -f hashed.known_hosts
rm -f hashed.known_hosts.old

# Keys on the greater curves, with certificates, and weak keys.
key ecdsa384 -t ecdsa -b 384
key ecdsa521 -t ecdsa -b 521
for k in ecdsa384 ecdsa521; do ssh-keygen -l -f "$k.pub"; done >>fingerprints.txt
cert ecdsa384-by-521 ecdsa521 ecdsa384 -I curves -n alice -z 13 "${valid[@]}"
cert ecdsa521-by-384 ecdsa384 ecdsa521 -I curves -n alice -z 14 "${valid[@]}"
python3 "$(dirname "$0")/weak.py"
