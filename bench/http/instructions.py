"""Instructions that the server executes in user mode for one request: by the hardware's counter where the machine shows it, else
by stepping through them (instruction_steps.cc)."""

import http.client
import re
import subprocess
import time
from pathlib import Path

from processes import STEPS, VIGIE, free_port, halves, perf_instructions, pinned, running, serve

SECONDS = 60


def by_perf(work, model, route, requests):
    port = free_port()
    with running(serve(work, model, port, threads=1), port, work / "http-serve.log") as (url, process):
        command = [str(VIGIE), "load", "--url", url, "--mix", route, "--rate", str(requests // 4), "--duration", "4s",
                   "--warmup", "0", "--json"]
        counted = perf_instructions(process.pid, work, command)
        return None if counted is None else counted / requests


def wait_until_traced(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        states = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/status")]
        if all(re.search(r"^TracerPid:\s*[1-9]", state, re.MULTILINE) for state in states):
            return
        time.sleep(0.01)
    raise RuntimeError("the server cannot be traced")


def steps_total(work, model, route, requests):
    """Of the whole server in SECONDS, in which it answers so many requests, one by one on one connection."""
    port = free_port()
    payload = work / "http-payload.ndjson"
    subprocess.run([str(VIGIE), "data", "payloads", "--route", "predict", "--count", "1", "--out", str(payload), "-q"],
                   check=True, stdout=subprocess.DEVNULL)
    body = payload.read_bytes().strip()

    def ask(connection):
        if route == "predict":
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        else:
            connection.request("GET", "/" + route)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"/{route} answered {answer.status}")

    with running(serve(work, model, port, threads=1), port, work / "http-serve.log") as (_, process):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        for _ in range(20):  # the first touch new memory
            ask(connection)
        # On the server's own processors: from another, each step would wait for a wake-up.
        steps = subprocess.Popen([str(STEPS), str(process.pid), str(SECONDS)], stdout=subprocess.PIPE, text=True,
                                 preexec_fn=pinned(halves()[0]))
        wait_until_traced(process.pid)  # else the first requests would be answered uncounted
        for _ in range(requests):
            ask(connection)
        counted, _ = steps.communicate(timeout=2 * SECONDS)
        if steps.returncode != 0:
            raise RuntimeError("the server cannot be traced")
    return int(counted)


def by_steps(work, model, route):
    """The difference of two runs: what else the server does is in both."""
    few, many = 2, 42
    return (steps_total(work, model, route, many) - steps_total(work, model, route, few)) / (many - few)


def instructions_per_request(work, model, route):
    counted = by_perf(work, model, route, 20_000)
    if counted is not None:
        return counted, "perf, user mode"
    try:
        return by_steps(work, model, route), "stepped through, user mode"
    except (RuntimeError, OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
        return None, f"not counted: {error}"
