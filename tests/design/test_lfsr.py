"""The random bits: maximal period, the vectorised states, and how random the lanes' numbers are."""

import math
import tracemalloc

import numpy as np
import pytest

from sw.design import lfsr

PERIOD_PRIMES = (2351, 4513, 13264529)


def times_mod(a: int, b: int, polynomial: int) -> int:
    """Product of two polynomials over GF(2), bits as coefficients, modulo a third."""
    degree, product = polynomial.bit_length() - 1, 0
    while b:
        if b & 1:
            product ^= a
        b >>= 1
        a <<= 1
        if a >> degree:
            a ^= polynomial
    return product


def power_of_x(exponent: int, polynomial: int) -> int:
    result, base = 1, 0b10
    while exponent:
        if exponent & 1:
            result = times_mod(result, base, polynomial)
        base = times_mod(base, base, polynomial)
        exponent >>= 1
    return result


def has_maximal_period(polynomial: int, primes: tuple[int, ...]) -> bool:
    """Whether the order of x is 2^degree - 1, whose prime factors are given."""
    period = (1 << (polynomial.bit_length() - 1)) - 1
    return power_of_x(period, polynomial) == 1 and all(
        power_of_x(period // prime, polynomial) != 1 for prime in primes
    )


def bit_by_bit(state: int, count: int) -> list[int]:
    """States before each of ``count`` clocks and after them, one shift at a time."""
    states = [state]
    for _ in range(count):
        for _ in range(lfsr.STEP):
            new = (state ^ (state >> lfsr.TAP)) & 1
            state = state >> 1 | new << (lfsr.LENGTH - 1)
        states.append(state)
    return states


def test_prime_factors_of_the_period():
    assert math.prod(PERIOD_PRIMES) == 2**47 - 1
    for prime in PERIOD_PRIMES:
        assert all(prime % d for d in range(2, math.isqrt(prime) + 1))


def test_polynomial_is_primitive():
    polynomial = 1 << lfsr.LENGTH | 1 << lfsr.TAP | 1
    assert has_maximal_period(polynomial, PERIOD_PRIMES)


def test_period_check_refuses_other_taps():
    good = [
        tap for tap in range(1, 24)
        if has_maximal_period(1 << 47 | 1 << tap | 1, PERIOD_PRIMES)
    ]
    assert good == [5, 14, 20, 21]  # the primitive trinomials of degree 47, up to reversal


def test_period_check_on_a_length_that_can_be_walked_through():
    for tap, period in ((1, 15), (2, 6)):  # x^4 + x + 1, and x^4 + x^2 + 1 = (x^2 + x + 1)^2
        state, steps = 1, 0
        while steps == 0 or state != 1:
            state = state >> 1 | ((state ^ (state >> tap)) & 1) << 3
            steps += 1
        assert steps == period
        assert has_maximal_period(1 << 4 | 1 << tap | 1, (3, 5)) == (period == 15)


def test_step_keeps_the_period():
    assert math.gcd(lfsr.STEP, 2**47 - 1) == 1


@pytest.mark.parametrize(("slots", "clocks"), [(1, 1), (1, 2), (3, 1), (2, 5), (4, 32), (9, 7), (1, 400), (2, 1500)])
@pytest.mark.parametrize("z", [1, 2, 5, 6, 7, 8, 31, 32, 33, 100])
def test_draws_equal_bit_by_bit(slots, clocks, z):
    start = np.array([1, 2**47 - 1, 0x123456789ABC, 1 << 46], dtype=np.uint64)[: lfsr.groups(z)]
    numbers, states = lfsr.draws(start, slots, clocks, z)
    assert numbers.shape == (slots * clocks, z)
    assert numbers.dtype == np.int32
    assert states.shape == (slots, len(start))
    assert states.dtype == np.uint64
    for group, state in enumerate(start):
        walk = np.array(bit_by_bit(int(state), slots * clocks), dtype=np.uint64)
        assert np.array_equal(states[:, group], walk[clocks::clocks])
        for lane in range(32 * group, min(32 * group + 32, z)):
            assert np.array_equal(numbers[:, lane], walk[:-1] >> np.uint64(lane % 32) & np.uint64(0x7FFF))


@pytest.mark.parametrize("z", [1, 2, 4, 7, 20, 32, 64, 256])
def test_draws_take_memory_for_the_lanes_in_use_alone(z):
    """Traced bytes at their peak: the numbers, and per clock and LFSR what is worked on."""
    count, start = 40_000, lfsr.seeds(1, z)
    tracemalloc.start()
    lfsr.draws(start, 10, count // 10, z)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    worked_on = 6 + 2 * min(z, lfsr.STEP)  # a byte of the sequence, four that begin a clock, words of two
    assert peak < count * (4 * z + worked_on * len(start)) + 20_000


def test_draws_can_be_cut_anywhere():
    start = lfsr.seeds(2, 70)
    whole, states = lfsr.draws(start, 10, 7, 70)
    first, middle = lfsr.draws(start, 3, 7, 70)
    rest, after = lfsr.draws(middle[-1], 7, 7, 70)
    assert np.array_equal(np.concatenate([first, rest]), whole)
    assert np.array_equal(np.concatenate([middle, after]), states)


@pytest.mark.parametrize(("z", "count"), [(1, 1), (32, 1), (33, 2), (64, 2), (65, 3)])
def test_groups(z, count):
    assert lfsr.groups(z) == count
    assert lfsr.seeds(1, z).shape == (count,)


def test_seeds_are_all_different_and_never_zero():
    """As many groups as the largest layer can have."""
    states = np.concatenate([lfsr.seeds(junction, 1 << 16) for junction in range(1, 33)])
    assert len(set(states.tolist())) == 32 * 2048
    assert (states > 0).all()
    assert (states < 2**47).all()


def test_seed_by_hand():
    assert int(lfsr.seeds(1, 1)[0]) == ((1 + (1 << 16)) * 0x9E3779B97F4A7C15 >> 13) % 2**47


def find_flaw(numbers: np.ndarray) -> str:
    """What is wrong with a row of 15-bit numbers that should be independent and uniform, or ''."""
    n, sigmas = len(numbers), 5.0
    unit = (numbers + 0.5) / 2**15 - 0.5
    if abs(unit.mean()) > sigmas / math.sqrt(12 * n):
        return "mean"
    if abs((unit**2).mean() - 1 / 12) > sigmas / math.sqrt(180 * n):
        return "variance"
    counts = np.bincount(numbers >> 9, minlength=64)
    chi = ((counts - n / 64) ** 2).sum() / (n / 64)
    if abs(chi - 63) > sigmas * math.sqrt(2 * 63):
        return "histogram"
    for lag in (1, 2, 3, 7):
        if abs((unit[lag:] * unit[:-lag]).mean() * 12) > sigmas / math.sqrt(n):
            return f"correlation at distance {lag}"
    ones = (numbers[:, None] >> np.arange(15) & 1).mean(axis=0)
    if (abs(ones - 0.5) > sigmas / (2 * math.sqrt(n))).any():
        return "bits"
    pairs = np.bincount((numbers[1:] >> 12) * 8 + (numbers[:-1] >> 12), minlength=64)
    chi = ((pairs - n / 64) ** 2).sum() / (n / 64)
    return "pairs" if abs(chi - 63) > sigmas * math.sqrt(2 * 63) else ""


@pytest.mark.parametrize(("clocks", "z"), [(8, 64), (32, 2), (128, 2)])
def test_successive_draws_of_a_weight_are_independent_and_uniform(clocks, z):
    numbers = lfsr.draws(lfsr.seeds(1, z), 8000, clocks, z)[0][3::clocks].astype(np.int64)
    for lane in {0, 1, z // 2 - 1, z // 2, z - 1}:
        assert find_flaw(numbers[:, lane]) == "", f"lane {lane}"


def test_random_check_finds_flaws():
    rng = np.random.Generator(np.random.PCG64(5))
    good = rng.integers(0, 2**15, 8000)
    assert find_flaw(good) == ""
    assert find_flaw(good // 2) == "mean"
    assert find_flaw((good + 2**14) // 2) == "variance"
    assert find_flaw(np.where((good >> 9) == 7, good ^ (1 << 9), good)) == "histogram"
    partly_sorted = np.sort(good.reshape(-1, 16), axis=1).reshape(-1)
    assert find_flaw(partly_sorted) == "correlation at distance 1"
    assert find_flaw(good | 1) == "bits"
    # neighbouring lanes of one clock share bits: no numbers for one weight
    numbers, _ = lfsr.draws(lfsr.seeds(1, 32), 1, 400, 32)
    assert find_flaw(numbers.astype(np.int64).reshape(-1)) != ""


def test_lanes_of_one_clock_are_uniform_together():
    numbers, _ = lfsr.draws(lfsr.seeds(2, 128), 1, 2000, 128)
    sums = ((numbers + 0.5) / 2**15 - 0.5).sum(axis=1)
    # neighbours share bits: their sum varies more than independent numbers', but has no mean
    assert abs(sums.mean()) < 5 * sums.std() / math.sqrt(2000)
