"""All experiments by name."""

from sw.sparse.experiments.classifier import CLASSIFIER
from sw.sparse.experiments.density import DENSITY
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.histogram import HISTOGRAM
from sw.sparse.experiments.inputs import INPUTS
from sw.sparse.experiments.junctions import JUNCTIONS
from sw.sparse.experiments.kinds import KINDS
from sw.sparse.experiments.l2 import L2
from sw.sparse.experiments.large_sparse import LARGE_SPARSE
from sw.sparse.experiments.redundancy import REDUNDANCY

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[str, Experiment] = {
    one.name: one
    for one in (DENSITY, JUNCTIONS, INPUTS, KINDS, LARGE_SPARSE, L2, REDUNDANCY, HISTOGRAM, CLASSIFIER)
}
