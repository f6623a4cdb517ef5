"""The random bits of stochastic rounding: one LFSR shared by a group of neighbouring lanes.

The bit sequence of a group obeys b[t + 47] = b[t] xor b[t + 5], the primitive trinomial
x^47 + x^5 + 1 (Xilinx XAPP052 lists its reciprocal), so its period is 2^47 - 1. The state at t is the
integer with bit j = b[t + j]. In every clock in which the lanes update weights, lane l of the group
takes the 15 bits b[t + l] .. b[t + l + 14] (bit j has weight 2^j), and the state then moves on by
``STEP`` bits. Lanes share bits, which costs nothing in hardware: 47 flip-flops and STEP exclusive-ors
for 32 lanes. What matters is that one weight's successive draws are independent, and they lie
C * STEP bits apart.
"""

import numpy as np

__all__ = ["GROUP", "LENGTH", "STEP", "TAP", "WINDOW", "groups", "seeds", "states_ahead", "windows"]

LENGTH = 47
TAP = 5
GROUP = 32
WINDOW = 15
STEP = 7
_MASK = (1 << LENGTH) - 1


def groups(z: int) -> int:
    """Number of LFSRs of a junction of ``z`` lanes."""
    return -(-z // GROUP)


def seeds(junction: int, z: int) -> np.ndarray:
    """Initial states, (groups,) uint64, none of them zero, for junction 1..L.

    Multiples of an odd constant (the golden ratio in 64 bits) spread the start points over the period.
    """
    n = np.arange(1, groups(z) + 1, dtype=object) + (junction << 16)
    state = [(int(x) * 0x9E3779B97F4A7C15 >> 13) & _MASK for x in n]
    return np.array([s or 1 for s in state], dtype=np.uint64)


def states_ahead(state: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """States before each of the next ``count`` updating clocks, and the state after them.

    Args: state (groups,) uint64. Returns (count, groups) uint64 and (groups,) uint64.
    """
    bits = count * STEP + LENGTH
    b = np.empty((bits, len(state)), dtype=np.uint8)
    for j in range(LENGTH):
        b[j] = (state >> np.uint64(j)).astype(np.uint8) & 1
    have = LENGTH
    scale = 1  # squaring the polynomial keeps it valid: b[t + 47m] = b[t] ^ b[t + 5m], m a power of two
    while have < bits:
        while LENGTH * scale * 2 <= have:
            scale *= 2
        first = have - LENGTH * scale
        take = min((LENGTH - TAP) * scale, bits - have)
        b[have : have + take] = b[first : first + take] ^ b[first + TAP * scale : first + TAP * scale + take]
        have += take
    # bytes whose bit j is b[t + j], for all t at once by doubling, then 47-bit windows every STEP bits
    packed = b.copy()
    for shift in (1, 2, 4):
        packed[:-shift] |= packed[shift:] << np.uint8(shift)
    starts = np.arange(count + 1) * STEP
    states = np.zeros((count + 1, len(state)), dtype=np.uint64)
    for byte in range(0, LENGTH, 8):
        states |= packed[starts + byte].astype(np.uint64) << np.uint64(byte)
    states &= np.uint64(_MASK)
    return states[:-1], states[-1]


def windows(states: np.ndarray, z: int) -> np.ndarray:
    """The 15-bit number of every lane: (count, groups) states give (count, z) int32."""
    lane = np.arange(z)
    shifted = states[:, lane // GROUP] >> (lane % GROUP).astype(np.uint64)
    return (shifted & np.uint64((1 << WINDOW) - 1)).astype(np.int32)
