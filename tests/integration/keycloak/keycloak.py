"""By way of tests/integration/keycloak/run, which says what it does."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import logins

REALM_FILE = Path("deploy/keycloak/vigie-realm.json")
PASSWORD = "of-this-test-alone"
LATEST_REVOCATION = 10  # seconds
checked = 0


def check(what, found, wanted):
    global checked
    if found != wanted:
        raise SystemExit(f"keycloak: {what}: {found}, and not {wanted}; the last refusal: {Vigie.refusal}")
    checked += 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(method, url, body=None, headers=None):
    """Status, fields and text of an answer, whatever its status."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def wait_until(what, ready, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if ready():
                return
        time.sleep(0.2)
    raise SystemExit(f"keycloak: {what}: not within {seconds} s")


class Keycloak:
    def __init__(self, scratch, archive):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(scratch)
        self.home = next(scratch.glob("keycloak-*"))
        (self.home / "bin/kc.sh").chmod(0o755)
        (self.home / "data/import").mkdir(parents=True)
        shutil.copy(REALM_FILE, self.home / "data/import")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = f"{self.url}/realms/vigie"
        self.log = open(scratch / "keycloak.log", "wb")
        self.process = None

    def start(self):
        environment = {**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD}
        self.process = subprocess.Popen(
            [self.home / "bin/kc.sh", "start-dev", "--import-realm", "--http-host=127.0.0.1", f"--http-port={self.port}",
             "--cache=local"],
            env=environment, stdout=self.log, stderr=self.log, start_new_session=True)
        wait_until("Keycloak starts", lambda: ask("GET", self.issuer + "/.well-known/openid-configuration")[0] == 200, 180)

    def stop(self):
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=60)
        self.process = None

    def token(self, form, realm="vigie"):
        status, _, text = ask("POST", f"{self.url}/realms/{realm}/protocol/openid-connect/token",
                              urllib.parse.urlencode(form).encode())
        if status != 200:
            raise SystemExit(f"keycloak: no token: {status} {text}")
        return json.loads(text)

    def admin(self, method, path, document=None):
        bearer = self.token({"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": PASSWORD},
                            realm="master")["access_token"]
        body = None if document is None else json.dumps(document).encode()
        status, fields, text = ask(method, f"{self.url}/admin/realms/vigie{path}", body,
                                   {"Authorization": "Bearer " + bearer, "Content-Type": "application/json"})
        if status >= 300:
            raise SystemExit(f"keycloak: {method} {path}: {status} {text}")
        return json.loads(text) if text else fields.get("Location", "").rpartition("/")[2]

    def person(self, name, scope="openid"):
        return self.token({"grant_type": "password", "client_id": "till", "username": name, "password": PASSWORD,
                           "scope": scope})

    def make_people(self):
        """A client that people log in with, one that is a service, and a person for each role."""
        scopes = {"defaultClientScopes": ["basic", "roles", "vigie-audience"], "publicClient": True}
        self.admin("POST", "/clients", {"clientId": "till", "directAccessGrantsEnabled": True, **scopes})
        self.admin("POST", "/clients", {"clientId": "elsewhere", "directAccessGrantsEnabled": True, **scopes,
                                        "defaultClientScopes": ["basic", "roles"]})
        nightly = self.admin("POST", "/clients", {"clientId": "nightly", "serviceAccountsEnabled": True, "secret": PASSWORD,
                                                  **scopes, "publicClient": False})
        service = self.admin("GET", f"/clients/{nightly}/service-account-user")["id"]
        self.grant(service, "analyst")
        for role in ("viewer", "analyst", "admin"):
            self.grant(self.make_person(role), role)
        self.make_person("nobody")
        vigie = self.client_of_vigie()
        role = self.admin("GET", f"/clients/{vigie}/roles/analyst")
        self.admin("POST", f"/users/{self.make_person('by-client')}/role-mappings/clients/{vigie}", [role])

    def client_of_vigie(self):
        return self.admin("GET", "/clients?clientId=vigie")[0]["id"]

    def secret_of_vigie(self):
        return self.admin("GET", f"/clients/{self.client_of_vigie()}/client-secret")["value"]

    def log_out(self, tokens):
        """As a person does, at Keycloak itself."""
        status, _, text = ask("POST", f"{self.issuer}/protocol/openid-connect/logout", urllib.parse.urlencode(
            {"client_id": "till", "refresh_token": tokens["refresh_token"]}).encode())
        check(f"the logout {text}", status, 204)

    def end_sessions(self, name):
        """As an administrator does."""
        self.admin("POST", f"/users/{self.admin('GET', '/users?exact=true&username=' + name)[0]['id']}/logout")

    def make_person(self, name):
        return self.admin("POST", "/users", {
            "username": name, "enabled": True, "firstName": name, "lastName": name, "email": name + "@bank.example",
            "emailVerified": True, "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}]})

    def grant(self, user, role):
        self.admin("POST", f"/users/{user}/role-mappings/realm", [self.admin("GET", "/roles/" + role)])

    def rotate(self):
        """A key that signs from now on; the one before stays published."""
        return self.admin("POST", "/components", {
            "name": f"key-{time.time_ns()}", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": [str(200 + int(time.time()) % 100000)], "enabled": ["true"], "active": ["true"],
                       "algorithm": ["RS256"], "keySize": ["2048"]}})

    def disable(self, component):
        document = self.admin("GET", f"/components/{component}")
        document["config"] |= {"enabled": ["false"], "active": ["false"]}
        self.admin("PUT", f"/components/{component}", document)


class Vigie:
    refusal = ""

    @staticmethod
    def make_model(program, scratch):
        run = lambda *arguments: subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL,
                                                stderr=subprocess.DEVNULL)
        run("data", "simulate", "card", "--rows", "4000", "--seed", "3", "--out", str(scratch / "card.csv"))
        run("train", "card", "--data", str(scratch / "card.csv"), "--out", str(scratch / "model"))

    def __init__(self, program, scratch, name, oidc):
        """`oidc`: the settings of the provider, as a mapping; client_id is vigie unless given."""
        settings = scratch / f"{name}.yaml"
        settings.touch(mode=0o600)  # for the client's secret is in it
        settings.write_text(json.dumps({"server": {"auth": "oidc", "port": free_port(), "state": f"{scratch}/{name}"},
                                        "oidc": {"client_id": "vigie", **oidc}, "models": {"card": f"{scratch}/model"}}))
        self.log = scratch / f"{name}.log"
        self.process = subprocess.Popen([program, "serve", "--config", str(settings), "--json"], stdout=subprocess.PIPE,
                                        stderr=open(self.log, "wb"), text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]

    def score(self, token):
        headers = {"Content-Type": "application/json"} | ({"Authorization": "Bearer " + token} if token else {})
        status, fields, _ = ask("POST", self.url + "/predict-batch", b"[]", headers)
        challenge = fields.get("WWW-Authenticate") or ""
        Vigie.refusal = challenge or Vigie.refusal
        return status, challenge

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def people_get_in_by_role(keycloak, vigie):
    check("no token", vigie.score("")[0], 401)
    for name, wanted in (("viewer", 403), ("analyst", 200), ("admin", 200), ("nobody", 403), ("by-client", 200)):
        check(name, vigie.score(keycloak.person(name)["access_token"])[0], wanted)
    service = keycloak.token({"grant_type": "client_credentials", "client_id": "nightly", "client_secret": PASSWORD})
    check("a service", vigie.score(service["access_token"])[0], 200)


def other_tokens_do_not(keycloak, vigie):
    tokens = keycloak.person("analyst")
    for kind, words in (("id_token", "another audience|not an access token"), ("refresh_token", "not taken|not publish")):
        status, challenge = vigie.score(tokens[kind])
        check(kind, (status, any(word in challenge for word in words.split("|"))), (401, True))
    elsewhere = keycloak.token({"grant_type": "password", "client_id": "elsewhere", "username": "analyst",
                                "password": PASSWORD})["access_token"]
    check("a token for another service", "another audience" in vigie.score(elsewhere)[1], True)


def rotation_refuses_no_good_token(keycloak, vigie):
    """Requests run while keys are changed; the last of the keys is returned."""
    tokens, statuses, going = [keycloak.person("analyst")["access_token"]], [], True

    def run():
        while going:
            statuses.extend(vigie.score(token)[0] for token in list(tokens))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    component = None
    for _ in range(2):
        component = keycloak.rotate()
        tokens.append(keycloak.person("analyst")["access_token"])
        time.sleep(11)  # a request causes a new look at the keys only so often
    going = False
    for thread in threads:
        thread.join()
    check("tokens of three keys while keys change", set(statuses), {200})
    return component, tokens[-1], len(statuses)


def a_disabled_key_ends_its_tokens(keycloak, vigie, component, token):
    keycloak.disable(component)
    wait_until("the tokens of a disabled key are refused", lambda: vigie.score(token)[0] == 401, 120)
    check("the reason", "does not publish" in vigie.score(token)[1], True)
    check("a new token", vigie.score(keycloak.person("analyst")["access_token"])[0], 200)


def a_logout_ends_a_token(keycloak, asking, not_asking):
    """Within the time that docs/identity.md gives; the longest that it took is returned."""
    longest = 0.0
    for how in (lambda tokens: keycloak.log_out(tokens), lambda _: keycloak.end_sessions("admin")):
        tokens, other = keycloak.person("admin"), keycloak.person("analyst")["access_token"]
        for server in (asking, not_asking):
            check("before the logout", server.score(tokens["access_token"])[0], 200)
        how(tokens)
        since = time.monotonic()
        while (status := asking.score(tokens["access_token"])[0]) == 200 and time.monotonic() - since < 30:
            check("another person's token", asking.score(other)[0], 200)
            time.sleep(0.1)
        took = time.monotonic() - since
        check("after the logout", (status, "has been revoked" in asking.score(tokens["access_token"])[1]), (401, True))
        check(f"within {LATEST_REVOCATION} s, and not {took:.1f} s", took < LATEST_REVOCATION + 2, True)
        check("another person's token", asking.score(other)[0], 200)
        check("a new login", asking.score(keycloak.person("admin")["access_token"])[0], 200)
        check("where nobody is asked it lives until it expires", not_asking.score(tokens["access_token"])[0], 200)
        longest = max(longest, took)
    return longest


def whoever_cannot_be_asked_lets_nobody_in(keycloak, program, scratch):
    """A wrong secret is the operator's mistake: 503, and the log tells it."""
    token = keycloak.person("analyst")["access_token"]
    server = Vigie(program, scratch, "wrong-secret", {"issuer": keycloak.issuer, "introspection": "always",
                                                      "client_secret": "not-the-secret"})
    try:
        check("a good token, and a wrong secret of ours", server.score(token)[0], 503)
        check("what the log tells", "refuses our client id and secret" in server.log.read_text(), True)
        _, (status, _, text) = logins.Logins(check, keycloak, PASSWORD).come(server, "analyst")
        check("a login", (status, "log says why" in text), (503, True))
        check("what the log tells of logins", "people cannot log in" in server.log.read_text(), True)
        check("the log has no token", token in server.log.read_text(), False)
    finally:
        server.stop()


def a_stop_hinders_nobody_who_has_a_token(keycloak, vigie, seconds):
    known, unknown = (keycloak.person("analyst")["access_token"] for _ in range(2))
    check("before", vigie.score(known)[0], 200)
    keycloak.stop()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check("while it is down", vigie.score(known)[0], 200)
        time.sleep(1)
    check("a token that was not seen before", vigie.score(unknown)[0], 200)
    keycloak.start()
    check("after it is back", vigie.score(keycloak.person("analyst")["access_token"])[0], 200)


def main():
    program, archive = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        keycloak = Keycloak(scratch, archive)
        vigie, asking, public = None, None, None
        try:
            keycloak.start()
            keycloak.make_people()
            Vigie.make_model(program, scratch)
            vigie = Vigie(program, scratch, "signatures", {"issuer": keycloak.issuer})
            asking = Vigie(program, scratch, "asking", {"issuer": keycloak.issuer, "introspection": "always",
                                                        "client_secret": keycloak.secret_of_vigie()})
            logins.make_public_client(keycloak)
            public = Vigie(program, scratch, "public", {"issuer": keycloak.issuer, "client_id": "vigie-public"})
            logins.people_log_in(check, keycloak, PASSWORD, asking, public)
            for server in (vigie, asking):
                people_get_in_by_role(keycloak, server)
                other_tokens_do_not(keycloak, server)
            logout = a_logout_ends_a_token(keycloak, asking, vigie)
            whoever_cannot_be_asked_lets_nobody_in(keycloak, program, scratch)
            component, token, requests = rotation_refuses_no_good_token(keycloak, vigie)
            a_disabled_key_ends_its_tokens(keycloak, vigie, component, token)
            a_stop_hinders_nobody_who_has_a_token(keycloak, vigie, 60)
        finally:
            for server in (vigie, asking, public):
                if server is not None:
                    server.stop()
            keycloak.stop()
    print(f"keycloak: {checked} checks passed, {requests} requests while keys changed, "
          f"a logout counted after {logout:.1f} s")


if __name__ == "__main__":
    main()
