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

__all__ = ["COARSE", "GROUP", "LENGTH", "STEP", "TAP", "WINDOW", "draws", "groups", "seeds", "wide"]

LENGTH = 47
TAP = 5
GROUP = 32
WINDOW = 15
STEP = 7
COARSE = 8  # rates of 2^-8 and less drop so many bits more
_MASK = (1 << LENGTH) - 1


def groups(z: int) -> int:
    """Number of LFSRs of a junction of ``z`` lanes."""
    return -(-z // GROUP)


def wide(number, bits: int):
    """The ``bits`` + COARSE bit number of a rate of 2^-8 or less, from the top ``bits`` bits of a draw.

    Its upper bits are the lowest ones of the draw once more: no two neurons' sums of lanes share more bits
    for it, a bit's place does not matter to its randomness, and the hardware needs no shifter.
    """
    return number | (number & ((1 << COARSE) - 1)) << bits


def seeds(junction: int, z: int) -> np.ndarray:
    """Initial states, (groups,) uint64, none of them zero, for junction 1..L.

    Multiples of an odd constant (the golden ratio in 64 bits) spread the start points over the period.
    """
    n = np.arange(1, groups(z) + 1, dtype=object) + (junction << 16)
    state = [(int(x) * 0x9E3779B97F4A7C15 >> 13) & _MASK for x in n]
    return np.array([s or 1 for s in state], dtype=np.uint64)


def draws(state: np.ndarray, slots: int, clocks: int, z: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the next ``slots`` training slots of ``clocks`` updating clocks each.

    Args: state (groups,) uint64. Returns numbers (slots * clocks, z) int32, row by clock, and the states
    after each slot, (slots, groups) uint64.
    """
    count = slots * clocks
    bits = count * STEP + LENGTH
    b = np.empty((len(state), bits), dtype=np.uint16)
    b[:, :LENGTH] = (state[:, None] >> np.arange(LENGTH, dtype=np.uint64)) & np.uint64(1)
    have = LENGTH
    scale = 1  # squaring the polynomial keeps it valid: b[t + 47m] = b[t] ^ b[t + 5m], m a power of two
    while have < bits:
        while LENGTH * scale * 2 <= have:
            scale *= 2
        first = have - LENGTH * scale
        take = min((LENGTH - TAP) * scale, bits - have)
        np.bitwise_xor(b[:, first:][:, :take], b[:, first + TAP * scale :][:, :take], out=b[:, have : have + take])
        have += take
    # words whose bit j is b[t + j], for all t at once by doubling
    for shift in (1, 2, 4, 8):
        b[:, :-shift] |= b[:, shift:] << np.uint16(shift)
    ends = np.arange(1, slots + 1) * clocks * STEP
    states = np.zeros((slots, len(state)), dtype=np.uint64)
    for low in range(0, LENGTH, 16):
        states |= b[:, ends + min(low, LENGTH - 16)].T.astype(np.uint64) << np.uint64(min(low, LENGTH - 16))
    lanes = np.lib.stride_tricks.sliding_window_view(b, GROUP, axis=1)[:, : count * STEP : STEP]
    numbers = np.empty((count, len(state), GROUP), dtype=np.int32)
    np.bitwise_and(lanes.transpose(1, 0, 2), np.uint16((1 << WINDOW) - 1), out=numbers)
    return numbers.reshape(count, -1)[:, :z], states
