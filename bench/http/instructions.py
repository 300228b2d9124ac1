"""Instructions that the server retires for one request, its share of the system's work excluded: by the hardware's counter
where the machine shows it, else by valgrind's callgrind. That one simulates a CPU with AVX2 at most, where the engine takes one
row through the portable walker: a machine with AVX-512 needs fewer."""

import re
import shutil
import subprocess

from processes import free_port, load, perf_instructions, running, serve, VIGIE


def by_perf(work, model, route, requests):
    port = free_port()
    with running(serve(work, model, port, threads=1), port, work / "http-serve.log") as (url, process):
        command = [str(VIGIE), "load", "--url", url, "--mix", route, "--rate", str(requests // 4), "--duration", "4s",
                   "--warmup", "0", "--json"]
        counted = perf_instructions(process.pid, work, command)
        return None if counted is None else counted / requests


SECONDS = 10


def callgrind_total(work, model, route, rate):
    port = free_port()
    out = work / "http-callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *serve(work, model, port, threads=1)]
    with running(command, port, work / "http-callgrind.log") as (url, _):
        # Slow enough for a simulated CPU to answer one by one: batching would flatter it.
        report = load(url, "--mix", route, "--rate", str(rate), "--duration", f"{SECONDS}s", "--warmup", "0",
                      "--timeout", "30s")
        if report["good"] != rate * SECONDS:
            raise RuntimeError(f"{report['good']} answers instead of {rate * SECONDS}")
    log = (work / "http-callgrind.log").read_text()
    return int(re.search(r"Collected : (\d+)", log)[1])


def by_callgrind(work, model, route):
    """The difference of two runs of equal length: the start, the end and what the server does by the clock are in both."""
    few, many = 20, 100
    more = callgrind_total(work, model, route, many) - callgrind_total(work, model, route, few)
    return more / ((many - few) * SECONDS)


def instructions_per_request(work, model, route):
    counted = by_perf(work, model, route, 20_000)
    if counted is not None:
        return counted, "perf, user mode"
    if shutil.which("valgrind") is None:
        return None, "not counted: the machine hides its counters, and valgrind is not installed"
    try:
        return by_callgrind(work, model, route), "callgrind, no AVX-512"
    except (RuntimeError, TypeError, OSError, subprocess.SubprocessError) as error:
        return None, f"not counted: {error}"
