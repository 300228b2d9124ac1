"""python bench/http/hostile_clients.py, by way of bench/http/hostile_clients, which says what it does."""

import argparse
import contextlib
import json
import resource
import sys
import threading
import time
import urllib.request
from pathlib import Path
from statistics import median

from hostile import NeverReadingCrowd, Trickle, idle_after_an_answer
from processes import free_port, load, make_model, running, serve

WORK = Path("build/bench")
TRICKLING = 500  # of each kind
WRITE_TIMEOUT = 1  # seconds, for clients that never read
GOALS = {"idle_mb": 100, "p99_ratio": 2, "never_read_mb": 64}


def resident_mb(process):
    """Of its own and of files, in units of 2^20 bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def counted(url):
    """What the server says of its connections."""
    with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
        return json.load(answer)["connections"]


def until(condition, seconds):
    """The seconds until the condition held, or None if it never did."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.05)
    return None


@contextlib.contextmanager
def served(model, **limits):
    """A server with other limits than the default ones; yields its URL and its process."""
    port = free_port()
    settings = {f"VIGIE_SERVER_LIMITS_{name.upper()}": str(value) for name, value in limits.items()}
    with running(serve(WORK, model, port), port, WORK / "hostile-serve.log", settings) as (url, process):
        yield url, process


def measure_idle(model, count):
    """Memory for connections that have had an answer and wait."""
    with served(model, connections=count + 100, idle_timeout="10m") as (url, process):
        load(url, "--rate", "2000", "--duration", "1s", "--warmup", "500ms")  # what it needs at work, it has
        before = resident_mb(process)
        with idle_after_an_answer(url, count):
            held = counted(url)["open"]
            during = resident_mb(process)
    if held < count:
        raise RuntimeError(f"{held} of {count} idle connections were open at once")
    return {"connections": count, "before_mb": before, "during_mb": during, "more_mb": during - before}


def measure_trickle(model, rate, rounds, seconds):
    """p99 of good clients alone and beside slow ones, turn by turn."""
    latencies = {"alone": [], "beside": []}

    def good_ones(name, url):
        report = load(url, "--rate", str(rate), "--duration", f"{seconds}s", "--warmup", "1s")
        latencies[name].append(report["latency_ms"]["p99"])

    with served(model) as (url, _):
        for _ in range(rounds):
            good_ones("alone", url)
            with Trickle(url, TRICKLING):
                if until(lambda: counted(url)["open"] >= 2 * TRICKLING, 30) is None:
                    raise RuntimeError(f"not all of {2 * TRICKLING} slow clients got their connection")
                good_ones("beside", url)
            if until(lambda: counted(url)["open"] <= 2, 30) is None:
                raise RuntimeError("the connections of slow clients that went away stay open")
        ends = counted(url)["timed_out"]
    alone, beside = median(latencies["alone"]), median(latencies["beside"])
    return {"rate": rate, "slow_headers": TRICKLING, "slow_bodies": TRICKLING, "p99_ms": latencies, "p99_alone_ms": alone,
            "p99_beside_ms": beside, "ratio": beside / alone, "timed_out": ends}


class MostMemory:
    """The most resident memory of a process while the block lasts, in .mb."""

    def __init__(self, process):
        self.process = process
        self.mb = resident_mb(process)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def watch(self):
        while not self.over.wait(0.02):
            self.mb = max(self.mb, resident_mb(self.process))


def measure_never_reading(model, kind, clients):
    """Memory, and the seconds until the server has dropped all clients that send and take nothing."""
    with served(model, write_timeout=f"{WRITE_TIMEOUT}s") as (url, process):
        load(url, "--rate", "2000", "--duration", "1s", "--warmup", "500ms")
        before = resident_mb(process)
        with MostMemory(process) as most, NeverReadingCrowd(url, kind, clients):
            dropped = until(lambda: counted(url)["timed_out"]["write"] >= clients, 120)
            still_open = counted(url)["open"] - 1  # the one that asks
    return {"clients": clients, "before_mb": before, "most_mb": most.mb, "more_mb": most.mb - before,
            "all_dropped_after_s": dropped, "still_open": still_open}


def print_table(out):
    def row(what, figure, goal):
        print(f"{what:<84} {figure:>10}   {goal}")

    idle, slow = out["idle"], out["slow"]
    row(f"{idle['connections']:,} idle connections: resident memory, MiB more than {idle['before_mb']:.0f}",
        f"{idle['more_mb']:.1f}", f"<= {GOALS['idle_mb']}")
    row(f"p99 of /predict at {slow['rate']:,} requests/s, alone, ms", f"{slow['p99_alone_ms']:.3f}", "")
    row(f"beside {slow['slow_headers']} slow headers and {slow['slow_bodies']} slow bodies, ms", f"{slow['p99_beside_ms']:.3f}",
        "")
    row("  slow ones that the server cut, in all rounds", f"{slow['timed_out']['header'] + slow['timed_out']['body']:,}", "")
    row("  ratio of the medians", f"{slow['ratio']:.2f}", f"< {GOALS['p99_ratio']}")
    for name, words in (("pipelined", "ask for /openapi.json"), ("streamed", "post CSV to /predict-batch")):
        never = out["never_reading"][name]
        row(f"{never['clients']} clients that {words} and never read: dropped after, s",
            "never" if never["all_dropped_after_s"] is None else f"{never['all_dropped_after_s']:.1f}", "all")
        row("  resident memory, MiB more", f"{never['more_mb']:.1f}", f"<= {GOALS['never_read_mb']}")


def missed(out):
    """The goals that were."""
    if out["idle"]["more_mb"] > GOALS["idle_mb"]:
        yield "memory of idle connections"
    if out["slow"]["ratio"] >= GOALS["p99_ratio"]:
        yield "p99 beside slow clients"
    for name, never in out["never_reading"].items():
        if never["all_dropped_after_s"] is None or never["still_open"] > 0:
            yield f"dropping clients that never read ({name})"
        if never["more_mb"] > GOALS["never_read_mb"]:
            yield f"memory for clients that never read ({name})"


def main():
    parser = argparse.ArgumentParser(prog="bench/http/hostile_clients")
    parser.add_argument("--rounds", type=int, default=5, help="medians are of so many")
    parser.add_argument("--seconds", type=int, default=12, help="each measurement takes so long; slow headers are cut after 10")
    parser.add_argument("--rate", type=int, default=2000, help="of the good clients, requests a second")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server inherits it
    if most < options.idle + 200:
        raise RuntimeError(f"{most} descriptors are too few for {options.idle} connections: ulimit -Hn {options.idle + 200}")
    WORK.mkdir(parents=True, exist_ok=True)
    model = make_model(WORK)
    out = {"idle": measure_idle(model, options.idle),
           "slow": measure_trickle(model, options.rate, options.rounds, options.seconds),
           "never_reading": {name: measure_never_reading(model, name, 16) for name in ("pipelined", "streamed")}}
    print_table(out)
    (WORK / "hostile_clients.json").write_text(json.dumps(out, indent=2) + "\n")
    if misses := list(missed(out)):
        raise RuntimeError("missed: " + ", ".join(misses))


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError) as error:
        sys.exit(f"hostile_clients: {error}")
