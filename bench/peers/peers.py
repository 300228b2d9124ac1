"""Times other engines on the bench's own rows: python peers.py WORK, after vigie_scoring_bench --dump WORK/dump."""

import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402

FEATURES = 35
SINGLE = 300
BATCH = 100_000
REPEATS = 7


def measure(predict, rows):
    """predict(rows) -> scores; ns/row of one row at a time, and of a batch."""
    single, batch = [], []
    for _ in range(REPEATS):
        start = time.perf_counter_ns()
        for i in range(SINGLE):
            predict(rows[i : i + 1])
        single.append((time.perf_counter_ns() - start) / SINGLE)
        start = time.perf_counter_ns()
        scores = predict(rows)
        batch.append((time.perf_counter_ns() - start) / len(rows))
    return median(single), median(batch), np.asarray(scores, dtype=np.float64).reshape(-1)


def agree(name, scores, expected, tolerance):
    worst = float(np.max(np.abs(scores - expected)))
    if worst > tolerance:
        sys.exit(f"peers: {name} differs from XGBoost by {worst}")


def onnx_runtime(booster, rows, expected):
    import onnxruntime
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster.feature_names = [f"f{i}" for i in range(FEATURES)]
    model = convert_xgboost(booster, initial_types=[("input", FloatTensorType([None, FEATURES]))])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    output = session.get_outputs()[1].name

    def predict(x):
        return session.run([output], {"input": x})[0][:, 1]

    single, batch, scores = measure(predict, rows)
    agree("ONNX Runtime", scores, expected, 1e-5)
    return single, batch


def treelite_gtil(work, rows, expected):
    import treelite

    model = treelite.frontend.load_xgboost_model(str(work / "dump/xgboost.json"))
    single, batch, scores = measure(lambda x: treelite.gtil.predict(model, x, nthread=1), rows)
    agree("Treelite", scores, expected, 1e-5)
    return single, batch


def tl2cgen_compiled(work, rows, expected):
    """The compiled model, called from C row by row: no Python in the figure."""
    import tl2cgen
    import treelite

    model = treelite.frontend.load_xgboost_model(str(work / "dump/xgboost.json"))
    annotation = work / "annotation.json"
    data = tl2cgen.DMatrix(rows[:20_000])
    tl2cgen.annotate_branch(model, data, path=str(annotation))
    library = work / "tl2cgen.so"
    tl2cgen.export_lib(
        model, toolchain="gcc", libpath=str(library), params={"annotate_in": str(annotation)}, options=["-O3"]
    )
    driver = work / "compiled"
    source = Path(__file__).with_name("compiled.c")
    subprocess.run(["gcc", "-O2", str(source), "-o", str(driver), "-ldl"], check=True)
    printed = subprocess.run(
        [str(driver), str(library.resolve()), str(work / "dump/inputs.f32"), str(FEATURES), str(REPEATS)],
        check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    total = float(next(line for line in printed if line.startswith("sum")).split()[1])
    if abs(total - float(expected.sum())) > 1e-4 * max(1.0, abs(float(expected.sum()))):
        sys.exit("peers: TL2cgen's scores differ from XGBoost's")
    row = median(float(line) for line in printed[:REPEATS])
    return row, row


def lightgbm_own(rows, labels):
    """A model of LightGBM's own, of the same size, on the same rows."""
    import lightgbm

    data = lightgbm.Dataset(rows[:60_000], labels[:60_000])
    parameters = dict(objective="binary", num_leaves=31, max_depth=5, num_threads=1, verbose=-1)
    model = lightgbm.train(parameters, data, 100)
    single, batch, _ = measure(lambda x: model.predict(x, num_threads=1), rows)
    return single, batch


def ydf_own(rows, labels):
    """A model of YDF's own, of the same size."""
    import ydf

    def table(x):
        return {f"f{i}": x[:, i] for i in range(FEATURES)}

    training = table(rows[:20_000]) | {"label": labels[:20_000]}
    ydf.verbose(0)
    model = ydf.GradientBoostedTreesLearner(
        label="label", num_trees=100, max_depth=6, validation_ratio=0.0, early_stopping="NONE", num_threads=1
    ).train(training)
    result = model.benchmark(table(rows[:20_000]), num_threads=1)
    return None, float(result.duration_per_example) * 1e9  # its own benchmark; it has none of one row at a time


def isolation_sklearn(rows):
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1, n_jobs=1).fit(rows[:60_000])
    single, batch, _ = measure(lambda x: forest.score_samples(x), rows)
    return single, batch


def main():
    import xgboost

    work = Path(sys.argv[1])
    rows = np.fromfile(work / "dump/inputs.f32", dtype=np.float32).reshape(-1, FEATURES)[:BATCH]
    booster = xgboost.Booster({"nthread": 1}, model_file=str(work / "dump/xgboost.json"))
    expected = booster.inplace_predict(rows).astype(np.float64)
    labels = (expected > np.quantile(expected, 0.99)).astype(np.int32)

    engines = {
        "ONNX Runtime": lambda: onnx_runtime(booster, rows, expected),
        "TL2cgen": lambda: tl2cgen_compiled(work, rows, expected),
        "Treelite GTIL": lambda: treelite_gtil(work, rows, expected),
        "LightGBM": lambda: lightgbm_own(rows, labels),
        "YDF": lambda: ydf_own(rows, labels),
        "scikit-learn isolation": lambda: isolation_sklearn(rows),
    }
    ours = json.loads((work / "scoring.json").read_text())
    table = {
        "vigie boosted": (ours["boosted"]["ours"]["one_row_ns"], 1e9 / ours["boosted"]["ours"]["rows_per_s"]),
        "vigie isolation": (ours["isolation"]["ours"]["one_row_ns"], 1e9 / ours["isolation"]["ours"]["rows_per_s"]),
    }
    for name, run in engines.items():
        try:
            table[name] = run()
        except Exception as error:  # a peer that cannot be had or run is a line of the table, not the end of it
            print(f"{name}: skipped ({type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''})")
    print(f"{'ns/row, one thread':<24} {'one row':>12} {'100,000 rows':>14}")
    for name, (single, batch) in table.items():
        print(f"{name:<24} {'-' if single is None else format(single, '.0f'):>12} {batch:>14.0f}")
    out = {name: {"one_row_ns": single, "rows_per_s": 1e9 / batch} for name, (single, batch) in table.items()}
    (work / "peers.json").write_text(json.dumps(out, indent=2) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
