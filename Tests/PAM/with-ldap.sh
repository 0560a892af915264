#!/bin/sh
# with-ldap.sh FOLDER PORT MODULES COMMAND…: runs the command on a machine of its own whose people are in a directory: slapd with
# alice and the stand-in, nslcd, and pam_ldap from MODULES (libpam-ldapd, unpacked). To be run by root in namespaces of its own:
# unshare -m -p --fork --kill-child --mount-proc --propagation private.
set -eu
folder=$1 port=$2 modules=$3
shift 3
mkdir -p "$folder/etc" "$folder/config" "$folder/data"
cp -a /etc/. "$folder/etc"
mount --bind "$folder/etc" /etc
mkdir -p /run/nslcd
mount -t tmpfs none /run/nslcd
cat >/etc/nslcd.conf <<END
uri ldap://127.0.0.1:$port
base dc=example,dc=com
END
chmod 600 /etc/nslcd.conf
slapadd -n0 -F "$folder/config" <<END
dn: cn=config
objectClass: olcGlobal
cn: config

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif
include: file:///etc/ldap/schema/cosine.ldif
include: file:///etc/ldap/schema/nis.ldif

dn: olcDatabase=mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: mdb
olcSuffix: dc=example,dc=com
olcDbDirectory: $folder/data
olcAccess: to attrs=userPassword by anonymous auth by * none
olcAccess: to * by * read
END
entry() {
    cat <<END

dn: uid=$1,dc=example,dc=com
objectClass: account
objectClass: posixAccount
objectClass: shadowAccount
cn: $1
uid: $1
uidNumber: $2
gidNumber: $2
homeDirectory: /nonexistent
loginShell: /bin/sh
userPassword: $3
END
}
{
    printf 'dn: dc=example,dc=com\nobjectClass: domain\ndc: example\n'
    entry alice 4711 "open sesame"
    entry reeve-nobody 4712 "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
} | slapadd -n1 -F "$folder/config"
slapd -F "$folder/config" -h "ldap://127.0.0.1:$port" -d 0 >"$folder/slapd.log" 2>&1 &
"$modules/usr/sbin/nslcd" -n >"$folder/nslcd.log" 2>&1 &
exec "$@"
