"""Schemathesis as an admin, a host, an identity provider and a stranger: signs a proof for each request, and knows our formats.

KEYREEVE_URL, KEYREEVE_ROOT (PEM) and KEYREEVE_LINK (of the first admin) say whom to talk to.
"""
import os
from urllib.parse import urlsplit

import requests.auth
import schemathesis
import yaml
from hypothesis import strategies as st

from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from keyreeve import Authority, HostKey, Key, url64

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "../../openapi.yaml")) as file:
    document = yaml.safe_load(file)
access = {(method.upper(), path): operation["x-access"]
          for path, item in document["paths"].items() for method, operation in item.items()}

authority = Authority(os.environ["KEYREEVE_URL"], os.environ["KEYREEVE_ROOT"])
with open(os.environ["KEYREEVE_LINK"]) as file:
    link = file.read().strip()
admin, guest, host, stranger = Key(), Key(), Key(), Key()
admin_token = authority.enrol_person(admin, link, "checker")


def add(body):
    return authority.call(admin, "POST", "/v1/identities", body, admin_token)["link"]["link"]


host_key = HostKey()
authority.enrol_host(host, add({"kind": "host", "name": "checked.example.com"}), host_key)
pusher_token = authority.call(admin, "POST", "/v1/provisioners/token", {"name": "pusher"}, admin_token)["token"]
guest_token = authority.enrol_person(guest, add({"kind": "person", "name": "guest"}), "checker")


class Proof(requests.auth.AuthBase):
    """What each operation asks for. The session that signs out is not the one that all others use."""

    def __call__(self, request):
        parts = urlsplit(request.url)
        if parts.path.startswith("/scim/"):
            request.headers["Authorization"] = "Bearer " + pusher_token
            return request
        wanted = access.get((request.method, parts.path), "session")
        if wanted == "anyone":
            return request
        key, token = {"keyHolder": (stranger, None), "host": (host, None)}.get(wanted, (admin, admin_token))
        if parts.path == "/v1/session/end":
            key, token = guest, guest_token
        request.headers["DPoP"] = key.proof(request.method, authority.url + parts.path, token)
        if token:
            request.headers["Authorization"] = "DPoP " + token
        return request


@schemathesis.auth(refresh_interval=None)
class Proofs:
    """Signs everything but what is meant to come without a proof."""

    def get(self, case, context):
        return Proof()

    def set(self, case, proof, context):
        header = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
        needed = {name for scheme in case.operation.definition.raw.get("security", [])
                  for name in ({"token": "Authorization", "provisioner": "Authorization", "proof": "DPoP"}[word] for word in scheme)}
        if header and header.mode == GenerationMode.NEGATIVE and not needed <= set(case.headers or {}):
            return
        case._auth = proof

def whole(value):
    """Whole numbers as we write them: JSON has one kind of number, and 1.0 is refused."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.hook
def map_body(context, body):
    return whole(body)


first, rest = "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456789_-"
part = st.builds(str.__add__, st.sampled_from(first), st.text(rest, max_size=8)).map(
    lambda text: text.rstrip("-") or "a")
name = st.lists(part, min_size=1, max_size=3).map(".".join)
current = authority.call(admin, "GET", "/v1/policy", token=admin_token)["text"]


def signed(what):
    """A text of an ssh signature: of a new key of ours, or of a vote that is none."""
    if what == "key":
        return HostKey().signature_text(b"keyreeve key of boss at localhost", b"key@keyreeve")
    return HostKey().signature_text(b"yes", b"approval@keyreeve.org")


for format, strategy in {
    "name": name,
    "new-name": name,
    "host-name": name,
    "login": st.from_regex(r"\A[a-z_][a-z0-9._-]{0,31}\Z").filter(lambda login: login != "root"),
    "label": st.builds("{}={}".format, name, name),
    "identity": st.one_of(name, st.builds("{}:{}".format, st.sampled_from(["person", "host", "device"]), name)),
    "person": st.one_of(name, name.map("person:{}".format)),
    "numeric-address": st.ip_addresses().map(str),
    "ssh-public-key": st.builds(lambda _: HostKey().line, st.integers()),
    "ssh-signature-text": st.sampled_from(["key", "approval"]).map(signed),
    "way": st.sampled_from(authority.call(stranger, "GET", "/v1/authority")["signIn"]),
    "base64url": st.binary(max_size=64).map(url64),
    "ssh-signature": st.binary(min_size=1, max_size=64).map(HostKey().signature),
    "policy": st.builds(lambda comment: current + f"\n# {comment}\n", part),
}.items():
    schemathesis.openapi.format(format, strategy)
