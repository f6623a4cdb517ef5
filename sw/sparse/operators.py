"""Executions as operators of torch, ``torch.ops.clashfree``: what compiles, exports and maps, and has all derivatives.

A junction's three products are FF (y from x and w), BP (the gradient of x from that of y and w) and UP (the gradient of
w from that of y and x). Each is linear in both of its operands, and its derivatives are the other two:

    d FF(x, w) = FF(dx, w) + FF(x, dw)      BP and UP are the transposes of FF, in x and in w

So two operators are enough, FF, and BP with UP, and the backward of each is made of these two, however often.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch._functorch.utils import unwrap_dead_wrappers
from torch.autograd import Function
from torch.library import custom_op

from sw.sparse.errors import SparseError

__all__ = ["Operator", "Products", "operator"]

Operator = Callable[[Tensor, Tensor, Tensor | None, list[Tensor], list[int]], Tensor]
"""x (seeds, batch, N_left), weights (seeds, weights) or (weights,), biases likewise or None, index lists, layout (not
empty) to y."""


class Products(Protocol):
    """The products of a junction for tensors without gradients; of the batch in either layout, never empty."""

    def ff(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """(y, what `bp_up` likes to know of x); the latter may have no elements, and is no view of an argument."""

    def bp_up(
        self, of_y: Tensor, x: Tensor, weight: Tensor, kept: Tensor, want: tuple[bool, bool]
    ) -> tuple[Tensor | None, Tensor | None]:
        """Gradients of x and of the weights, those that are wanted. ``kept`` of `ff`, or without elements."""


def operator(name: str, products: Callable[[list[Tensor], list[int]], Products]) -> Operator:
    """Register ``clashfree::name`` and ``clashfree::name_back``, for compilers; and run the same directly else.

    Directly they are functions of autograd, which start several times as fast and take ``torch.func.grad`` as well.
    Shapes and layouts of results are found by running ``products`` on torch's tensors without data. Mapped operands
    (``torch.vmap``) are taken one by one.
    """

    def ff(
        x: Tensor, weight: Tensor, bias: Tensor | None, places: list[Tensor], layout: list[int]
    ) -> tuple[Tensor, Tensor]:
        return products(places, layout).ff(x, weight, bias)

    def back(
        of_y: Tensor, x: Tensor, weight: Tensor, kept: Tensor, places: list[Tensor], layout: list[int], want_x: bool,
        want_weight: bool,
    ) -> tuple[Tensor, Tensor]:
        found = products(places, layout).bp_up(of_y, x, weight, kept, (want_x, want_weight))
        of_x, of_weight = (x.new_empty(0) if f is None else f for f in found)
        return of_x, of_weight

    ff_op = custom_op(f"clashfree::{name}", ff, mutates_args=())
    back_op = custom_op(f"clashfree::{name}_back", back, mutates_args=())
    rules = _Rules(ff_op, back_op, lambda places: [None] * len(places))
    for op, kernel, save, gradient in (
        (ff_op, ff, rules.save_ff, rules.of_ff), (back_op, back, rules.save_back, rules.of_back)
    ):
        op.register_fake(kernel)
        op.register_autograd(gradient, setup_context=save)
        op.register_vmap(_one_by_one(op))

    def back_directly(*given: Any) -> Any:
        # in most backward passes nothing is derived of it
        derived = torch.is_grad_enabled() or torch._C._are_functorch_transforms_active()
        return (back_function.apply if derived else back)(*given)

    direct = _Rules(lambda *a: ff_function.apply(*a), back_directly, lambda places: None)
    ff_function = _function(ff, direct.save_ff, direct.of_ff, direct.ff)
    back_function = _function(back, direct.save_back, direct.of_back, direct.back)
    return lambda *given: (ff_op if torch.compiler.is_compiling() else ff_function.apply)(*given)[0]


class _Rules:
    """The derivatives of FF and of BP with UP, by these two; ``none``: what stands for gradients of a list."""

    def __init__(self, ff: Callable[..., Any], back: Callable[..., Any], none: Callable[[list[Tensor]], Any]):
        self.ff, self.back, self.none = ff, back, none

    def gradients(self, of_y: Tensor, x: Tensor, weight: Tensor, kept: Tensor, ctx: Any, want: Sequence[bool]) -> Any:
        found = self.back(of_y, x, weight, kept, list(ctx.places), ctx.layout, *want)
        return [f if wanted else None for f, wanted in zip(found, want, strict=True)]

    def save_ff(self, ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        x, weight, _, ctx.places, ctx.layout = inputs
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, weight, output[1])

    def of_ff(self, ctx: Any, of_y: Tensor | None, _: Tensor | None) -> tuple[Any, ...]:
        x, weight, kept = ctx.saved_tensors
        none = self.none(ctx.places)
        if of_y is None:
            return None, None, None, none, None
        of_x, of_weight = self.gradients(of_y, x, weight, kept, ctx, ctx.needs_input_grad[:2])
        of_bias = of_y.sum(1).view(*weight.shape[:-1], -1) if ctx.needs_input_grad[2] else None
        return of_x, of_weight, of_bias, none, None

    def save_back(self, ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        of_y, x, weight, _, ctx.places, ctx.layout, *ctx.want = inputs
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(of_y, x, weight)

    def of_back(self, ctx: Any, of_x: Tensor | None, of_weight: Tensor | None) -> tuple[Any, ...]:
        of_y, x, weight = ctx.saved_tensors
        # a result that was not wanted has no elements, and so no gradient
        u, v = (g if wanted else None for g, wanted in zip((of_x, of_weight), ctx.want, strict=True))
        parts = [
            self.ff(a, w, None, list(ctx.places), ctx.layout)[0]
            for a, w in ((u, weight), (x, v)) if a is not None and w is not None
        ]
        second = self.gradients(
            of_y, x if u is None else u, weight if v is None else v, x.new_empty(0), ctx, (v is not None, u is not None)
        )
        return sum(parts) if parts else None, *second, None, self.none(ctx.places), None, None, None


class _Direct(Function):
    """A function of autograd that starts quickly: `Function.apply` without binding its arguments to a signature."""

    @classmethod
    def apply(cls, *given: Any) -> Any:
        if torch._C._are_functorch_transforms_active():
            return super().apply(*given)
        # as torch does: what a transform that is over has left would hide what it was derived of
        return super(Function, cls).apply(*unwrap_dead_wrappers(given))  # type: ignore[misc]


def _function(forward: Any, setup_context: Any, backward: Any, itself: Callable[..., Any]) -> type[Function]:
    methods = {
        "forward": forward, "setup_context": setup_context, "backward": backward, "vmap": _one_by_one(itself),
        "jvp": _no_forward_mode,
    }
    return type("Products", (_Direct,), {name: staticmethod(method) for name, method in methods.items()})


def _no_forward_mode(*_: Any) -> None:
    raise SparseError('derivatives in forward mode are only there with the execution "masked"')


def _one_by_one(op: Callable[..., tuple[Tensor, ...]]) -> Callable[..., tuple[tuple[Tensor, ...], tuple[int, ...]]]:
    def pick(value: Any, dim: Any, n: int) -> Any:
        if isinstance(dim, list | tuple):
            return [pick(v, d, n) for v, d in zip(value, dim, strict=True)]
        return value if dim is None else value.select(dim, n)

    def rule(info: Any, dims: tuple[Any, ...], *values: Any) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
        found = [op(*(pick(v, d, n) for v, d in zip(values, dims, strict=True))) for n in range(info.batch_size)]
        stacked = tuple(torch.stack(each) for each in zip(*found, strict=True))
        return stacked, (0,) * len(stacked)

    return rule
