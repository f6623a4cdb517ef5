"""Sizes of layers and degrees that go well with lanes: numbers with many divisors, near those that are wished."""

from math import log

from sw.pattern.degrees import out_degrees

__all__ = ["SIZES", "input_neurons", "out_degree_near"]

# Of hidden layers, and of inputs that are chosen: any two have large common factors, and so many densities.
SIZES = (16, 24, 32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 512, 640, 800, 1024, 1280, 1600)
_PRIMES = (2, 3, 5)


def input_neurons(inputs: int) -> int:
    """The first layer's neurons for so many inputs: up to a sixteenth more, so that a power of two divides them."""
    step = 1 << max(2, inputs.bit_length() - 5)
    return -(-inputs // step) * step


def out_degree_near(left: int, right: int, density: float) -> int:
    """The out-degree of nearly this density (0..1] whose in-degree has no prime factor above 5, if there is one."""
    allowed = out_degrees(left, right)
    smooth = [d for d in allowed if _smooth(left * d // right)] or list(allowed)
    return min(smooth, key=lambda d: (abs(log(d / (density * right))), d))


def _smooth(n: int) -> bool:
    for prime in _PRIMES:
        while n % prime == 0:
            n //= prime
    return n == 1
