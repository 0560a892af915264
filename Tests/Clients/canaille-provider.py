"""An identity provider that nobody here wrote: Canaille, with persons, groups and one client, on a port of loopback.

Arguments: folder, port, algorithm of ID tokens, redirect URIs. `POST /test/remove/NAME` deletes a person with all tokens,
`POST /test/leave/NAME/GROUP` takes one out of a group.
"""

import datetime
import sys
import warnings

warnings.filterwarnings("ignore")
from joserfc.jwk import ECKey, OKPKey, RSAKey  # noqa: E402

folder, port, algorithm, redirects = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
keys = [RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")]

from canaille import create_app  # noqa: E402
from canaille.app import models  # noqa: E402
from canaille.app.flask import csrf  # noqa: E402
from canaille.backends import Backend  # noqa: E402

app = create_app(
    {
        "SECRET_KEY": "only for tests",
        "SERVER_NAME": f"localhost:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "sql", "LOGGING": {"version": 1, "disable_existing_loggers": True}},
        "CANAILLE_SQL": {
            "DATABASE_URI": f"sqlite:///{folder}/canaille.sqlite",
            "PASSWORD_SCHEMES": "plaintext",
        },
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True) for key in keys]},
    }
)

with app.app_context():
    Backend.instance.install(app)
    with Backend.instance.session():
        persons = {}
        for name in ["alice", "bob"]:
            # Both have an address in common, which must not make them one person.
            persons[name] = models.User(
                user_name=name,
                formatted_name=name,
                family_name=name,
                emails=[f"{name}@example.com"],
                password=f"correct {name} staple",
            )
            Backend.instance.save(persons[name])
        Backend.instance.save(models.Group(display_name="web", members=[persons["alice"]]))
        Backend.instance.save(models.Group(display_name="Not-A-Name", members=[persons["alice"]]))
        client = models.Client(
            client_id="keyreeve",
            client_name="Keyreeve",
            client_secret="s3cret:%/",
            client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
            redirect_uris=redirects,
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "groups"],
            token_endpoint_auth_method="client_secret_basic",
            id_token_signed_response_alg=algorithm,
            client_uri="https://keyreeve.example.com",
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)


@app.post("/test/remove/<name>")
@csrf.exempt
def remove(name):
    person = Backend.instance.get(models.User, user_name=name)
    for kind in [models.Token, models.Consent, models.AuthorizationCode]:
        for found in Backend.instance.query(kind, subject=person):
            Backend.instance.delete(found)
    Backend.instance.delete(person)
    return "removed"


@app.post("/test/leave/<name>/<group>")
@csrf.exempt
def leave(name, group):
    group = Backend.instance.get(models.Group, display_name=group)
    group.members = [member for member in group.members if member.user_name != name]
    Backend.instance.save(group)
    return "left"


app.run("127.0.0.1", int(port), threaded=True)
