"""How many different networks (adjacency matrices) a rule of drawing a junction can give, exactly.

Clash-free kinds: sweeps are drawn in groups, those of a group alike (type 1 each for itself, type 2 by start vector,
type 3 all). If groups feed right neurons of their own, they multiply, and it is enough to count one. In it, position
(c, m) of the sweep, clock and lane, feeds the right neurons f_m[c], one per sweep of the group. Whatever row its bank
is read in, what tells two networks apart is which row feeds which right neurons:

- type 1, any order of the rows: D! / (product over the different f_m[c] of (times it is in f_m)!)
- types 2 and 3, D starting rows: D, as f_m never falls; 1 if it never rises
- dithering gives every bank a lane; lanes of equal f are alike: z! / (product over groups of equal lanes of size!),
  and no two unequal ones can give the same, as neither f falls and so they have different right neurons in them.

The published counts (S. Dey et al., "Interleaver design for deep neural networks", ACSSC 2017) are the cases where z
divides d_in, dithering then adding nothing, and where d_in divides z; but their type 1 counts clocks that feed the
same right neuron as different, which for d_in > z is too many.
"""

from collections import Counter
from math import comb, factorial, gcd, prod

from sw.pattern.degrees import in_degree
from sw.pattern.errors import PatternError

__all__ = ["clash_free_networks", "random_networks"]


def random_networks(left: int, right: int, edges: int) -> int:
    """Networks of that many edges anywhere. Of structured ones, with fixed degrees, no closed form is known."""
    return comb(left * right, edges)


def clash_free_networks(
    kind: int, left: int, right: int, out_degree: int, z: int, *, sweeps_per_start: int = 1, dither: bool = False,
) -> int:
    """Different networks that ``make_pattern`` can draw with these arguments.

    Raises PatternError where a right neuron's edges straddle sweeps that are drawn independently: patterns that join
    neurons twice are refused there, and of those that remain no closed form is known.
    """
    fan_in = in_degree(left, right, out_degree)
    if kind not in (1, 2, 3) or z < 1 or left % z:
        raise PatternError(f"networks are counted for kind 1, 2 or 3 and z that divides {left}, got {kind} and {z}")
    alike = min(out_degree, {1: 1, 2: sweeps_per_start, 3: out_degree}[kind])
    period = fan_in // gcd(left, fan_in)  # sweeps after which one begins with a right neuron
    if alike < out_degree and alike % period:
        raise PatternError(
            f"no closed form is known for the number of networks of kind {kind} with in-degree {fan_in} and {left} "
            f"left neurons: right neurons straddle sweeps drawn independently, and joining neurons twice is refused"
        )
    depth = left // z
    # f_m of the sweeps up to the period tells as much as that of all sweeps alike
    feeds = [
        tuple(tuple((sweep * left + slot) // fan_in for sweep in range(period)) for slot in range(lane, left, z))
        for lane in range(z)
    ]
    if kind == 1:
        group = prod(factorial(depth) // prod(map(factorial, Counter(f).values())) for f in feeds)
    else:
        group = prod(depth if f[0] < f[-1] else 1 for f in feeds)
    if dither:
        group *= factorial(z) // prod(map(factorial, Counter(feeds).values()))
    return group ** -(-out_degree // alike)
