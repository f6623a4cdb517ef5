"""How many different networks (adjacency matrices) a rule of drawing a junction can give, exactly.

Clash-free kinds: sweeps are drawn in groups, those of a group alike, and after each group the next can be drawn in a
number of ways that depends on none of the choices before (sw/pattern/straddle.py). So the ways of the groups multiply
to the number of patterns. Different patterns of a group may give the same network. Every left neuron has one slot per
sweep and the right neurons of the slots never fall, so a network tells what each sweep joins to what: it is enough to
look at one group. In it, position (c, m) of the sweep, clock and lane, feeds the right neurons f_m[c], one per sweep of
the group. Whatever row its bank is read in, what tells two networks apart is which row feeds which right neurons. Of
every network, as many patterns of the group give it:

- type 1, any order of the rows: per lane the product over the different f_m[c] of (times it is in f_m)!
- types 2 and 3, D starting rows: per lane 1, as f_m never falls; D if it never rises
- dithering gives every bank a lane; lanes of equal f are alike: the product over groups of equal lanes of size!, and no
  two unequal ones can give the same, as neither f falls and so they have different right neurons in them.

The published counts (S. Dey et al., "Interleaver design for deep neural networks", ACSSC 2017) are the cases where z
divides d_in, dithering then adding nothing, and where d_in divides z; but their type 1 counts clocks that feed the
same right neuron as different, which for d_in > z is too many.
"""

from collections import Counter
from math import comb, factorial, prod

from sw.pattern.degrees import in_degree
from sw.pattern.errors import PatternError
from sw.pattern.straddle import Straddle

__all__ = ["clash_free_networks", "random_networks"]


def random_networks(left: int, right: int, edges: int) -> int:
    """Networks of that many edges anywhere. Of structured ones, with fixed degrees, no closed form is known."""
    return comb(left * right, edges)


def clash_free_networks(
    kind: int, left: int, right: int, out_degree: int, z: int, *, sweeps_per_start: int = 1, dither: bool = False,
) -> int:
    """Different networks that ``make_pattern`` can draw with these arguments, all of them equally likely."""
    fan_in = in_degree(left, right, out_degree)
    if kind not in (1, 2, 3) or z < 1 or left % z:
        raise PatternError(f"networks are counted for kind 1, 2 or 3 and z that divides {left}, got {kind} and {z}")
    share = {1: 1, 2: sweeps_per_start, 3: out_degree}[kind]
    depth, number = left // z, 1
    for first in range(0, out_degree, share):
        sweeps = range(first, min(first + share, out_degree))
        feeds = [
            tuple(tuple((sweep * left + slot) // fan_in for sweep in sweeps) for slot in range(lane, left, z))
            for lane in range(z)
        ]
        if kind == 1:
            alike = prod(factorial(times) for f in feeds for times in Counter(f).values())
        else:
            alike = prod(1 if f[0] < f[-1] else depth for f in feeds)
        if dither:
            alike *= prod(map(factorial, Counter(feeds).values()))
        number *= Straddle(kind, left, fan_in, z, dither, before=first * left).choices() // alike
    return number
