"""All experiments by name."""

from sw.sparse.experiments.density import DENSITY
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.junctions import JUNCTIONS
from sw.sparse.experiments.kinds import KINDS_COMPARED
from sw.sparse.experiments.l2 import L2
from sw.sparse.experiments.large_sparse import LARGE_SPARSE

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[str, Experiment] = {one.name: one for one in (DENSITY, JUNCTIONS, KINDS_COMPARED, LARGE_SPARSE, L2)}
