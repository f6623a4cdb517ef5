"""The three executions against a dense product and each other: values and gradients, and faults that must be seen."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap
from torch.nn.utils import prune

from sw.pattern.edges import fully_connected
from sw.sparse.block_products import BlockProducts, Blocks
from sw.sparse.blocks import fixed_steps
from sw.sparse.executions import EXECUTIONS, GatherProducts, Masked
from sw.sparse.linear import SparseLinear
from tests.sparse.patterns import PATTERNS, clash_free, ragged

# Sums of at most 24 products of numbers of about 1 in 53 bits, in another order: 24 * 2^-53 is 3e-15.
CLOSE = {"rtol": 0.0, "atol": 1e-13}


def layer(edges, execution, **more):
    return SparseLinear(edges, execution=execution, dtype=torch.float64, bias_start=0.1, **more)


def results(one, x):
    """Output, and gradients of input, weights and biases, of a loss that no permutation of outputs leaves alone."""
    one.zero_grad()
    x = x.clone().requires_grad_()
    y = one(x)
    factors = torch.linspace(0.5, 2, y.numel(), dtype=y.dtype).view(y.shape)
    (factors * y.square()).sum().backward()
    found = [y.detach(), x.grad, one.weight.grad]
    return found if one.bias is None else [*found, one.bias.grad]


def reference(one, x):
    """The same by a dense matrix and nothing of the executions."""
    edges = one.edges[0]
    matrix = np.zeros((edges.right, edges.left))
    for left, right, value in zip(edges.left_of, edges.right_of, one.weight.detach().numpy(), strict=True):
        matrix[right, left] = value
    dense = nn.Linear(edges.left, edges.right, bias=one.bias is not None, dtype=torch.float64)
    with torch.no_grad():
        dense.weight.copy_(torch.from_numpy(matrix))
        if one.bias is not None:
            dense.bias.copy_(one.bias)
    y, of_x, of_matrix, *of_bias = results(dense, x)
    return [y, of_x, of_matrix[edges.right_of, edges.left_of], *of_bias]


def inputs(*shape):
    return torch.from_numpy(np.random.default_rng(3).standard_normal(shape))


@pytest.fixture
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("edges", PATTERNS.values(), ids=PATTERNS)
def test_values_and_gradients(edges, execution):
    x = inputs(9, edges.left)
    one = layer(edges, execution)
    for found, due in zip(results(one, x), reference(one, x), strict=True):
        torch.testing.assert_close(found, due, **CLOSE)


@pytest.mark.parametrize("execution", EXECUTIONS)
def test_drop_in(execution):
    """Leading dimensions as nn.Linear has them; no bias; an input that wants no gradient; batches of one."""
    edges = PATTERNS["type 3, straddling"]
    one = layer(edges, execution, bias=False)
    for shape in ((24,), (1, 24), (2, 3, 24), (2, 1, 3, 24)):
        x = inputs(*shape)
        for found, due in zip(results(one, x), reference(one, x), strict=True):
            torch.testing.assert_close(found, due, **CLOSE)
    one(inputs(4, 24)).sum().backward()
    assert set(one.state_dict()) == {"weight", "edge_list"}


@pytest.mark.parametrize("execution", EXECUTIONS)
def test_seeds_are_separate_layers(execution):
    """Three seeds, each with its own pattern, weights and inputs."""
    patterns = [clash_free(3, 24, 16, 4, 12, seed=s) for s in (1, 2)] + [ragged(24, 16, 96)]
    x = inputs(3, 5, 24)
    stacked = layer(patterns, execution, seed=(4, 5, 6))
    found = results(stacked, x)
    scale = torch.linspace(0.5, 2, 3 * 5 * 16, dtype=torch.float64).view(3, 5, 16)
    for n, (edges, seed) in enumerate(zip(patterns, (4, 5, 6), strict=True)):
        single = layer(edges, "masked", seed=seed)
        assert torch.equal(single.weight, stacked.weight[n])
        alone = x[n].clone().requires_grad_()
        y = single(alone)
        (scale[n] * y.square()).sum().backward()
        for one, due in zip(found, (y.detach(), alone.grad, single.weight.grad, single.bias.grad), strict=True):
            torch.testing.assert_close(one[n], due, **CLOSE)


def test_switching_keeps_the_parameters():
    one = layer(PATTERNS["type 2"], "masked")
    before = one.weight.clone()
    dense = one.dense()
    for name in EXECUTIONS:
        one.execution = name
        assert torch.equal(one.weight, before)
        assert torch.equal(one.dense(), dense)
    assert torch.equal(dense != 0, torch.from_numpy(one.edges[0].matrix()))


def test_dense_and_back_is_exact():
    one, other = (layer(PATTERNS["type 1"], "gather", seed=seed) for seed in (1, 2))
    other.load_dense(one.dense(), one.bias)
    assert torch.equal(one.weight, other.weight)
    with pytest.raises(ValueError, match=r"^the matrix must be \(16, 24\), got \(24, 16\)$"):
        other.load_dense(one.dense().T)


def test_only_edges_are_trained():
    """A fully connected layer's gradient outside the pattern is not zero; here it has nowhere to go."""
    one = layer(PATTERNS["type 3, in-degree 6, depth 2"], None)
    optimiser = torch.optim.Adam(one.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        one(inputs(8, 24)).square().sum().backward()
        optimiser.step()
    assert torch.equal(one.dense() != 0, torch.from_numpy(one.edges[0].matrix()))


# Planted faults: what test_values_and_gradients compares must differ



def test_planted_mask_forgotten_after_an_update(monkeypatch):
    """What the masked execution multiplies by has gained a weight outside the pattern."""
    edges = PATTERNS["type 3, in-degree 6, depth 2"]
    outside = torch.from_numpy(np.argwhere(~edges.matrix())[0])
    right = Masked.matrix

    def unmasked(self, weight):
        matrix = right(self, weight).clone()
        matrix[0, outside[0], outside[1]] = 1e-6
        return matrix

    x, one = inputs(9, 24), layer(edges, "masked")
    monkeypatch.setattr(Masked, "matrix", unmasked)
    seen = [not torch.allclose(a, b, **CLOSE) for a, b in zip(results(one, x), reference(one, x), strict=True)]
    assert seen[0]
    assert seen[1]


@pytest.mark.parametrize(("held", "seen"), [("left_of", (0, 1, 2)), ("right_of", (1, 2)), ("weight_order", (0,))])
def test_planted_wrong_permutation(held, seen):
    """Two entries of an index list exchanged: the results that depend on it are wrong."""
    x, one = inputs(9, 24), layer(PATTERNS["type 2, sweeps of 3, the last alone"], "blocks")
    assert isinstance(one.run, Blocks)
    list_ = one.run.get_buffer(held)
    list_[[0, -1]] = list_[[-1, 0]]
    wrong = [not torch.allclose(a, b, **CLOSE) for a, b in zip(results(one, x), reference(one, x), strict=True)]
    assert any(wrong[n] for n in seen), wrong


@pytest.mark.parametrize("held", ["weights", "rights"])
def test_planted_wrong_steps(held):
    """Blocks whose weights or right neurons are read and written in place, by a wrong step."""
    x, one = inputs(9, 24), layer(PATTERNS["type 3, in-degree 6, depth 2"], "blocks")
    assert isinstance(one.run, Blocks)
    layout = one.run.layout
    blocks, of_block, fan_in = layout.shapes[0]
    # the wrong ones are those that the blocks of another pattern would have: consecutive neurons, or weights
    if held == "weights":
        assert layout.weight_steps == (fan_in, blocks * fan_in, 1)
        one.run.layout = layout._replace(weight_steps=(of_block * fan_in, fan_in, 1))
    else:
        assert layout.right_steps == (1, blocks)
        one.run.layout = layout._replace(right_steps=(of_block, 1))
    wrong = [not torch.allclose(a, b, **CLOSE) for a, b in zip(results(one, x), reference(one, x), strict=True)]
    assert all(wrong[:3]), wrong


def test_only_even_places_are_read_in_place():
    assert fixed_steps(np.arange(24).reshape(4, 2, 3)) == (6, 3, 1)
    assert fixed_steps(np.arange(24).reshape(2, 4, 3).transpose(1, 0, 2)) == (3, 12, 1)
    assert fixed_steps(np.arange(24).reshape(4, 2, 3) + 1) is None
    uneven = np.arange(24).reshape(4, 2, 3)
    uneven[3, 1, 2] = 0
    assert fixed_steps(uneven) is None


@pytest.mark.parametrize("name", ["type 3, in-degree 6, depth 2", "type 3, straddling",
                                  "type 2, sweeps of 3, the last alone"])
@pytest.mark.parametrize(("execution", "threads"), [("masked", 1), ("gather", 1), ("blocks", 1), ("blocks", 2)],
                         indirect=["threads"])
def test_either_layout(name, execution, threads):
    """Input and gradient with neurons side by side, or with samples side by side as sparse layers have them."""
    assert torch.get_num_threads() == threads  # blocks move data in another way on one
    edges = PATTERNS[name]
    one = layer(edges, execution)
    given = inputs(9, edges.left), inputs(9, edges.right)
    found = []
    for turn_x, turn_gradient in itertools.product((False, True), repeat=2):
        turns = zip(given, (turn_x, turn_gradient), strict=True)
        x, gradient = (a.T.contiguous().T if turn else a.clone() for a, turn in turns)
        assert gradient.stride() == ((1, 9) if turn_gradient else (edges.right, 1))
        one.zero_grad()
        y = one(x.requires_grad_())
        y.backward(gradient)
        found.append([y.detach(), x.grad.clone(), one.weight.grad.clone(), one.bias.grad.clone()])
    for other in found[1:]:
        for a, b in zip(other, found[0], strict=True):
            torch.testing.assert_close(a, b, **CLOSE)


def penalised(one, x):
    """Gradients of x, weights and biases of a loss that has the squares of the first gradients in it."""
    one.zero_grad()
    x = x.clone().requires_grad_()
    y = one(x)
    factors = torch.linspace(0.5, 2, y.numel(), dtype=y.dtype).view(y.shape)
    loss = (factors * y.square()).sum()
    first = torch.autograd.grad(loss, [x, *one.parameters()], create_graph=True)
    (loss + sum(g.pow(3).sum() for g in first)).backward()
    return x.grad, one.weight.grad, *([] if one.bias is None else [one.bias.grad])


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("edges", PATTERNS.values(), ids=PATTERNS)
def test_second_derivatives(edges, execution, bias):
    """Against the dense layer: its gradients outside the pattern are made not to count."""
    x, one = inputs(9, edges.left), layer(edges, execution, bias=bias)
    found = penalised(one, x)
    dense, mask = one.to_linear(), torch.from_numpy(edges.matrix())
    prune.custom_from_mask(dense, "weight", mask)
    x = x.clone().requires_grad_()
    y = dense(x)
    loss = (torch.linspace(0.5, 2, y.numel(), dtype=y.dtype).view(y.shape) * y.square()).sum()
    parameters = [dense.weight_orig, *([dense.bias] if bias else [])]
    first = torch.autograd.grad(loss, [x, *parameters], create_graph=True)
    (loss + sum(g.pow(3).sum() for g in first)).backward()
    due = [x.grad, dense.weight_orig.grad[edges.right_of, edges.left_of], *([dense.bias.grad] if bias else [])]
    for a, b in zip(found, due, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-11 * float(b.abs().max()))


@pytest.mark.parametrize(("execution", "products"), [("gather", GatherProducts), ("blocks", BlockProducts)])
def test_planted_fault_in_second_derivatives_alone(monkeypatch, execution, products):
    """The gradient of the weights is wrong by 1e-8 where no forward pass has left its activations."""
    right, edges = products.bp_up, PATTERNS["type 2"]

    def wrong(self, of_y, x, weight, kept, want):
        of_x, of_weight = right(self, of_y, x, weight, kept, want)
        return of_x, of_weight if of_weight is None or kept.numel() else of_weight * (1 + 1e-8)

    monkeypatch.setattr(products, "bp_up", wrong)
    test_values_and_gradients(edges, execution)
    with pytest.raises(AssertionError, match="Tensor-likes are not close"):
        test_second_derivatives(edges, execution, True)


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("wanted", [(0,), (1,), (0, 1)])
def test_second_derivatives_of_some(execution, wanted):
    """By finite differences, also of the backward's backward, where not all gradients are asked for."""
    edges = PATTERNS["type 3, straddling"]
    run = layer(edges, execution).run
    given = [inputs(1, 3, edges.left), inputs(1, edges.weights), inputs(1, edges.right)]
    for n in wanted:
        given[n].requires_grad_()
    assert torch.autograd.gradgradcheck(lambda *a: run(*a).pow(3), given)


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("edges", PATTERNS.values(), ids=PATTERNS)
def test_weights_that_do_not_lie_side_by_side(edges, execution):
    """Columns of a matrix, mapped over or not; and the one number that a sum gives as the gradient of a gradient."""
    one, masked = layer(edges, execution), layer(edges, "masked")
    weights, biases, x = inputs(edges.weights, 3), inputs(edges.right, 3), inputs(5, edges.left).requires_grad_()

    def run(of, weight, bias):
        return functional_call(of, {"weight": weight, "bias": bias}, (x,))

    def second(of):
        (first,) = torch.autograd.grad(of(x).square().sum(), of.weight, create_graph=True)
        return torch.autograd.grad(first.sum(), (x, of.weight))

    for found, due in (
        ([run(one, weights[:, 1], biases[:, 1])], [run(masked, weights[:, 1], biases[:, 1])]),
        *(((vmap(lambda *a, of=of: run(of, *a), in_dims=1)(weights, biases),) for of in (one, masked)),),
        (second(one), second(masked)),
    ):
        for a, b in zip(found, due, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12 * float(b.detach().abs().max()))


# What is not accepted


@pytest.mark.parametrize(("make", "message"), [
    (lambda: layer(PATTERNS["type 1"], "csr"), 'execution must be one of masked, gather, blocks, got "csr"'),
    (lambda: layer(PATTERNS["type 1"], None, init="zeros"), 'init must be one of he, glorot, got "zeros"'),
    (lambda: layer(PATTERNS["type 1"], None, seed=-1), "seed must be at least 0, got -1"),
    (lambda: layer(PATTERNS["type 1"], None)(torch.zeros(3, 23)),
     "the input of this layer must be (..., 24), got (3, 23)"),
    (lambda: layer(PATTERNS["type 1"], None, seed=(1, 2))(torch.zeros(3, 24)),
     "the input of this layer must be (2, batch, 24), got (3, 24)"),
    (lambda: layer([PATTERNS["type 1"]], None, seed=(1, 2)),
     "a layer needs edges for each of its seeds, one at least; got 1 for 2"),
    (lambda: layer([fully_connected(2, 3), fully_connected(3, 2)], None, seed=(1, 2)),
     "edges of all seeds must have equal (left, right, weights), got [(2, 3, 6), (3, 2, 6)]"),
])
def test_bad_input(make, message):
    with pytest.raises(ValueError) as raised:
        make()
    assert str(raised.value) == message
