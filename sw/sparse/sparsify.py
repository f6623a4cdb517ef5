"""An existing model with sparse layers in the place of its dense ones."""

import copy
from fractions import Fraction
from typing import cast

from torch import nn

from sw.pattern.degrees import near_out_degrees_of
from sw.pattern.draw import draw
from sw.sparse.errors import SparseError
from sw.sparse.linear import SparseLinear

__all__ = ["sparsify"]


def sparsify(
    model: nn.Module, density: float | Fraction, *, lean: float = 1, keep_last: bool = False,
    keep_weights: bool = False, pattern: str | int = "structured", z: int | None = None, seed: int = 0,
    init: str = "he", execution: str | None = None, inplace: bool = False,
) -> nn.Module:
    """``model`` with a `SparseLinear` for each ``nn.Linear``: a copy, or with ``inplace`` the model itself.

    The layers that are replaced have together about ``density`` of their weights, each about ``lean`` times as dense as
    the one before, in the order of ``model.named_modules()``: see `sw.pattern.degrees.near_out_degrees`. Biases are
    kept; weights are drawn anew for the degrees, or with ``keep_weights`` taken over where there is an edge.

    Subclasses of ``nn.Linear`` stay, as their owners look at the weights themselves (``nn.MultiheadAttention`` does). A
    layer that is used in several places stays one layer.

    Parameters
    ----------
    keep_last : the last of the layers stays dense, and does not count.
    pattern, z, seed, init, execution : as of `SparseLinear`; the layers draw from streams of their own.

    Raises
    ------
    SparseError : no layer to replace, or one whose weight is pruned or is another module's as well.
    PatternError : a density or pattern that cannot be.
    """
    names = [name for name, layer in model.named_modules() if type(layer) is nn.Linear]
    if keep_last:
        names = names[:-1]
    if not names:
        raise SparseError("the model has no nn.Linear layer to replace" + (" but the last" if keep_last else ""))
    _check(model, names)
    if not inplace:
        model = copy.deepcopy(model)
    dense = [cast(nn.Linear, model.get_submodule(name)) for name in names]
    degrees = near_out_degrees_of([(layer.in_features, layer.out_features) for layer in dense], density, lean)
    made: dict[nn.Module, SparseLinear] = {}
    for number, (layer, out_degree) in enumerate(zip(dense, degrees, strict=True), 1):
        edges = draw(
            pattern, layer.in_features, layer.out_features, out_degree=out_degree, z=z, seed=seed, junction=number
        )
        made[layer] = sparse = SparseLinear(
            edges, bias=layer.bias is not None, execution=execution, seed=seed, init=init, junction=number,
            device=layer.weight.device, dtype=layer.weight.dtype,
        ).train(layer.training)
        if keep_weights:
            sparse.load_dense(layer.weight.detach())
        if layer.bias is not None:
            sparse.bias = layer.bias
    if model in made:
        return made[model]
    for name, layer in list(model.named_modules(remove_duplicate=False)):
        if layer in made:
            model.set_submodule(name, made[layer])
    return model


def _check(model: nn.Module, names: list[str]) -> None:
    owners: dict[int, list[str]] = {}
    for name, value in model.named_parameters(remove_duplicate=False):
        owners.setdefault(id(value), []).append(name)
    for name in names:
        layer = model.get_submodule(name)
        if hasattr(layer, "weight_mask"):
            raise SparseError(f"{name}: the layer is pruned; SparseLinear.from_linear takes its mask over")
        of_weight = owners[id(layer.weight)]
        modules = {id(model.get_submodule(owner.rpartition(".")[0])) for owner in of_weight}
        if len(modules) > 1:
            raise SparseError(f"{name}: a layer to be replaced must have its weight alone, got one weight for "
                              f"{', '.join(of_weight)}")
