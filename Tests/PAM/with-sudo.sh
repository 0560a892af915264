#!/bin/sh
# with-sudo.sh FOLDER LINE COMMAND…: runs the command where /etc is a copy, with people and rules of sudo of the test. With LINE
# (a module and its arguments) sshd tells it of logins, and sudo asks nobody else; where it is empty, the stacks are Debian's.
# To be run by root in a mount namespace of its own: unshare -m --propagation private.
set -eu
folder=$1 line=$2
shift 2
mkdir -p "$folder/etc" /run/sudo
cp -a /etc/. "$folder/etc"
mount --bind "$folder/etc" /etc
mount -t tmpfs -o mode=711 tmpfs /run/sudo
for person in deploy:4711 other:4712; do
    useradd --no-create-home --home-dir / --shell /bin/sh --uid "${person#*:}" "${person%:*}"
    usermod -p '*' "${person%:*}"
done
useradd --no-create-home --home-dir / --shell /bin/sh --non-unique --uid 0 toor
groupadd ops
usermod --groups ops deploy
echo 'other:their own password' | chpasswd
# Whatever sshd's audit session is: each login gets its own.
sed -i 's/^session *required *pam_loginuid.so/session optional pam_loginuid.so/' /etc/pam.d/sshd
cat >/etc/sudoers.d/test <<END
deploy,toor ALL=(ALL:ALL) PASSWD: ALL, NOPASSWD: /usr/bin/id
other ALL=(ALL:ALL) PASSWD: ALL, NOPASSWD: /usr/bin/sudo
END
chmod 440 /etc/sudoers.d/test
[ -n "$line" ] || exec "$@"
sed -i "1i session optional $line" /etc/pam.d/sshd
echo "session optional $line" >>/etc/pam.d/sshd
printf 'auth required %s\naccount required %s\nsession required pam_permit.so\n' "$line" "$line" >/etc/pam.d/sudo
echo 'Defaults timestamp_timeout=0, noninteractive_auth, passwd_tries=1' >/etc/sudoers.d/test-defaults
exec "$@"
