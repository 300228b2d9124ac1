"""One of Python's HTTP clients against VIGIE_URL: python_clients.py http.client|urllib|requests; see each.

All three send the whole body before they read the answer."""

import gzip
import http.client
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

URL = os.environ["VIGIE_URL"]
TRANSACTION = Path(os.environ["VIGIE_TRANSACTION"]).read_bytes()
CSV = Path(os.environ["VIGIE_CSV"])
TIMEOUT = 60  # seconds


class HttpClient:
    keeps_connections = True

    def __init__(self):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(URL).netloc, timeout=TIMEOUT)

    def ask(self, method, path, body=None, headers=None):
        """Status, header fields and the body's bytes as they came. A body that can be iterated goes in chunks."""
        self.connection.request(method, path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()


class Urllib:
    keeps_connections = False  # it says Connection: close with each request

    def ask(self, method, path, body=None, headers=None):
        request = urllib.request.Request(URL + path, data=body, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read()


class Requests:
    keeps_connections = True

    def __init__(self):
        import requests

        self.session = requests.Session()

    def ask(self, method, path, body=None, headers=None):
        # A header that is None is not sent; without that, requests asks for gzip by itself.
        fields = {"Accept-Encoding": None, **(headers or {})}
        with self.session.request(method, URL + path, data=body, headers=fields, timeout=TIMEOUT, stream=True) as answer:
            packed = answer.raw.read(decode_content=False)
            return answer.status_code, answer.headers, packed


CLIENTS = {"http.client": HttpClient, "urllib": Urllib, "requests": Requests}


def expect(right, what):
    if not right:
        raise AssertionError(what)


def health(client):
    status, _, body = client.ask("GET", "/health")
    expect(status == 200 and json.loads(body)["status"] == "ok", f"{status} {body!r}")


def predict(client):
    status, _, body = client.ask("POST", "/predict", TRANSACTION, {"Content-Type": "application/json"})
    decision = json.loads(body)
    expect(status == 200, f"{status} {body!r}")
    expect(decision["hybrid_score"] == float(os.environ["VIGIE_SCORE"]), f"another score than vigie score gives: {decision}")
    expect(decision["fraud"] == int(decision["hybrid_score"] > decision["threshold_used"]), f"{decision}")


def invalid(client):
    status, _, body = client.ask("POST", "/predict", b'{"Time": "yesterday"}', {"Content-Type": "application/json"})
    places = [problem["loc"] for problem in json.loads(body)["detail"]]
    expect(status == 422 and ["body", "Time"] in places and ["body", "V28"] in places, f"{status} {body!r}")


def packed_page(client):
    _, _, plain = client.ask("GET", "/docs", headers={"Accept-Encoding": "identity"})
    status, headers, packed = client.ask("GET", "/docs", headers={"Accept-Encoding": "gzip"})
    expect(status == 200 and headers["Content-Encoding"] == "gzip", f"{status} {headers}")
    expect(gzip.decompress(packed) == plain and b"<html" in plain, "the page is another one when it is compressed")


def batch_of_a_length(client):
    headers = {"Content-Type": "text/csv", "Content-Length": str(CSV.stat().st_size)}
    with CSV.open("rb") as rows:
        expect_scored(*client.ask("POST", "/predict-batch", rows, headers))


def batch_in_chunks(client):
    with CSV.open("rb") as rows:
        parts = iter(lambda: rows.read(64 << 10), b"")
        expect_scored(*client.ask("POST", "/predict-batch", parts, {"Content-Type": "text/csv"}))


def expect_scored(status, headers, body):
    expect(status == 200, f"{status} {body[:300]!r}")
    expect(headers["Content-Type"].startswith("text/csv"), headers["Content-Type"])
    scored = Path(os.environ["VIGIE_SCORED"]).read_bytes()
    expect(body == scored, f"{len(body)} bytes, vigie score gives {len(scored)}, or others")


def one_connection(client):
    """As the server counts them: nobody else is asking."""

    def accepted():
        return json.loads(client.ask("GET", "/metrics")[2])["connections"]["accepted"]

    before = accepted()
    for _ in range(5):
        health(client)
        predict(client)
        invalid(client)
    made = accepted() - before
    expect(made == (0 if client.keeps_connections else 16), f"{made} new connections for 16 requests")


def main(name):
    failures = 0
    client = CLIENTS[name]()
    for check in (health, predict, invalid, packed_page, one_connection, batch_of_a_length, batch_in_chunks, health):
        try:
            check(client)
        except Exception as error:  # whatever a client makes of an answer, the others are tried too
            failures += 1
            print(f"{name}: {check.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
