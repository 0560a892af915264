"""Logs in by what paramiko makes of a configuration of ssh: paramiko-config.py CONFIG HOST HOST_KEY_FILE"""
import sys

import paramiko

config, host, host_key = sys.argv[1:]
facts = paramiko.SSHConfig.from_path(config).lookup(host)
if "identityfile" not in facts:
    sys.exit("refused: the configuration names no key")
client = paramiko.SSHClient()
kind, key = open(host_key).read().split()[:2]
place = "[%s]:%s" % (facts["hostname"], facts["port"])
client.get_host_keys().add(place, kind, paramiko.Ed25519Key(data=__import__("base64").b64decode(key)))
client.connect(
    facts["hostname"], int(facts["port"]), facts.get("user", "root"), key_filename=facts["identityfile"],
    allow_agent=False, look_for_keys=False)
print("in", client.exec_command("echo $((40 + 2))")[1].read().decode().strip())
