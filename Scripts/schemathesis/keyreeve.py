"""Speaks for devices and hosts of a Keyreeve authority: DPoP proofs (RFC 9449) and enrolment, for tests."""
import base64, hashlib, hmac, json, os, struct, textwrap, time, uuid

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ssh_string(data):
    return struct.pack(">I", len(data)) + data


class Key:
    """A P-256 key that makes proofs."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        point = [url64(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y)]
        self.jwk = {"kty": "EC", "crv": "P-256", "x": point[0], "y": point[1]}

    def proof(self, method, url, token=None):
        claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = url64(hashlib.sha256(token.encode()).digest())
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}
        signed = ".".join(url64(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return signed + "." + url64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


class HostKey:
    """An ssh host key."""

    def __init__(self):
        self.private = ed25519.Ed25519PrivateKey.generate()

    @property
    def line(self):
        form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        return self.private.public_key().public_bytes(*form).decode()

    def signature(self, data):
        return base64.b64encode(self.signed(data)).decode()

    def signed(self, data):
        return ssh_string(b"ssh-ed25519") + ssh_string(self.private.sign(data))

    def signature_text(self, data, namespace):
        """As `ssh-keygen -Y sign` makes it (PROTOCOL.sshsig)."""
        common = ssh_string(namespace) + ssh_string(b"") + ssh_string(b"sha512")
        signature = self.signed(b"SSHSIG" + common + ssh_string(hashlib.sha512(data).digest()))
        blob = b"SSHSIG" + struct.pack(">I", 1) + ssh_string(base64.b64decode(self.line.split()[1])) + common \
            + ssh_string(signature)
        lines = "\n".join(textwrap.wrap(base64.b64encode(blob).decode(), 70))
        return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"


def totp(secret32, steps=0):
    secret = base64.b32decode(secret32 + "=" * (-len(secret32) % 8))
    mac = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000)


class Authority:
    def __init__(self, url, root):
        self.url, self.http = url, requests.Session()
        self.http.verify, self.http.trust_env = root, False

    def call(self, key, method, path, body=None, token=None):
        headers = {"DPoP": key.proof(method, self.url + path, token)}
        if token:
            headers["Authorization"] = "DPoP " + token
        answer = self.http.request(method, self.url + path, json=body, headers=headers)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def enrol_person(self, key, link, device):
        """The token of a session."""
        token = link.split("#")[1].split("~")[0]
        begun = self.call(key, "POST", "/v1/enrol", {"token": token})
        body = {"token": token, "enrolment": begun["enrolment"], "deviceName": device,
                "password": "correct horse battery staple", "totp": totp(begun["totpSecret"])}
        return self.call(key, "POST", "/v1/enrol/person", body)["token"]

    def enrol_host(self, key, link, host_key):
        token = link.split("#")[1].split("~")[0]
        begun = self.call(key, "POST", "/v1/enrol", {"token": token})
        signed = b"keyreeve host enrolment v1\0" + bytes.fromhex(begun["challenge"])
        proven = {"publicKey": host_key.line, "signature": host_key.signature(signed)}
        self.call(key, "POST", "/v1/enrol/host",
                  {"token": token, "enrolment": begun["enrolment"], "hostKeys": [proven]})
