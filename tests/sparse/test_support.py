"""What of torch works with each execution: the table of docs/sparse.md, a test for each of its cells."""

from pathlib import Path

import pytest
import torch
from torch.func import functional_call, grad, jacrev, stack_module_state, vjp, vmap

from sw.sparse.executions import EXECUTIONS
from sw.sparse.linear import SparseLinear
from tests.sparse.patterns import PATTERNS, clash_free

DOCUMENT = Path(__file__).parents[2] / "docs" / "sparse.md"
# right neurons in one block each, read in place; and in several, summed
SOME = ("type 3, in-degree 6, depth 2", "type 3, straddling")


def layers(execution, dtype=torch.float32):
    return [SparseLinear(PATTERNS[name], execution=execution, seed=1, bias_start=0.1, dtype=dtype) for name in SOME]


def inputs(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=dtype)


def gradients(run, layer, x):
    """Output, and gradients of x, weights and biases."""
    layer.zero_grad()
    x = x.clone().requires_grad_()
    y = run(x)
    y.float().square().sum().backward()
    return [t.detach().clone() for t in (y, x.grad, layer.weight.grad, layer.bias.grad)]


def close(found, due, **tolerance):
    for a, b in zip(found, due, strict=True):
        torch.testing.assert_close(a, b, **tolerance)


def second_derivatives(execution):
    """A gradient penalty's, by finite differences."""
    for layer in layers(execution, torch.float64):
        x = inputs(1, 3, 24, dtype=torch.float64).requires_grad_()
        given = x, layer.weight.detach()[None].requires_grad_(), layer.bias.detach()[None].requires_grad_()
        assert torch.autograd.gradgradcheck(lambda *a, layer=layer: layer.run(*a).pow(3), given)


def third_derivatives(execution):
    """Of the sum of y^4, by x along itself: homogeneous of degree 4 without biases."""
    for layer in layers(execution, torch.float64):
        with torch.no_grad():
            layer.bias.zero_()
        x = inputs(3, 24, dtype=torch.float64).requires_grad_()
        value = start = layer(x).pow(4).sum()
        for factor in (4, 3, 2):
            (of_x,) = torch.autograd.grad(value, x, create_graph=True)
            due, value = factor * value.detach(), (of_x * x.detach()).sum()
            torch.testing.assert_close(value.detach(), due)
        torch.testing.assert_close(value.detach(), 24 * start.detach())


def empty_batch(execution):
    for layer in layers(execution):
        y, of_x, of_weight, of_bias = gradients(layer, layer, inputs(0, 24))
        assert (y.shape, of_x.shape) == ((0, layer.out_features), (0, 24))
        assert not of_weight.any()
        assert not of_bias.any()
        assert layer(inputs(2, 0, 24)).shape == (2, 0, layer.out_features)


def autocast(execution):
    """Its type, as nn.Linear has it; gradients in the parameters' own. bfloat16 has 8 bits: sums of up to 16 terms."""
    for layer in layers(execution):
        due = gradients(layer, layer, inputs(9, 24))

        def run(x, layer=layer):
            with torch.autocast("cpu", torch.bfloat16):
                return layer(x)

        found = gradients(run, layer, inputs(9, 24))
        assert [f.dtype for f in found] == [torch.bfloat16, *[torch.float32] * 3]
        for a, b in zip(found, due, strict=True):
            torch.testing.assert_close(a.float(), b, rtol=0, atol=2**-5 * float(b.abs().max()))
        assert run(inputs(9, 24, dtype=torch.float64)[:0].float()).dtype == torch.bfloat16


def half_precision(execution):
    for layer in layers(execution):
        due = gradients(layer, layer, inputs(9, 24))
        found = gradients(layer, layer.bfloat16(), inputs(9, 24).bfloat16())
        for a, b in zip(found, due, strict=True):
            assert a.dtype == torch.bfloat16
            torch.testing.assert_close(a.float(), b, rtol=0, atol=2**-5 * float(b.abs().max()))


def compile_(execution):
    for layer in layers(execution):
        torch.compiler.reset()
        compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
        x = inputs(9, 24)
        close(gradients(compiled, layer, x), gradients(layer, layer, x))


def export(execution):
    """With a batch of any size, which is another one when it runs."""
    for layer in layers(execution):
        batch = torch.export.Dim("batch", min=2, max=64)
        program = torch.export.export(layer, (inputs(9, 24),), dynamic_shapes=({0: batch},))
        torch.testing.assert_close(program.module()(inputs(5, 24)), layer(inputs(5, 24)))


def vmap_(execution):
    for layer in layers(execution):
        x = inputs(4, 24)
        torch.testing.assert_close(vmap(layer)(x), layer(x))
        torch.testing.assert_close(vmap(layer, in_dims=1)(x.T.contiguous()), layer(x))


def per_sample_gradients(execution):
    for layer in layers(execution):
        parameters = {name: p.detach() for name, p in layer.named_parameters()}

        def loss(parameters, x, layer=layer):
            return functional_call(layer, parameters, (x,)).square().sum()

        x = inputs(4, 24)
        found = vmap(grad(loss), in_dims=(None, 0))(parameters, x)
        for n in range(4):
            _, _, of_weight, of_bias = gradients(layer, layer, x[n])
            close((found["weight"][n], found["bias"][n]), (of_weight, of_bias))


def ensemble(execution):
    """Layers whose patterns differ, stacked and mapped."""
    members = [SparseLinear(clash_free(3, 24, 16, 4, 12, seed=s), execution=execution, seed=s) for s in (1, 2)]
    x = inputs(5, 24)
    found = vmap(lambda state: functional_call(members[0], state, (x,)))(
        {name: value for part in stack_module_state(members) for name, value in part.items()}
    )
    close(found, [member(x) for member in members])


def forward_mode(execution):
    for layer in layers(execution):
        x = inputs(4, 24)
        found = torch.func.jvp(layer, (x,), (x,))
        close(found, (layer(x), layer(x) - layer.bias))


def hessian(execution):
    """Of the sum of y^2 in one sample, 2 W^T W."""
    for layer in layers(execution):
        found = jacrev(jacrev(lambda x, layer=layer: layer(x).square().sum()))(inputs(24))
        torch.testing.assert_close(found, 2 * layer.dense().T @ layer.dense())


def vjp_(execution):
    """Called when its own forward pass is over, and derived by what that was given."""
    for layer in layers(execution, torch.float64):
        x, weight = inputs(4, 24, dtype=torch.float64), layer.weight.detach().clone()
        given = x.requires_grad_(), weight.requires_grad_()

        def run(x, weight, layer=layer):
            return functional_call(layer, {"weight": weight}, (x,))

        y, pull = vjp(run, *given)
        gradient = inputs(*y.shape, dtype=torch.float64).requires_grad_()
        usual = torch.autograd.grad(run(*given), given, gradient, create_graph=True)
        found, due = (
            [*first, *torch.autograd.grad(sum(f.square().sum() for f in first), (*given, gradient))]
            for first in (pull(gradient), usual)
        )
        close(found, due)


def mapped_gradients(execution):
    """Rows of the Jacobian, gradients of one forward pass."""
    for layer in layers(execution):
        x = inputs(24).requires_grad_()
        y = layer(x)
        (found,) = vmap(lambda of_y, y=y, x=x: torch.autograd.grad(y, x, of_y))(torch.eye(layer.out_features))
        torch.testing.assert_close(found, layer.dense())


#: what torch does: the check, which raises where it does not work
TABLE = {
    "second derivatives (gradient penalty)": second_derivatives,
    "third derivatives": third_derivatives,
    "empty batch": empty_batch,
    "bfloat16 layer": half_precision,
    "`torch.autocast`": autocast,
    "`torch.compile(fullgraph=True)`": compile_,
    "`torch.export`, any batch": export,
    "`torch.func.vmap` over samples": vmap_,
    "`vmap(grad(...))`, gradients per sample": per_sample_gradients,
    "`jacrev(jacrev(...))`, Hessians": hessian,
    "`torch.func.vjp`, derived later": vjp_,
    "`torch.func.vmap` over `autograd.grad`": mapped_gradients,
    "`stack_module_state`, patterns that differ": ensemble,
    "forward mode (`torch.func.jvp`)": forward_mode,
}
#: the cells where it does not, and says so in this line
REFUSED = dict.fromkeys(
    [(forward_mode, "gather"), (forward_mode, "blocks")],
    r'^derivatives in forward mode are only there with the execution "masked"$',
)


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("check", TABLE.values(), ids=[check.__name__.strip("_") for check in TABLE.values()])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cell(check, execution):
    if (check, execution) not in REFUSED:
        check(execution)
    else:
        with pytest.raises(ValueError, match=REFUSED[check, execution]):
            check(execution)


def table():
    """Lines of the table as the document has it."""
    rows = [("torch", EXECUTIONS), *(
        (name, ["refused" if (check, e) in REFUSED else "yes" for e in EXECUTIONS]) for name, check in TABLE.items()
    )]
    lines = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows]
    return "\n".join([lines[0], "|---" * (1 + len(EXECUTIONS)) + "|", *lines[1:]])


def test_document_has_the_table():
    assert f"\n\n{table()}\n\n" in DOCUMENT.read_text()
