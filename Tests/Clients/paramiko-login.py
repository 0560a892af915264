"""Logs in with paramiko by a certificate. Prints `in` or `refused: WHY`.

paramiko-login.py PORT LOGIN KEY CERTIFICATE HOST_KEY

paramiko knows no host certificates: HOST_KEY is the public key of the host itself, and no other is taken.
"""
import sys
import warnings

warnings.simplefilter("ignore")
import paramiko  # noqa: E402


def main(port, login, key, certificate, host_key):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    kind, blob = open(host_key).read().split()[:2]
    entry = paramiko.hostkeys.HostKeyEntry.from_line(f"[127.0.0.1]:{port} {kind} {blob}")
    client.get_host_keys().add(entry.hostnames[0], kind, entry.key)
    kinds = {"ssh-ed25519": paramiko.Ed25519Key, "ecdsa-sha2-n": paramiko.ECDSAKey, "ssh-rsa-cert": paramiko.RSAKey}
    private = next(kinds[name] for name in kinds if open(certificate).read().startswith(name)).from_private_key_file(key)
    private.load_certificate(certificate)
    try:
        client.connect("127.0.0.1", int(port), username=login, pkey=private, allow_agent=False,
                       look_for_keys=False)
        _, output, _ = client.exec_command("true")
        print("in", output.channel.recv_exit_status())
    except (paramiko.SSHException, OSError) as error:
        print(f"refused: {type(error).__name__}: {error}")
    finally:
        client.close()


main(*sys.argv[1:])
