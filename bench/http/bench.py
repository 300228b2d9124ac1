"""python bench/http/bench.py, by way of bench/http/run, which says what it does."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import peer
from instructions import instructions_per_request
from processes import VIGIE, cpu_seconds, free_port, load, make_model, running, serve

WORK = Path("build/bench")


PIPELINE = 16
SPIN_US = 200


def busy(report):
    """The share of the time that the generator's busiest thread worked: near 1, it and not the server was the limit."""
    return report["whole_run"]["generator_cpu_s"] / report["whole_run"]["wall_s"]


def turn_by_turn(url, process, connections, pipeline, rounds, seconds):
    """Requests a second of /health and /predict, each first as often as the other, the server's CPU time for each request,
    and how busy the generator was."""
    rates = {"health": [], "predict": []}
    generator = {"health": [], "predict": []}
    cpu = {"health": [], "predict": []}
    for round_number in range(rounds):
        for route in sorted(rates, reverse=round_number % 2 == 1):
            before = cpu_seconds(process)
            report = load(url, "--mix", route, "--connections", str(connections), "--pipeline", str(pipeline),
                          "--duration", f"{seconds}s", "--warmup", "500ms")
            cpu[route].append((cpu_seconds(process) - before) / report["whole_run"]["answered"] * 1e6)
            rates[route].append(report["requests_per_s"])
            generator[route].append(busy(report))
    out = {route: {"requests_per_s": median(rates[route]), "rounds": rates[route], "generator_busy": median(generator[route]),
                   "server_cpu_us": median(cpu[route])}
           for route in rates}
    return out, median(p / h for p, h in zip(rates["predict"], rates["health"]))


def at_half(url, half, connections, rounds, seconds, *flags):
    """Latencies of /predict by a schedule of so many requests a second, and those of /health turn by turn as the floor: a
    machine that pauses shows in both."""
    latencies = {"health": [], "predict": []}
    for round_number in range(rounds):
        for route in sorted(latencies, reverse=round_number % 2 == 1):
            report = load(url, "--mix", route, "--rate", str(round(half)), "--connections", str(connections),
                          "--duration", f"{seconds}s", "--warmup", "500ms", *flags)
            latencies[route].append(report["latency_ms"])
    return {route: {f"{which}_ms_at_half": median(each[which] for each in latencies[route]) for which in ("p50", "p90", "p99")}
            for route in latencies}


def measure_vigie(model, rounds, seconds):
    """Saturation and the latency at half of it, then /health and /predict turn by turn with the same connections."""
    port = free_port()
    with running(serve(WORK, model, port), port, WORK / "http-serve.log") as (url, process):
        found = [load(url, "--find-saturation", "--step", "1s", "--duration", "1s", "--warmup", "1s")["saturation"]
                 for _ in range(min(rounds, 3))]
        saturation = median(each["requests_per_s"] for each in found)
        connections = max(32, sorted(each["connections"] for each in found)[len(found) // 2])
        latencies = at_half(url, saturation / 2, connections, rounds, seconds)
        single, ratio = turn_by_turn(url, process, connections, 1, rounds, seconds)
        pipelined, pipelined_ratio = turn_by_turn(url, process, connections, PIPELINE, rounds, seconds)
    settings = WORK / "http-spin.yaml"
    settings.write_text(f"server:\n  spin_us: {SPIN_US}\n")
    with running(serve(WORK, model, port, flags=("--config", str(settings))), port, WORK / "http-serve.log") as (url, _):
        spinning = at_half(url, saturation / 2, connections, rounds, seconds, "--spin")
    for route in single:
        single[route] |= latencies[route] | {"spinning": spinning[route]}
    single["predict"]["saturation_per_s"] = saturation
    return {**single, "pipelined": pipelined, "connections": connections,
            "ratios": {"predict_to_health": ratio, "predict_to_health_pipelined": pipelined_ratio}}


def measure_peer(seconds):
    sources, why = peer.prepare(WORK)
    if sources is None:
        print(f"http: FastAPI skipped, {why}")
        return None
    payloads = WORK / "http-payloads.ndjson"
    subprocess.run([str(VIGIE), "data", "payloads", "--route", "predict", "--count", "2000", "--out", str(payloads), "-q"],
                   check=True, stdout=subprocess.DEVNULL)
    return {name: peer.measure(WORK, sources, name, seconds, payloads) for name in peer.ROUTES}


def shown(value, form=",.0f"):
    return "-" if value is None else format(value, form)


def print_table(out):
    print(f"{'':<44} {'requests/s':>12} {'p50, ms':>9} {'p99, ms':>9} {'server CPU, us':>15}   generator busy")
    for name, part in (("", out), (f", {PIPELINE} pipelined", out["pipelined"])):
        for route, words in (("health", "GET /health"), ("predict", "POST /predict")):
            print(f"{words + name:<44} {shown(part[route]['requests_per_s']):>12} {'':>19} "
                  f"{shown(part[route]['server_cpu_us'], '.2f'):>15}   {shown(part[route]['generator_busy'], '.0%')}")
    half = out["predict"]["saturation_per_s"] / 2
    for name, spinning in (("", False), (", both spin", True)):
        for route, words in (("health", "GET /health at that rate"), ("predict", "POST /predict at half of its saturation")):
            figures = out[route]["spinning"] if spinning else out[route]
            print(f"{words + name:<50} {shown(half):>6} {shown(figures['p50_ms_at_half'], '.3f'):>9} "
                  f"{shown(figures['p99_ms_at_half'], '.3f'):>9}")
    for name, figures in (out["fastapi"] or {}).items():
        print(f"{'FastAPI, ' + name:<44} {shown(figures['requests_per_s'], ',.1f'):>12} {'':>9} "
              f"{shown(figures['p99_ms'], '.1f'):>9}")
    print(f"instructions per /predict request: {shown(out['instructions_per_request'])} ({out['instructions_by']})")
    print("ratios: " + ", ".join(f"{name.replace('_', ' ')} {ratio:.3g}" for name, ratio in out["ratios"].items()))


def main():
    parser = argparse.ArgumentParser(prog="bench/http/run")
    parser.add_argument("--rounds", type=int, default=5, help="medians are of so many")
    parser.add_argument("--seconds", type=int, default=3, help="each measurement takes so long")
    parser.add_argument("--skip-peer", action="store_true", help="without FastAPI")
    parser.add_argument("--skip-instructions", action="store_true", help="without counting instructions")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    model = make_model(WORK)
    out = measure_vigie(model, options.rounds, options.seconds)
    ratios = out.pop("ratios")
    out["instructions_per_request"], out["instructions_by"] = (
        (None, "skipped") if options.skip_instructions else instructions_per_request(WORK, model, "predict"))
    out["fastapi"] = None if options.skip_peer else measure_peer(options.seconds)
    for name, figures in (out["fastapi"] or {}).items():
        ratios[f"predict_to_fastapi_{name}"] = out["predict"]["requests_per_s"] / figures["requests_per_s"]
    out["ratios"] = ratios
    print_table(out)
    (WORK / "http.json").write_text(json.dumps(out, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(f"http: {error}")
