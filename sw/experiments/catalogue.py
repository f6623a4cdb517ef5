"""All experiments by name."""

from sw.experiments.baselines import BASELINES
from sw.experiments.classifier import CLASSIFIER
from sw.experiments.density import DENSITY
from sw.experiments.experiment import Experiment
from sw.experiments.histogram import HISTOGRAM
from sw.experiments.inputs import INPUTS
from sw.experiments.junctions import JUNCTIONS
from sw.experiments.kinds import KINDS
from sw.experiments.l2 import L2
from sw.experiments.large_sparse import LARGE_SPARSE
from sw.experiments.redundancy import REDUNDANCY
from sw.experiments.trades import TRADES

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[str, Experiment] = {
    one.name: one
    for one in (
        DENSITY, TRADES, JUNCTIONS, INPUTS, KINDS, LARGE_SPARSE, L2, REDUNDANCY, HISTOGRAM, CLASSIFIER, BASELINES,
    )
}
