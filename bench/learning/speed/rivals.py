"""The Python rivals of bench learning: a request and a reply per line, as JSON; arrays of f64 go through files (see python.ts)."""

import importlib
import json
import sys
import time
import traceback
import warnings

warnings.filterwarnings("ignore")
packages = {"numpy": "numpy", "scikit-learn": "sklearn", "pandas": "pandas", "polars": "polars", "statsforecast": "statsforecast"}
modules = {}
for package, module in packages.items():
    try:
        modules[package] = importlib.import_module(module)
    except ImportError:
        pass
np, pd, pl = (modules.get(name) for name in ("numpy", "pandas", "polars"))
works = {}


def work(make):
    """`make(options)` reads what is needed and gives the function that is measured; that one gives arrays or columns."""
    works[make.__name__] = make
    return make


def numbers(options, name="values"):
    return np.fromfile(options[name], dtype=np.float64)


def rolling(frame, name, rows, least):
    return getattr(frame.rolling(rows, min_periods=least), name)()


@work
def pandas_columns(options):
    """Each series is a column of its own, which costs pandas the least."""
    series = [pd.Series(each) for each in numbers(options).reshape(-1, options["series"]).T.copy()]
    window = options["rows"]
    return lambda: [rolling(each, name, window, 1) for name in options["names"] for each in series]


@work
def pandas_groups(options):
    values = numbers(options)
    frame = pd.DataFrame({"k": np.arange(len(values)) % options["series"], "v": values})
    return lambda: [rolling(frame.groupby("k")["v"], name, options["rows"], 1) for name in options["names"]]


@work
def polars_columns(options):
    series = [pl.Series(each) for each in numbers(options).reshape(-1, options["series"]).T.copy()]
    window = options["rows"]
    return lambda: [getattr(each, "rolling_" + name)(window, min_samples=1) for name in options["names"] for each in series]


@work
def polars_over(options):
    values = numbers(options)
    frame = pl.DataFrame({"k": np.arange(len(values)) % options["series"], "v": values})
    columns = [
        getattr(pl.col("v"), "rolling_" + name)(options["rows"], min_samples=1).over("k").alias(name) for name in options["names"]
    ]
    return lambda: frame.lazy().select(columns).collect().get_columns()


@work
def pandas_ewm(options):
    series = pd.Series(numbers(options))

    def run():
        weighted = series.ewm(alpha=options["alpha"], adjust=False)
        return [weighted.mean(), weighted.std(bias=True)]

    return run


@work
def polars_ewm(options):
    series = pl.Series(numbers(options))
    how = {"alpha": options["alpha"], "adjust": False}
    return lambda: [series.ewm_mean(**how), series.ewm_std(bias=True, **how)]


def robust_last(window):
    center = np.median(window)
    return (window[-1] - center) / (1.4826 * np.median(np.abs(window - center)))


@work
def pandas_robust(options):
    series = pd.Series(numbers(options))
    return lambda: [series.rolling(options["rows"], min_periods=3).apply(robust_last, raw=True)]


@work
def polars_robust(options):
    series = pl.Series(numbers(options))

    def last(window):
        center = window.median()
        return (window[-1] - center) / (1.4826 * (window - center).abs().median())

    return lambda: [series.rolling_map(last, options["rows"], min_samples=3)]


@work
def forest_scores(options):
    """scikit-learn's own forest; the answer is the negative of score_samples."""
    forest = fit_forest(options)
    rows = table(options)
    return lambda: [-forest.score_samples(rows)]


@work
def forest_dump(options):
    """Trees, rows of a sample; then of each tree its nodes, and for each left, right, column, threshold, rows."""
    forest = fit_forest(options)

    def run():
        parts = [np.array([len(forest.estimators_), forest.max_samples_], dtype=np.float64)]
        for estimator in forest.estimators_:
            tree = estimator.tree_
            parts.append(np.array([tree.node_count], dtype=np.float64))
            columns = [tree.children_left, tree.children_right, tree.feature, tree.threshold, tree.n_node_samples]
            parts.append(np.stack([np.asarray(each, dtype=np.float64) for each in columns], axis=1).reshape(-1))
        return [np.concatenate(parts)]

    return run


def table(options):
    return np.fromfile(options["values"], dtype=np.float32).reshape(-1, options["columns"])


def fit_forest(options):
    ensemble = importlib.import_module("sklearn.ensemble")
    rows = table(options)[: options["fitted"]]
    return ensemble.IsolationForest(n_estimators=options["trees"], max_samples=options["sample"], random_state=7, n_jobs=1).fit(rows)


@work
def statsforecast_model(options):
    """Each history alone, without the frames around it."""
    models = importlib.import_module("statsforecast.models")
    make = getattr(models, options["model"])
    values = numbers(options)
    places = np.cumsum([0, *options["lengths"]])
    histories = [values[start:end].copy() for start, end in zip(places, places[1:])]
    pairs = list(zip(histories, options["seasons"]))
    return lambda: [make(season_length=season).forecast(y=y, h=options["horizon"], level=[95])["mean"] for y, season in pairs]


def answer(made):
    return np.concatenate([np.asarray(each.to_numpy() if hasattr(each, "to_numpy") else each, dtype=np.float64) for each in made])


def reply(request, contestants):
    what = request["do"]
    if what == "versions":
        return {"versions": {name: module.__version__ for name, module in modules.items()}}
    if what == "make":
        contestants[request["id"]] = [works[request["work"]](request["options"]), None]
        return {}
    contestant = contestants[request["id"]]
    if what == "run":
        contestant[1] = None
        before = time.process_time()
        contestant[1] = contestant[0]()
        return {"ms": (time.process_time() - before) * 1000}
    answer(contestant[1]).tofile(request["path"])
    return {}


def main():
    contestants = {}
    for line in sys.stdin:
        try:
            result = reply(json.loads(line), contestants)
        except Exception:
            result = {"error": traceback.format_exc()}
        print(json.dumps(result), flush=True)


main()
