#!/bin/bash
# Started by units-check.sh, as process 1 of namespaces of its own: makes a root whose changes are in memory alone, puts the
# packaged install there, and becomes systemd.   units-boot.sh FOLDER PROGRAMS
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
base=$1
mount -t tmpfs -o mode=755 tmpfs "$base/memory"
mkdir "$base"/memory/{upper,work,root}
root=$base/memory/root
mount -t overlay -o "lowerdir=/,upperdir=$base/memory/upper,workdir=$base/memory/work" overlay "$root"

# Nothing that this machine starts or keeps comes along: its units, its runlevels, a Keyreeve that is installed.
rm -rf "$root"/etc/systemd/system/* "$root"/etc/rc[0-9S].d/* "$root"/etc/{credstore.encrypted,keyreeve}
rm -rf "$root"/var/lib/{keyreeve,reeve-signer,reeve-door,reeve-agent} "$root"/var/log/journal
rm -rf "$root"/etc/ssh/{sshd_config.d/*,ssh_host_*} "$root/usr/sbin/policy-rc.d" "$root/etc/pam.d/reeve"
cp "$root/usr/share/openssh/sshd_config" "$root/etc/ssh/"
make -s install BIN="$2" PREFIX=/usr DESTDIR="$root"
cp Scripts/lib.sh Scripts/units-journey.sh "$root/root/"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
printf '127.0.0.1 localhost ca.example.com web1.example.com\n' >"$root/etc/hosts"
hostname ca

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root"/dev/{pts,shm}
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "$root/dev/${number#*:}"; done
ip link set lo up

cd "$root"
mkdir -p mnt/before
pivot_root . mnt/before
umount -l mnt/before
# What systemd mounts for a unit reaches the others, credentials for one; where it is no container it sees to that itself.
mount --make-rshared /
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=keyreeve-units \
    /lib/systemd/systemd --unit=multi-user.target </dev/null
