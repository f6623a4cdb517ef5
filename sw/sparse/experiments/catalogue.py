"""All experiments by name."""

from sw.sparse.experiments.density import DENSITY
from sw.sparse.experiments.experiment import Experiment

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[str, Experiment] = {one.name: one for one in (DENSITY,)}
