"""Mutants of the golden model."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

SECOND = "tests/golden/test_second_implementation.py"
EXACT = "tests/golden/test_exact.py"
NETWORK = "tests/golden/test_network.py"
COMPILED = "tests/golden/test_compiled.py"
LIBRARY = "tests/golden/test_library.py"

MUTANTS = (
    *of(
        "sw/golden/junction.py", f"{SECOND} tests/golden/test_hand_worked.py",
        ("int32 for sums of twice its range", "max(forward, backward) < 1 << 31", "max(forward, backward) < 1 << 32",
         EXACT),
        ("int64 a bit early", "max(forward, backward) < 1 << 31", "max(forward, backward) < 1 << 30", EXACT),
        ("the type by FF alone", "max(forward, backward) < 1 << 31", "forward < 1 << 31", EXACT),
        ("the type by BP alone", "max(forward, backward) < 1 << 31", "backward < 1 << 31", EXACT),
        ("FF's largest sum without the bias", "(j.in_degree * operand + (1 << j.operand_fraction)) * number",
         "j.in_degree * operand * number", EXACT),
        ("BP's largest sum of one product", "(j.out_degree * number + 1) * number", "(number + 1) * number", EXACT),
        ("a rectifier does not saturate", "np.minimum(np.maximum(s, self._zero), self._highest)",
         "np.maximum(s, self._zero)"),
        ("a rectifier's slope at 0", "(s > 0)", "(s >= 0)"),
        ("the table's end is its middle", "middle = 1 << (arithmetic.index_bits - 1)", "middle = 0"),
        ("BP does not round", "total += self._half", "total += 0"),
        ("BP saturates as pre-activations", "return self.saturate(total)",
         "return np.clip(total, self._s_lowest, self._s_highest)"),
        ("deltas times f' are cut", "(delta * slope + self._half)", "(delta * slope)"),
        ("a bias rounds by its neuron's last weight", "draw[:, 0]", "draw[:, -1]"),
        ("nearest of a bias is cut", "bias_noise = (1 << rate_shift) >> 1", "bias_noise = 0"),
        ("noise of the lowest bits", "number = draw >> (lfsr.WINDOW - bits)", "number = draw & ((1 << bits) - 1)"),
        ("no more bits for coarse rates", "if rate_shift >= lfsr.COARSE:", "if rate_shift > lfsr.COARSE:"),
        ("an update wraps at its lowest", "values.clip(self._lowest, self._highest, out=values)",
         "values.clip(self._lowest + 1, self._highest, out=values)"),
        ("loaded LFSR states wait for the numbers drawn before", "        self._drawn = []\n\n\ndef", "\n\ndef",
         NETWORK),
    ),
    *of(
        "sw/golden/network.py", f"{NETWORK} {SECOND}",
        ("a ring of slots one short", "ring = self.lags[0] + 1", "ring = self.lags[0]"),
        ("a batch while an update is due", "> self.lags[0] and not self.trace", ">= self.lags[0] and not self.trace"),
        ("a batch keeps kinds of before", "self._kinds[self._slot % len(self._kinds)] = INFER", "pass"),
        ("padding is predicted", "activations[:, : network.classes].argmax", "activations.argmax"),
        ("output deltas beyond their format", "self.junctions[-1].saturate(delta)", "delta"),
        ("a flush of one slot less than the lag", "flush_slots, self", "flush_slots - 3, self"),
        ("state is no copy", "[g.lfsr.copy() for g in self.junctions]", "[g.lfsr for g in self.junctions]"),
        ("weights of the state are no copy", "[g.weights.astype(np.int64) for",
         "[g.weights.astype(np.int64, copy=False) for"),
        ("the rate of the newest slot", "self._train(i, m, self._shifts[m % ring])", "self._train(i, m, shift)"),
        ("edges of the slot after", "self._edges[i][m % (self.lags[i] + 1)]",
         "self._edges[i][(m + 1) % (self.lags[i] + 1)]"),
    ),
    *of(
        "sw/golden/compiled.cpp", COMPILED,
        ("nearest is cut", "(value + (Integer(1) << bits >> 1)) >> bits", "value >> bits"),
        ("numbers saturate one below their highest", "return std::min(std::max(value, net.lowest), net.highest);",
         "return std::min(std::max(value, net.lowest), net.highest - 1);"),
        ("output deltas do not saturate", "deltas[r] = saturated(a[r] - (int64_t(r == label) << net.fraction_bits));",
         "deltas[r] = a[r] - (int64_t(r == label) << net.fraction_bits);"),
        ("pre-activations do not saturate at their lowest",
         "s[r] = std::min(std::max(sum, net.s_lowest), net.s_highest);", "s[r] = std::min(sum, net.s_highest);"),
        ("weights saturate at the bottom one too high", "std::min(std::max(weights[e] - by, lowest), highest)",
         "std::min(std::max(weights[e] - by, lowest + 1), highest)"),
        ("a rectifier does not saturate", "std::min<int64_t>(std::max(s[r], 0), net.highest)", "std::max(s[r], 0)"),
        ("a rectifier's slope at 0", "(s[r] > 0)", "(s[r] >= 0)"),
        ("parts of a sum twice as long", "first += j.exact) {", "first += 2 * j.exact) {"),
        ("sums of any length in the type of a product", "const int64_t last = std::min(first + j.exact, j.pitch);",
         "const int64_t last = j.pitch; first = j.pitch;"),
        ("updates a slot late", "net.slot - net.junctions[number].lag;", "net.slot - net.junctions[number].lag - 1;"),
        ("edges of one set less than the lag needs", "slot % (j.lag + 1)", "slot % j.lag"),
        ("the rate of the newest slot", "net.rate_shifts[then % net.slots]);",
         "net.rate_shifts[net.slot % net.slots]);"),
        ("inference updates", "net.kinds[then % net.slots] == TRAIN", "net.kinds[then % net.slots] != EMPTY"),
        ("BP after UP", """            backward(j, deltas, at(before.deltas, before, then));
        }
        update(j, edges(j, then), deltas, net.rate_shifts[then % net.slots]);""",
         """            update(j, edges(j, then), deltas, net.rate_shifts[then % net.slots]);
            backward(j, deltas, at(before.deltas, before, then));
            return;
        }
        update(j, edges(j, then), deltas, net.rate_shifts[then % net.slots]);"""),
        ("a bias rounds by the number of the weight after", "return numbers[w] >> (WINDOW - k);",
         "return numbers[w + 1] >> (WINDOW - k);"),
        ("no more bits for coarse rates", "(k >= COARSE ? COARSE : 0)", "(k > COARSE ? COARSE : 0)"),
        ("the lowest bits before the rest are one too few", "(number & ((1 << COARSE) - 1)) << bits",
         "(number & ((1 << COARSE) / 2 - 1)) << bits"),
        ("numbers of the next neuron", "r * j.in_degree;  // of the random numbers",
         "(r + 1) * j.in_degree;  // of the random numbers"),
        ("numbers by padded weights", "r * j.in_degree;  // of the random numbers",
         "r * j.pitch;  // of the random numbers"),
        ("an LFSR steps before it draws", "put(state, to);", "put(state >> 1, to);"),
        ("another tap", "TAP = 5", "TAP = 6"),
        ("the last group of lanes last", "for (int64_t group = (j.z - 1) / GROUP; group >= 0; --group) {",
         "for (int64_t group = 0; group <= (j.z - 1) / GROUP; ++group) {"),
        ("LFSRs stand still", "j.lfsr[group] = state;", ""),
        ("features of the slot before", "feed(kind, i % BLOCK);", "feed(kind, (i + BLOCK - 1) % BLOCK);"),
        ("a rest of features is left out", "n < slots.inputs; n += 8", "n + 8 <= slots.inputs; n += 8"),
        ("padding is fed from the last neuron", "a[j.left] = 0;", ""),
    ),
    *of(
        "sw/golden/compiled.py", COMPILED,
        ("16 bits for numbers of 16", "_NARROW = 15", "_NARROW = 16"),
        ("parts of a sum one product too long", "// largest,", "// largest + 1,"),
        ("the outputs of each part where the first's are", "to = activations[done:]", "to = activations"),
        ("a state out of range is loaded", "values.max() > number.maximum", "values.max() > number.maximum + 1"),
    ),
    *of(
        "sw/golden/library.py", LIBRARY,
        ("the library of another processor", "said.encode() + source.read_bytes()", "source.read_bytes()"),
        ("the library of another source", "said.encode() + source.read_bytes()", "said.encode()"),
        ("every process builds", "with _alone(cache):", "if True:"),
    ),
)  # fmt: skip
