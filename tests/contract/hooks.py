"""What the OpenAPI document says of CSV and NDJSON in words only: how schemathesis makes such bodies, and what must come back."""

import csv
import io
import json
import re
import urllib.parse

import schemathesis
from hypothesis import strategies

# In the order of the document's schema Transaction; these ranges are narrower than its own, which JSON bodies try.
FIELDS = ["Time", "Amount", *(f"V{i}" for i in range(1, 29))]
NUMBERS = strategies.floats(min_value=0, max_value=1000, allow_nan=False).map(lambda number: round(number, 6))


UUID_7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ROWS = strategies.lists(strategies.lists(NUMBERS, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=5)


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows([FIELDS, *rows])
    return text.getvalue().encode()


def as_ndjson(rows):
    return "".join(json.dumps(dict(zip(FIELDS, row))) + "\n" for row in rows).encode()


schemathesis.openapi.media_type("text/csv", ROWS.map(as_csv))
schemathesis.openapi.media_type("application/x-ndjson", ROWS.map(as_ndjson),
                                aliases=["application/ndjson", "application/jsonl"])


@schemathesis.deserializer("text/csv", "application/x-ndjson", "application/openmetrics-text", "text/html")
def text(_, response):
    """Their schemas say that they are text; in UTF-8, by the document."""
    return response.content.decode("utf-8")


@schemathesis.check
def every_row_is_answered(_, response, case):
    """A CSV or NDJSON body that we made is answered row by row, each with a score from 0 to 1."""
    if case.path != "/predict-batch" or response.status_code != 200 or not isinstance(case.body, bytes):
        return
    answer = response.content.decode("utf-8")
    if case.media_type == "text/csv":
        sent = list(csv.DictReader(io.StringIO(case.body.decode("utf-8"))))
        got = list(csv.DictReader(io.StringIO(answer)))
    else:
        sent = [json.loads(line) for line in case.body.splitlines()]
        got = [json.loads(line) for line in answer.splitlines()]
    assert len(got) == len(sent), f"{len(sent)} rows were sent and {len(got)} answered"
    for row in got:
        assert 0 <= float(row["hybrid_score"]) <= 1 and row["fraud"] in ("0", "1", 0, 1), f"no decision in {row}"


@schemathesis.check
def bad_rows_are_told(_, response, case):
    """Where a batch in JSON breaks the document and is answered with 200 all the same, it has bad rows and they are told."""
    if case.path != "/predict-batch" or response.status_code != 200:
        return
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(response.request.url).query, keep_blank_values=True)
    assert set(query.get("on_error", [])) <= {"", "report", "fail"}, f"on_error={query['on_error']} was taken"
    if case.media_type != "application/json" or not breaks_the_document(case):
        return
    answer = response.json()
    rows = answer["predictions"] if isinstance(answer, dict) else answer
    assert any("error" in row for row in rows), "rows that the document forbids were scored"


def breaks_the_document(case):
    """Whether schemathesis made the body so."""
    components = case.meta.components if case.meta else {}
    return any(location.value == "body" and made.mode.is_negative for location, made in components.items())


@schemathesis.check
def every_answer_has_an_id(_, response, case):
    """The request's own X-Request-Id where it has the form of one, a UUIDv7 otherwise."""
    given = (case.headers or {}).get("X-Request-Id") or ""
    answered = response.headers["x-request-id"][0]
    wanted = re.escape(given) if re.fullmatch("[A-Za-z0-9._-]{1,128}", given) else UUID_7
    assert re.fullmatch(wanted, answered), f"X-Request-Id {given!r} was answered by {answered!r}"
