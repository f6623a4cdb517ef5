"""The sample store: what a run makes of what was packed, and its two orders."""

from __future__ import annotations

import numpy as np
import pytest

from sw.design.errors import DesignError
from sw.design.store import BITS, LFSR_MASKS, Store, next_state, order


def times(a: int, b: int, modulus: int) -> int:
    """Product of polynomials over GF(2), modulo another."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        b, a = b >> 1, a << 1
        a ^= modulus if a.bit_length() == modulus.bit_length() else 0
    return product


def period_divides(modulus: int, exponent: int) -> bool:
    """Whether x to this power is 1."""
    power, base = 1, times(2, 1, modulus)
    while exponent:
        power = times(power, base, modulus) if exponent & 1 else power
        base, exponent = times(base, base, modulus), exponent >> 1
    return power == 1


@pytest.mark.parametrize("bits", range(2, len(LFSR_MASKS)))
def test_every_lfsr_is_maximal(bits):
    """Its polynomial, x^bits + a term for each tap but the last, is primitive: checked by its order in GF(2)."""
    mask, full = LFSR_MASKS[bits], (1 << bits) - 1
    modulus = 1 << bits | sum(1 << (bits - 1 - i) for i in range(bits) if mask >> i & 1)
    assert period_divides(modulus, full)
    primes = [p for p in range(2, full + 1) if full % p == 0 and all(p % q for q in range(2, int(p**0.5) + 1))]
    assert not any(period_divides(modulus, full // p) for p in primes if p < full)


@pytest.mark.parametrize("samples", [1, 2, 3, 5, 500, 511, 512, 1000])
def test_lfsr_order_takes_every_sample_once_an_epoch(samples):
    taken, place = order(samples, 3 * samples, 1, lfsr=True)
    assert all(sorted(epoch) == list(range(samples)) for epoch in taken.reshape(3, samples).tolist())
    assert place == 1  # an epoch later the state is as it was
    first, between = order(samples, samples // 2, 1, lfsr=True)
    second, _ = order(samples, 3 * samples - len(first), between, lfsr=True)
    assert np.concatenate([first, second]).tolist() == taken.tolist()


def test_lfsr_skips_at_most_its_bits():
    state, most = 1, 0
    for _ in range(512):
        skipped, at = 0, state
        state = next_state(state, 512)
        while (at := next_state(at, 1023)) != state:  # the same LFSR without a bound
            skipped += 1
        most = max(most, skipped)
    assert 5 <= most <= 10


def test_file_order():
    taken, place = order(5, 7, 3, lfsr=False)
    assert (taken.tolist(), place) == ([3, 4, 0, 1, 2, 3, 4], 0)


@pytest.mark.parametrize("bits", BITS)
def test_what_is_packed_comes_back(bits):
    store = Store(inputs=30, word_bytes=4, bits=bits)
    features = np.random.default_rng(bits).integers(0, 256, (7, 30), np.uint8)
    words = store.pack(features)
    assert words.shape == (7, store.words_per_sample, 4)
    back = store.unpack(words).astype(int)
    assert abs(back - features).max() <= 255 // ((1 << bits) - 1) // 2
    assert store.pack(back.astype(np.uint8)).tolist() == words.tolist()


def test_bits_lie_where_the_protocol_says():
    features = np.zeros((1, 10), np.uint8)
    features[0, [0, 5]] = 255, 85  # beats of 4: feature 5 is the second of the second beat
    assert Store(10, 4, 8).pack(features)[0, :, :].tolist() == [[255, 0, 0, 0], [0, 85, 0, 0], [0, 0, 0, 0]]
    assert Store(10, 4, 2).pack(features)[0].tolist() == [[3, 1 << 2, 0, 0]]
    assert Store(10, 4, 1).fit(words=100, labels=64) == 64
    assert Store(10, 4, 8).fit(words=100, labels=64) == 33


def test_other_bits_are_refused():
    with pytest.raises(DesignError, match="1, 2, 4 or 8 bits, got 3"):
        Store(10, 4, 3)
