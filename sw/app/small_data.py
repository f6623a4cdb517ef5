"""Small data sets of scikit-learn: a design in the hardware's arithmetic against scikit-learn's own network.

    python -m sw.app.small_data

Both have a hidden layer of the same size. The design takes 8-bit features by the scaling that its data call for, and
trains slot by slot with its own rates, as many epochs as `make sim` does; `MLPClassifier` takes standardised floats and
its defaults, but for as many epochs as it wants. A seed draws the split of the data, and weights and pattern.
"""

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sw.app.accuracy import accuracy
from sw.common.command import command
from sw.common.errors import UserError
from sw.common.report import write_report
from sw.data.catalogues import BUNDLED
from sw.design.design import Design
from sw.design.files import load
from sw.sources import epochs_for, load_for, load_raw

__all__ = ["compare"]


def compare(design: Design, name: str, seeds: Sequence[int], epochs: int | None = None
            ) -> Iterator[tuple[float, float]]:
    """Test accuracy, 0..1, of the golden model and of `MLPClassifier`, for each seed."""
    source = f"sklearn:{name}"
    for seed in seeds:
        data = load_for(design, source, seed=seed)
        passes = epochs_for(design, len(data.xtr), source=source, epochs=epochs)
        ours = accuracy(design.with_seed(seed), data, passes)
        raw = load_raw(source, seed=seed)
        network = MLPClassifier(design.network.neurons[1:-1], max_iter=2000, random_state=seed)
        model = make_pipeline(StandardScaler(), network)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(raw.features["xtr"], raw.labels["ytr"])
        yield ours, float(model.score(raw.features["xte"], raw.labels["yte"]))


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(prog="python -m sw.app.small_data", description=__doc__.split("\n\n")[0])
    parser.add_argument("--design", default="designs/digits.toml", help="design file (%(default)s)")
    parser.add_argument("--data", nargs="+", choices=BUNDLED, default=BUNDLED, help="which sets (all)")
    parser.add_argument("--epochs", type=int, help="of the golden model (as make sim)")
    parser.add_argument("--seeds", type=int, default=5, help="how many (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("build/small-data.json"), help="report (%(default)s)")
    options = parser.parse_args(arguments)
    for name in ("epochs", "seeds"):
        if getattr(options, name) is not None and getattr(options, name) < 1:
            raise UserError(f"--{name} must be at least 1, got {getattr(options, name)}")
    design = load(options.design)
    rows = {}
    print(f"{'':<16}{'golden model, %':>18}{'MLPClassifier, %':>18}{'difference':>12}")
    for name in options.data:
        found = 100 * np.array(list(compare(design, name, range(1, options.seeds + 1), options.epochs)))
        ours, theirs = found.mean(axis=0)
        rows[name] = {"golden": found[:, 0].tolist(), "mlp_classifier": found[:, 1].tolist()}
        print(f"{name:<16}{ours:>18.1f}{theirs:>18.1f}{ours - theirs:>+12.1f}", flush=True)
    write_report(options.out, {"design": design.name, "epochs": options.epochs, "accuracy_percent": rows},
                 {"epochs": "as many as make sim takes, see sw.sources.epochs_for"})


if __name__ == "__main__":
    sys.exit(main())
