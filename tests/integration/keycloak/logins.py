"""People log in at Keycloak's own pages and come back with a session, as a browser takes them there."""

import html
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request

REDIRECTS = "http://127.0.0.1/login/callback"  # of any port, as in deploy/keycloak/vigie-realm.json


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like others: it is looked at before it is followed."""

    def redirect_request(self, *_):
        return None


class Browser:
    """One person's: it keeps cookies, and goes where it is sent."""

    def __init__(self):
        # As to browsers, loopback counts as secure: Keycloak's cookies are Secure.
        self.cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "http")))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), Stay)

    def ask(self, method, url, form=None, headers=None):
        """Status, fields and text."""
        body = None if form is None else urllib.parse.urlencode(form).encode() if isinstance(form, dict) else form
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def cookie(self, name):
        return next((cookie for cookie in self.cookies if cookie.name == name), None)

    def leave(self, server):
        """Where the server's GET /login sends it."""
        status, fields, _ = self.ask("GET", server.url + "/login")
        assert status == 303, status
        return fields["Location"]

    def log_in(self, address, name, password, consent=None):
        """Through the pages of the provider at `address`; the address that it sends the browser back to."""
        status, fields, text = self.ask("GET", address)
        if status == 200:
            status, fields, text = self.ask("POST", action(text, "kc-form-login"),
                                            {"username": name, "password": password, "credentialId": ""})
        while status in (302, 303) and "/login/callback?" not in fields["Location"]:
            status, fields, text = self.ask("GET", fields["Location"])
        if status == 200 and consent:
            path = re.search(r'action="([^"]*login-actions/consent[^"]*)"', text)
            hidden = re.search(r'name="code" value="([^"]*)"', text)
            status, fields, text = self.ask("POST", urllib.parse.urljoin(address, html.unescape(path[1])),
                                            {"code": hidden[1], consent: "1"})
        assert status in (302, 303), f"{status} {text}"
        return fields["Location"]

    def session(self, server):
        return json.loads(self.ask("GET", server.url + "/session")[2])

    def score(self, server, origin):
        """With its cookie alone, as a page of `origin` would."""
        headers = {"Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
        return self.ask("POST", server.url + "/predict-batch", b"[]", headers)[0]


def action(page, form):
    found = re.search(rf'<form[^>]*id="{form}"[^>]*action="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def query(address):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


def with_query(address, **changes):
    parts = urllib.parse.urlsplit(address)
    words = {**query(address), **changes}
    return parts._replace(query=urllib.parse.urlencode({name: word for name, word in words.items() if word})).geturl()


def make_public_client(keycloak):
    """Without a secret; people are asked whether they agree."""
    keycloak.admin("POST", "/clients", {
        "clientId": "vigie-public", "publicClient": True, "standardFlowEnabled": True, "consentRequired": True,
        "fullScopeAllowed": True,  # unlike other clients' it is not, where consent is required
        "redirectUris": [REDIRECTS], "attributes": {"pkce.code.challenge.method": "S256"},
        "defaultClientScopes": ["basic", "roles", "vigie-audience"]})
    keycloak.grant(keycloak.make_person("hesitant"), "analyst")


class Logins:
    def __init__(self, check, keycloak, password):
        self.check, self.keycloak, self.password = check, keycloak, password

    def come(self, server, name, consent=None):
        """A person's browser after the login, and what the server answered at the end of it."""
        browser = Browser()
        back = browser.log_in(browser.leave(server), name, self.password, consent)
        return browser, browser.ask("GET", back)

    def people_have_sessions(self, server, consent=None):
        for name, role in (("viewer", "viewer"), ("analyst", "analyst"), ("admin", "admin")):
            browser, (status, _, text) = self.come(server, name, consent)
            self.check(f"{name} comes back", (status, "url=/docs" in text), (200, True))
            session = browser.session(server)
            self.check(f"{name}'s session", (session["authenticated"], session.get("role")), (True, role))
            self.check(f"{name} scores", browser.score(server, server.url), 403 if role == "viewer" else 200)

    def a_role_of_the_client_counts(self, server):
        self.check("by-client", self.come(server, "by-client")[0].session(server).get("role"), "analyst")

    def who_has_no_role_is_told_so(self, server):
        browser, (status, fields, text) = self.come(server, "nobody")
        self.check("a person without a role", (status, fields.get_content_type(), "no role" in text), (403, "text/html", True))
        self.check("has a session", browser.session(server), {"authenticated": False})

    def the_provider_wants_pkce(self, server):
        browser = Browser()
        there = browser.leave(server)
        words = query(there)
        self.check("what it is asked", (words["response_type"], words["code_challenge_method"], words["redirect_uri"]),
                   ("code", "S256", server.url + "/login/callback"))
        for changes in ({"code_challenge": "", "code_challenge_method": ""}, {"code_challenge_method": "plain"}):
            _, fields, _ = browser.ask("GET", with_query(there, **changes))
            self.check(f"a login with {changes}", query(fields["Location"]).get("error"), "invalid_request")
        status, _, _ = browser.ask("GET", with_query(there, redirect_uri="http://127.0.0.1.evil.example/login/callback"))
        self.check("a login that ends elsewhere", status, 400)

    def only_who_began_it_ends_it(self, server):
        mine, other = Browser(), Browser()
        back = mine.log_in(mine.leave(server), "analyst", self.password)
        others = other.leave(server)
        for what, browser, address, wanted in (
                ("no cookie of the login", Browser(), back, 400),
                ("another browser's cookie", other, back, 400),
                ("a wrong state", mine, with_query(back, state="A" * 43), 400),
                ("no state", mine, with_query(back, state=""), 400),
                ("another issuer", mine, with_query(back, iss="https://evil.example"), 400)):
            status, _, _ = browser.ask("GET", address)
            self.check(what, (status, browser.session(server)["authenticated"]), (wanted, False))
        # Its own state, and a code that was made for another browser's challenge: PKCE's case.
        back = mine.log_in(mine.leave(server), "analyst", self.password)
        status, _, _ = other.ask("GET", with_query(back, state=query(others)["state"]))
        self.check("another browser's code", (status, other.session(server)["authenticated"]), (403, False))

    def a_code_counts_once(self, server):
        browser = Browser()
        back = browser.log_in(browser.leave(server), "analyst", self.password)
        begun = browser.cookie("vigie_login")
        self.check("the first time", browser.ask("GET", back)[0], 200)
        self.check("the login's cookie is taken back", browser.cookie("vigie_login"), None)
        self.check("again", browser.ask("GET", back)[0], 400)
        thief = Browser()
        thief.cookies.set_cookie(begun)
        status, _, _ = thief.ask("GET", back)
        self.check("again, with a copy of the login's cookie", (status, thief.session(server)["authenticated"]), (403, False))

    def who_does_not_agree_is_not_let_in(self, server):
        browser, (status, _, text) = self.come(server, "hesitant", consent="cancel")
        self.check("a login that is cancelled", (status, "did not let you in" in text), (403, True))
        self.check("has a session", browser.session(server), {"authenticated": False})
        self.check("and may agree later", self.come(server, "hesitant", consent="accept")[1][0], 200)

    def only_pages_of_the_server_use_the_session(self, server):
        browser, _ = self.come(server, "analyst")
        elsewhere = "https://elsewhere.example"
        for origin, wanted in ((server.url, 200), (elsewhere, 401), (server.url + ".elsewhere.example", 401), ("null", 401),
                               (None, 401)):
            self.check(f"a page of {origin}", browser.score(server, origin), wanted)
        browser.ask("DELETE", server.url + "/session", headers={"Origin": elsewhere})
        self.check("after another's page wanted it ended", browser.session(server)["authenticated"], True)
        cookie = browser.cookie("vigie_session")
        browser.ask("DELETE", server.url + "/session", headers={"Origin": server.url})
        self.check("after the logout", browser.session(server), {"authenticated": False})
        browser.cookies.set_cookie(cookie)
        self.check("a copy of its cookie", browser.score(server, server.url), 401)

    def the_log_has_no_secrets(self, server):
        log = server.log.read_text()
        self.check("logins are in the audit log", '"login"' in log, True)
        for what, secret in (("a code", "code="), ("a state", "state="), ("a token or a cookie", "eyJ")):
            self.check(f"the log has {what}", secret in log, False)


def people_log_in(check, keycloak, password, confidential, public):
    logins = Logins(check, keycloak, password)
    logins.people_have_sessions(confidential)
    logins.people_have_sessions(public, consent="accept")
    logins.a_role_of_the_client_counts(confidential)
    logins.who_has_no_role_is_told_so(confidential)
    logins.the_provider_wants_pkce(confidential)
    logins.only_who_began_it_ends_it(confidential)
    logins.a_code_counts_once(confidential)
    logins.who_does_not_agree_is_not_let_in(public)
    logins.only_pages_of_the_server_use_the_session(confidential)
    for server in (confidential, public):
        logins.the_log_has_no_secrets(server)
