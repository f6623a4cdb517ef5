"""A trained network to hardware, as a design and a state to start from; a state of hardware or golden model back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from sw.data.dataset import Dataset
from sw.design import files, lfsr
from sw.design.design import Design
from sw.design.scaling import FeatureScaling
from sw.design.slots import Slots
from sw.design.states import save_state
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import State
from sw.sparse.errors import SparseError
from sw.sparse.mlp import SparseMLP
from sw.sparse.ranges import arithmetic_for, measure, saturated
from sw.sparse.settings import Samples
from sw.sparse.train import evaluate

__all__ = ["Trained", "accuracies", "check_limit", "predictions", "quantise", "restore", "restored"]

SATURATED = 0.001
"""Share of each kind of value that may saturate, unless another one is asked for."""


@dataclass(frozen=True)
class Trained:
    """A design whose arithmetic fits the weights, and the state. ``saturated``: per kind of value, (how many, of).

    ``scaling``: how the features that it was trained on became 8 bits.
    """

    design: Design
    state: State
    saturated: dict[str, tuple[int, int]]
    scaling: FeatureScaling | None = None

    def save(self, folder: Path) -> Path:
        """Write ``<name>.npz`` and ``<name>.toml``, which names it; the path of the latter, for `make sim DESIGN=`.

        Raises
        ------
        DesignError : a file cannot be written; then neither is there.
        """
        path = folder / f"{self.design.name}.toml"
        state = path.with_name(self.design.training.start)
        save_state(state, self.design, self.state.weights, self.state.biases, self.state.lfsr, self.scaling)
        try:
            files.save(self.design, path)
        except BaseException:
            state.unlink()
            raise
        return path


def check_limit(limit: float) -> None:
    """SparseError unless ``limit`` is a share of values that may saturate."""
    if not 0 <= limit < 1:
        raise SparseError(f"the share that may saturate must be 0 or more and below 1, got {limit}")


def quantise(
    model: SparseMLP, design: Design, samples: Samples, *, name: str, limit: float = SATURATED,
) -> Trained:
    """The design with integer bits for the weights of ``model`` and its sums on ``samples``, and the raw weights.

    Training in the hardware would go on at the last rate of ``design``. A softmax network's output biases are first
    moved together, which changes no prediction, so that the sums that decide lie where a sigmoid tells them apart.

    Raises
    ------
    SparseError : the model is not the design's, or its numbers need more bits. DesignError : no valid design.
    """
    check_same(model, design)
    check_limit(limit)
    model = _centred(model, samples) if model.output == "softmax" else model
    measured = measure(model, design, samples)
    training = replace(design.training, rate_shift=((0, design.training.rate_shift[-1][1]),), start=f"{name}.npz")
    made = replace(
        design, name=name, arithmetic=arithmetic_for(measured, design.arithmetic, limit), training=training
    )
    number, before = made.arithmetic.number, made.arithmetic.preactivation
    counts = {}
    for index, m in enumerate(measured, 1):
        kinds = [("weights", m.weights, number), ("biases", m.biases, number),
                 ("pre-activations", m.preactivations, before)]
        if m.activation == "relu":
            kinds.append(("activations", m.activations, number))
        counts |= {f"junction {index} {kind}": (saturated(v, format_), v.size) for kind, v, format_ in kinds}
    state = State(
        [number.from_real(m.weights) for m in measured],
        [number.from_real(m.biases) for m in measured],
        [lfsr.seeds(j.index, j.z) for j in made.junctions],
    )
    return Trained(made, state, counts)


def _centred(model: SparseMLP, samples: Samples) -> SparseMLP:
    """A copy whose two largest class sums lie around 0, half of the samples above and half below."""
    copy = model.single(0)
    with torch.no_grad():
        sums = copy(samples.features)[..., : copy.classes]
        bias = copy.layers()[-1].bias
        assert bias is not None
        bias.sub_(sums.topk(min(2, copy.classes), dim=-1).values.mean(-1).median())
    return copy


def restore(model: SparseMLP, design: Design, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> None:
    """Give ``model`` the raw weights and biases of a design's state, as `sw.design.states.load_state` gives them.

    Exact, as each number of at most 18 bits is a float32. SparseError if the model is not the design's.
    """
    check_same(model, design)
    number = design.arithmetic.number
    with torch.no_grad():
        for layer, w, b in zip(model.layers(), weights, biases, strict=True):
            assert layer.bias is not None
            layer.weight.copy_(torch.from_numpy(number.to_real(w)).view(layer.weight.shape))
            layer.bias.copy_(torch.from_numpy(number.to_real(b)).view(layer.bias.shape))


def restored(design: Design, state: State) -> SparseMLP:
    """The network of a design with the weights of a state, in float32."""
    model = SparseMLP.of(design)
    restore(model, design, state.weights, state.biases)
    return model


def accuracies(model: SparseMLP | None, trained: Trained, data: Dataset, test: Samples | None = None
               ) -> dict[str, float]:
    """Test accuracy, 0..1: "float" of the model, if there is one; "quantised", its weights and biases as the design
    has them and the rest in floating point; "golden", all of it in integers, which is what the hardware computes.

    ``test``: the test samples as the model takes them; None: of 8 bits, as the other two do.
    """
    samples = Samples.of(data.xte, data.yte)
    found = {} if model is None else {"float": evaluate(model, test or samples)[1][0]}
    found["quantised"] = evaluate(restored(trained.design, trained.state), samples)[1][0]
    return {**found, "golden": float((predictions(trained, data) == data.yte).mean())}


def predictions(trained: Trained, data: Dataset) -> np.ndarray:
    """(samples,) int64: the class of each test sample by the golden model."""
    golden = CompiledNetwork(trained.design)
    golden.load(trained.state)
    return golden.run(Slots.infer(data.xte, data.yte)).predictions


def check_same(model: SparseMLP, design: Design) -> None:
    """SparseError unless the model is a single network with the junctions, activations and classes of the design."""
    if len(model.seeds) > 1:
        raise SparseError(f"a design takes one network, got {len(model.seeds)} seeds; take one with single(n)")
    network = design.network
    for name, found, due in (
        ("neurons", model.neurons, network.neurons),
        ("classes", model.classes, network.classes),
        ("hidden activations", model.activation, network.activation[:-1]),
    ):
        if found != due:
            raise SparseError(f"{name} must be those of design {design.name}, {due}, got {found}")
    for layer, junction in zip(model.layers(), design.junctions, strict=True):
        if not np.array_equal(layer.edges[0].left_of, junction.pattern.left_of):
            raise SparseError(
                f"junction {junction.index}: the edges must be the pattern of design {design.name}; "
                f"make the network with SparseMLP.of(design)"
            )
