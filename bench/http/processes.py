"""Servers of the bench, started on free loopback ports and ended with it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

VIGIE = Path("build/release/vigie")
STEPS = Path("build/release/bench/vigie_instruction_steps")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def halves():
    """This machine's processors for the server and for the generator, so that neither takes the other's; all for both where
    there is only one."""
    cpus = sorted(os.sched_getaffinity(0))
    half = len(cpus) // 2
    return (set(cpus[:half]), set(cpus[half:])) if half else (set(cpus), set(cpus))


def pinned(cpus):
    return lambda: os.sched_setaffinity(0, cpus)


def wait_until_ready(process, url, log, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(url + "/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not get ready: see {log}")


@contextlib.contextmanager
def running(command, port, log, environment=None):
    """Runs a server for as long as the block lasts; yields its URL and its process."""
    url = f"http://127.0.0.1:{port}"
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(environment or {})},
                                   preexec_fn=pinned(halves()[0]))
    try:
        wait_until_ready(process, url, log)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_seconds(process):
    """What the process has used of the processors, in user mode and in the kernel on its behalf."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(work, model, port, threads=None, flags=()):
    state = work / "http-state"
    return [str(VIGIE), "serve", "--model", f"card={model}", "--auth", "none", "--port", str(port), "--state", str(state),
            "--threads", str(threads or len(halves()[0])), *flags]


def load(url, *flags):
    """One run of vigie load, as the object that it prints. Any failed request ends the bench: it would not be the same work."""
    own = halves()[1]
    run = subprocess.run([str(VIGIE), "load", "--url", url, "--json", "--threads", str(min(len(own), 8)), *flags],
                         capture_output=True, text=True, preexec_fn=pinned(own))
    if run.returncode != 0:
        raise RuntimeError(f"vigie load: {run.stderr.strip()}")
    report = json.loads(run.stdout)
    measured = report.get("half", report)
    if measured["refused"] > 0 or measured["failed"] > 0:
        raise RuntimeError(f"{measured['refused']} requests were refused and {measured['failed']} failed at {url}")
    return report


def make_model(work):
    """The demonstration model, trained once on simulated rows."""
    model = work / "http-model"
    if not (model / "PACKAGE").exists():
        data = work / "http-card.csv"
        subprocess.run([str(VIGIE), "data", "simulate", "card", "--rows", "100000", "--seed", "1", "--out", str(data), "-q"],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run([str(VIGIE), "train", "card", "--data", str(data), "--out", str(model), "-q"],
                       check=True, stdout=subprocess.DEVNULL)
        data.unlink()
    return model


def perf_instructions(pid, work, command):
    """User and kernel instructions of the process while the command runs, or None where they cannot be counted."""
    out = work / "http-perf.txt"
    try:
        subprocess.run(["perf", "stat", "-x", ",", "-e", "instructions:u", "-p", str(pid), "-o", str(out), *command],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    counted = re.search(r"^(\d+),", out.read_text(), re.MULTILINE)
    return int(counted[1]) if counted else None
