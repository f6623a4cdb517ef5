// The compiled twin of network.py and junction.py: the same integers in the same order, for one core.
//
// For each slot n, for each junction: FF(n) with the present weights, then BP and UP of slot n - lag. compiled.py owns
// what lasts and describes it by the structures below, whose members are the same there; a run allocates scratch alone.
// Loops over the weights of a right neuron are plain, for the compiler to make vectors of them.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace {

enum Kind : uint8_t { EMPTY, TRAIN, INFER };

// of the LFSRs, as in sw/design/lfsr.py
constexpr int LENGTH = 47, TAP = 5, GROUP = 32, STEP = 7, WINDOW = 15, COARSE = 8;

constexpr int BLOCK = 8;  // slots whose features are gathered together, a byte of 64 bits each

struct Junction {
    int64_t left, right, in_degree, z, lag, operand_fraction, random_bits;
    int64_t pitch;         // of the weights of a right neuron: in_degree and zeros, so that no loop has a remainder
    int64_t exact;         // so many products are summed in the type of one
    int64_t relu, scaled;  // the activation; whether right deltas are multiplied by f'
    const int32_t* left_of;  // (right, pitch): the left neuron of every weight, `left` where there is none
    void* weights;           // (right, pitch) numbers
    void* biases;            // (right) numbers
    uint64_t* lfsr;          // (groups)
    void* edges;   // (lag + 1, right, pitch) numbers: left activation of every weight, by slot
    void* slopes;  // (slots, right) numbers: f', by slot
    void* deltas;  // (slots, right) numbers, by slot
};

struct Network {
    int64_t depth, slots;  // junctions; slots that are remembered
    int64_t slot;          // number of the next one
    int64_t fraction_bits, lowest, highest, s_lowest, s_highest;
    int64_t stochastic, dropped, middle;  // index of a table: (s >> dropped) + middle
    const void* sigmoid;                  // numbers
    const void* slope;
    uint8_t* kinds;      // (slots)
    int64_t* rate_shifts;  // (slots)
    Junction* junctions;
};

struct Slots {
    int64_t count, inputs;
    const uint8_t* features;  // (count, inputs)
    const int64_t* labels;
    const uint8_t* kinds;
    const int64_t* rate_shifts;
};

// value / 2^bits to the nearest integer, half up. The shift of a negative number rounds down in every g++.
template <class Integer>
Integer nearest(Integer value, int bits) {
    return (value + (Integer(1) << bits >> 1)) >> bits;
}

// Transpose 8 x 8 bytes; byte c of rows[r] is the element (r, c).
inline void transpose(uint64_t (&rows)[8]) {
    const auto exchange = [&](int upper, int lower, int bits, uint64_t mask) {
        const uint64_t differ = (rows[upper] >> bits ^ rows[lower]) & mask;
        rows[lower] ^= differ;
        rows[upper] ^= differ << bits;
    };
    for (int r : {0, 1, 2, 3}) exchange(r, r + 4, 32, 0x00000000FFFFFFFF);
    for (int r : {0, 1, 4, 5}) exchange(r, r + 2, 16, 0x0000FFFF0000FFFF);
    for (int r : {0, 2, 4, 6}) exchange(r, r + 1, 8, 0x00FF00FF00FF00FF);
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bytes of a word are addressed as elements");

// Number: what weights, biases, activations and deltas are kept in. A product of two, and a change of a weight with
// its random number, fit the type of twice its size (compiled.py).
template <class Number>
class Machine {
    using Product = std::conditional_t<sizeof(Number) == 2, int32_t, int64_t>;

    Network& net;
    const Number *const sigmoid, *const slope;
    std::vector<uint64_t> columns;  // the features of a block of slots, by neuron, and a 0
    std::vector<uint8_t> block;     // (BLOCK, right, pitch): the edges of the first junction for these slots
    std::vector<int32_t> s;         // pre-activations of a layer
    std::vector<Number> a;          // activations of a layer, and a 0
    std::vector<int64_t> sums;      // left delta sums
    std::vector<uint16_t> draws;    // random numbers of a junction, by weight

    Number saturated(int64_t value) const { return std::min(std::max(value, net.lowest), net.highest); }

    Number* at(void* rows, const Junction& j, int64_t slot) const {
        return static_cast<Number*>(rows) + slot % net.slots * j.right;
    }

    Number* edges(const Junction& j, int64_t slot) const {
        return static_cast<Number*>(j.edges) + slot % (j.lag + 1) * j.right * j.pitch;
    }

   public:
    explicit Machine(Network& network)
        : net(network),
          sigmoid(static_cast<const Number*>(net.sigmoid) + net.middle),
          slope(static_cast<const Number*>(net.slope) + net.middle) {
        int64_t neurons = 0, weights = 0;
        for (int64_t i = 0; i < net.depth; ++i) {
            const Junction& j = net.junctions[i];
            neurons = std::max({neurons, j.left, j.right});
            weights = std::max(weights, j.right * j.pitch);
        }
        const Junction& first = net.junctions[0];
        columns.resize(first.left + 8);
        block.resize(BLOCK * first.right * first.pitch);
        s.resize(neurons);
        a.resize(neurons + 1);
        sums.resize(neurons);
        draws.resize(weights + GROUP);
    }

    // outputs: (non-empty slots, N_L)
    void run(const Slots& slots, int32_t* outputs) {
        const int64_t width = net.junctions[net.depth - 1].right;
        for (int64_t i = 0; i < slots.count; ++i, ++net.slot) {
            if (i % BLOCK == 0) gather(slots, i);
            const Kind kind = Kind(slots.kinds[i]);
            net.kinds[net.slot % net.slots] = kind;
            net.rate_shifts[net.slot % net.slots] = slots.rate_shifts[i];
            if (kind != EMPTY) {
                feed(kind, i % BLOCK);
                outputs = std::copy_n(a.data(), width, outputs);
            }
            if (kind == TRAIN) output_deltas(slots.labels[i]);
            for (int64_t number = net.depth; number-- > 0;) {
                const int64_t then = net.slot - net.junctions[number].lag;
                if (then >= 0 && net.kinds[then % net.slots] == TRAIN) train(number, then);
            }
        }
    }

   private:
    // FF of the present slot, the number `place` in its block, through all junctions.
    void feed(Kind kind, int64_t place) {
        for (int64_t number = 0; number < net.depth; ++number) {
            const Junction& j = net.junctions[number];
            Number* const to = edges(j, net.slot);
            const int64_t weights = j.right * j.pitch;
            if (number == 0)
                std::copy_n(block.data() + place * weights, weights, to);
            else
                look_up(j, to);
            forward(j, to);
            if (kind == TRAIN && j.scaled) {
                Number* const slopes = at(j.slopes, j, net.slot);
                for (int64_t r = 0; r < j.right; ++r)
                    slopes[r] = j.relu ? (s[r] > 0) << net.fraction_bits : slope[s[r] >> net.dropped];
            }
            activate(j);
        }
    }

    // The edges of a later junction.
    void look_up(const Junction& j, Number* to) {
        a[j.left] = 0;
        const int64_t weights = j.right * j.pitch;
        const int32_t* const left_of = j.left_of;
        const Number* const from = a.data();
        for (int64_t w = 0; w < weights; w += 4) {  // stored together
            const Number four[4] = {from[left_of[w]], from[left_of[w + 1]], from[left_of[w + 2]], from[left_of[w + 3]]};
            std::memcpy(to + w, four, sizeof four);
        }
    }

    // The edges of the first junction for the slots from `first` on: they depend on no weight, so a whole block of slots
    // shares the look-ups.
    void gather(const Slots& slots, int64_t first) {
        uint64_t rows[BLOCK];
        const auto row = [&](int b) { return slots.features + std::min(first + b, slots.count - 1) * slots.inputs; };
        for (int64_t n = 0; n < slots.inputs; n += 8) {
            const int64_t bytes = std::min<int64_t>(8, slots.inputs - n);
            for (int b = 0; b < BLOCK; ++b) {
                rows[b] = 0;
                if (bytes == 8)
                    std::memcpy(&rows[b], row(b) + n, 8);
                else
                    std::memcpy(&rows[b], row(b) + n, bytes);
            }
            transpose(rows);
            std::memcpy(&columns[n], rows, sizeof rows);
        }
        const Junction& j = net.junctions[0];
        const int64_t weights = j.right * j.pitch;
        for (int64_t w = 0; w < weights; w += 8) {
            for (int e = 0; e < 8; ++e) rows[e] = columns[j.left_of[w + e]];
            transpose(rows);
            for (int b = 0; b < BLOCK; ++b) std::memcpy(&block[b * weights + w], &rows[b], 8);
        }
    }

    // Pre-activations of a junction.
    void forward(const Junction& j, const Number* activations) {
        const auto* weights = static_cast<const Number*>(j.weights);
        const auto* biases = static_cast<const Number*>(j.biases);
        for (int64_t r = 0; r < j.right; ++r, activations += j.pitch, weights += j.pitch) {
            int64_t sum = 0;
            for (int64_t first = 0; first < j.pitch; first += j.exact) {
                const int64_t last = std::min(first + j.exact, j.pitch);
                Product part = 0;
                for (int64_t e = first; e < last; ++e) part += Product(weights[e]) * Product(activations[e]);
                sum += part;
            }
            sum = nearest(sum, j.operand_fraction) + biases[r];
            s[r] = std::min(std::max(sum, net.s_lowest), net.s_highest);
        }
    }

    void activate(const Junction& j) {
        if (j.relu)
            for (int64_t r = 0; r < j.right; ++r) a[r] = std::min<int64_t>(std::max(s[r], 0), net.highest);
        else
            for (int64_t r = 0; r < j.right; ++r) a[r] = sigmoid[s[r] >> net.dropped];
    }

    void output_deltas(int64_t label) {
        const Junction& j = net.junctions[net.depth - 1];
        Number* const deltas = at(j.deltas, j, net.slot);
        for (int64_t r = 0; r < j.right; ++r)
            deltas[r] = saturated(a[r] - (int64_t(r == label) << net.fraction_bits));
    }

    // BP and UP of slot `then` in a junction, all with the weights as they are before the update.
    void train(int64_t number, int64_t then) {
        const Junction& j = net.junctions[number];
        Number* const deltas = at(j.deltas, j, then);
        if (j.scaled) {
            const Number* const slopes = at(j.slopes, j, then);
            for (int64_t r = 0; r < j.right; ++r)
                deltas[r] = nearest(Product(deltas[r]) * Product(slopes[r]), net.fraction_bits);
        }
        if (number > 0) {
            const Junction& before = net.junctions[number - 1];
            backward(j, deltas, at(before.deltas, before, then));
        }
        update(j, edges(j, then), deltas, net.rate_shifts[then % net.slots]);
    }

    void backward(const Junction& j, const Number* deltas, Number* left_deltas) {
        std::fill_n(sums.begin(), j.left, 0);
        const auto* weights = static_cast<const Number*>(j.weights);
        const int32_t* left_of = j.left_of;
        for (int64_t r = 0; r < j.right; ++r, weights += j.pitch, left_of += j.pitch) {
            const Product delta = deltas[r];
            if (delta == 0) continue;
            int64_t* const to = sums.data();
            for (int64_t e = 0; e < j.in_degree; ++e) to[left_of[e]] += Product(weights[e]) * delta;
        }
        for (int64_t l = 0; l < j.left; ++l) left_deltas[l] = saturated(nearest(sums[l], net.fraction_bits));
    }

    void update(const Junction& j, const Number* activations, const Number* deltas, int k) {
        const int drop = j.operand_fraction + k;
        if (!net.stochastic) {
            const Product half = Product(1) << (drop - 1);
            change(j, activations, deltas, drop, [=](int64_t) { return half; }, k, [=](int64_t) { return 1 << k >> 1; });
            return;
        }
        draw(j);
        const uint16_t* const numbers = draws.data();
        // a bias shares the random number of its neuron's first weight
        const auto bias_noise = [=](int64_t w) { return numbers[w] >> (WINDOW - k); };
        const int bits = j.random_bits, unused = WINDOW - bits;
        // bits that the number has and the change has not
        const int surplus = bits + (k >= COARSE ? COARSE : 0) - j.operand_fraction - k;
        const int right = std::max(surplus, 0), left = std::max(-surplus, 0);
        if (k >= COARSE) {
            const auto noise = [=](int64_t w) {
                const Product number = numbers[w] >> unused;
                return (number | (number & ((1 << COARSE) - 1)) << bits) >> right << left;
            };
            change(j, activations, deltas, drop, noise, k, bias_noise);
        } else {
            const auto noise = [=](int64_t w) { return Product(numbers[w] >> (unused + right)) << left; };
            change(j, activations, deltas, drop, noise, k, bias_noise);
        }
    }

    // w -= (a * delta + noise) >> drop, b -= (delta + noise) >> k, each saturated once.
    template <class Noise, class BiasNoise>
    void change(const Junction& j, const Number* activations, const Number* deltas, int drop, Noise noise, int k,
                BiasNoise bias_noise) {
        auto* const biases = static_cast<Number*>(j.biases);
        const Product lowest = net.lowest, highest = net.highest;
        for (int64_t r = 0; r < j.right; ++r) {
            const Product delta = deltas[r];
            if (delta == 0) continue;  // noise is less than one unit: nothing changes
            Number* __restrict const weights = static_cast<Number*>(j.weights) + r * j.pitch;
            const Number* __restrict const a = activations + r * j.pitch;
            const int64_t first = r * j.in_degree;  // of the random numbers
            for (int64_t e = 0; e < j.pitch; ++e) {
                const Product by = (Product(a[e]) * delta + noise(first + e)) >> drop;
                weights[e] = std::min(std::max(weights[e] - by, lowest), highest);
            }
            biases[r] = saturated(biases[r] - ((delta + bias_noise(first)) >> k));
        }
    }

    // A random number for every weight, and the LFSRs as they are after a training slot.
    void draw(const Junction& j) {
        // with g++'s vectors, as it does not find by itself that lanes can be shifted together
        constexpr int HALF = GROUP / 2;
        typedef uint32_t Words __attribute__((vector_size(4 * HALF)));
        typedef uint16_t Numbers __attribute__((vector_size(2 * HALF)));
        const Words lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        const auto put = [&](uint32_t bits, uint16_t* to) {
            const Numbers numbers = __builtin_convertvector((Words{} + bits) >> lane & ((1 << WINDOW) - 1), Numbers);
            std::memcpy(to, &numbers, sizeof numbers);
        };
        const int64_t clocks = j.right * j.in_degree / j.z;
        // a group of lanes writes GROUP numbers, however few it has; so the last group goes first
        for (int64_t group = (j.z - 1) / GROUP; group >= 0; --group) {
            uint64_t state = j.lfsr[group];
            uint16_t* to = draws.data() + group * GROUP;
            for (int64_t clock = 0; clock < clocks; ++clock, to += j.z) {
                put(state, to);
                put(state >> HALF, to + HALF);
                state = state >> STEP | ((state ^ state >> TAP) & ((1 << STEP) - 1)) << (LENGTH - STEP);
            }
            j.lfsr[group] = state;
        }
    }
};

}  // namespace

// Consume slots. `narrow`: numbers of 16 bits, else of 32.
extern "C" void run(Network* network, const Slots* slots, int32_t* outputs, int narrow) {
    if (narrow)
        Machine<int16_t>(*network).run(*slots, outputs);
    else
        Machine<int32_t>(*network).run(*slots, outputs);
}
