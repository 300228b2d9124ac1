"""The peer: FastAPI + scikit-learn + XGBoost under uvicorn, one worker, in a virtual environment of its own from PyPI."""

import os
import subprocess
from pathlib import Path

from processes import free_port, load, running

ROUTES = {"xgboost": "/predict-xgb-only", "ensemble": "/predict"}


def prepare(work):
    """The folder of the peer's sources, or a line that says why there is none."""
    sources = Path(os.environ.get("VIGIE_SHARED", "../shared")) / "peers/fastapi"
    if not (sources / "setup.sh").exists():
        return None, f"no peer in {sources}"
    home = work / "fastapi"
    if not (home / "model.joblib").exists():
        with open(work / "fastapi.log", "wb") as log:
            done = subprocess.run(["bash", str(sources / "setup.sh"), str(home.resolve())], stdout=log, stderr=log)
        if done.returncode != 0:
            return None, f"Python's packages or the data cannot be had here (see {work}/fastapi.log)"
    return sources.resolve(), ""


def measure(work, sources, name, seconds, payloads):
    """Its answers a second, the best of 1, 8 and 32 connections, on the rows that vigie is asked about."""
    port = free_port()
    home = (work / "fastapi").resolve()
    command = [str(home / "venv/bin/python"), "-m", "uvicorn", "--app-dir", str(sources), "app:app", "--port", str(port),
               "--workers", "1", "--no-access-log", "--log-level", "warning"]
    environment = {"PEER_DIR": str(home), "OMP_NUM_THREADS": "1"}
    with running(command, port, work / "fastapi-serve.log", environment) as (url, _):
        best = None
        for connections in ("1", "8", "32"):
            report = load(url, "--path", f"predict={ROUTES[name]}", "--payloads", str(payloads), "--connections", connections,
                          "--duration", f"{seconds}s", "--warmup", "1s", "--timeout", "30s")
            if best is None or report["requests_per_s"] > best["requests_per_s"]:
                best = report
    return {"requests_per_s": best["requests_per_s"], "p99_ms": best["latency_ms"]["p99"]}
