// One core trains a network of two or more junctions, a sample at a time, in 16-bit integers: what the accelerator does,
// without its stochastic rounding. Reads a description from standard input, prints nanoseconds of this process per sample.
//
// Input, as int32 words: contiguous (0 or 1), samples, junctions L, then per junction left neurons, right neurons, in-degree
// and the left neuron of every weight; then the table of the sigmoid, 4096 entries.
// `contiguous`: the left neurons of a right neuron lie in a row, from that of its first weight on, so the compiler may use
// vectors; else each weight has a left neuron of its own choice.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

namespace {

constexpr int FRACTION = 8, SHIFT = 4;

std::int16_t rounded(std::int32_t sum, int bits) {
    return std::int16_t(std::clamp((sum + (1 << (bits - 1))) >> bits, -2048, 2047));
}

struct Junction {
    int left, right, degree;
    std::vector<std::int32_t> from;
    std::vector<std::int16_t> weights, biases, input, output, delta;
    std::vector<std::int32_t> partial;

    template <bool contiguous> void forward(const std::vector<std::int16_t>& table) {
        for (int j = 0; j < right; ++j) {
            const std::int16_t* w = &weights[j * degree];
            const std::int32_t* f = &from[j * degree];
            const std::int16_t* a = &input[f[0]];
            std::int32_t sum = biases[j] << FRACTION;
            for (int i = 0; i < degree; ++i) sum += w[i] * (contiguous ? a[i] : input[f[i]]);
            output[j] = table[rounded(sum, FRACTION) + 2048];
        }
    }

    template <bool contiguous> void backward() {
        std::fill(partial.begin(), partial.end(), 0);
        for (int j = 0; j < right; ++j) {
            const std::int16_t* w = &weights[j * degree];
            const std::int32_t* f = &from[j * degree];
            std::int32_t* p = &partial[f[0]];
            for (int i = 0; i < degree; ++i) (contiguous ? p[i] : partial[f[i]]) += w[i] * delta[j];
        }
    }

    template <bool contiguous> void update() {
        for (int j = 0; j < right; ++j) {
            std::int16_t* w = &weights[j * degree];
            const std::int32_t* f = &from[j * degree];
            const std::int16_t* a = &input[f[0]];
            for (int i = 0; i < degree; ++i) {
                const int change = (contiguous ? a[i] : input[f[i]]) * delta[j];
                w[i] = std::int16_t(std::clamp(w[i] - ((change + (1 << (FRACTION + SHIFT - 1))) >> (FRACTION + SHIFT)),
                                               -2048, 2047));
            }
            biases[j] = std::int16_t(std::clamp(biases[j] - (delta[j] >> SHIFT), -2048, 2047));
        }
    }
};

int word() {
    std::int32_t value;
    if (std::fread(&value, sizeof value, 1, stdin) != 1) std::exit(2);
    return value;
}

template <bool contiguous> void run(std::vector<Junction>& net, const std::vector<std::int16_t>& table, int samples) {
    std::mt19937 random(1);
    std::vector<std::vector<std::int16_t>> inputs(64, std::vector<std::int16_t>(net[0].left));
    for (auto& one : inputs)
        for (auto& value : one) value = std::int16_t(random() % 256);
    for (int n = 0; n < samples; ++n) {
        net[0].input = inputs[n % 64];
        for (std::size_t l = 0; l < net.size(); ++l) {
            if (l) std::copy(net[l - 1].output.begin(), net[l - 1].output.end(), net[l].input.begin());
            net[l].forward<contiguous>(table);
        }
        Junction& last = net.back();
        for (int j = 0; j < last.right; ++j) last.delta[j] = std::int16_t(last.output[j] - (j == n % last.right ? 256 : 0));
        for (std::size_t l = net.size(); l-- > 0;) {
            if (l) {
                net[l].backward<contiguous>();
                for (int i = 0; i < net[l].left; ++i) {
                    const int slope = (net[l].input[i] * (256 - net[l].input[i])) >> FRACTION;
                    net[l - 1].delta[i] = rounded(rounded(net[l].partial[i], FRACTION) * slope, FRACTION);
                }
            }
            net[l].update<contiguous>();
        }
    }
}

}  // namespace

int main() {
    const bool contiguous = word() != 0;
    const int samples = word();
    std::vector<Junction> net(word());
    std::mt19937 random(2);
    for (auto& j : net) {
        j.left = word(), j.right = word(), j.degree = word();
        j.from.resize(j.right * j.degree);
        for (auto& one : j.from) one = word();
        j.weights.resize(j.from.size());
        for (auto& one : j.weights) one = std::int16_t(int(random() % 64) - 32);
        j.biases.resize(j.right), j.output.resize(j.right), j.delta.resize(j.right);
        j.input.resize(j.left), j.partial.resize(j.left);
    }
    std::vector<std::int16_t> table(4096);
    for (auto& one : table) one = std::int16_t(word());
    const std::clock_t started = std::clock();
    contiguous ? run<true>(net, table, samples) : run<false>(net, table, samples);
    const double seconds = double(std::clock() - started) / CLOCKS_PER_SEC;
    long sum = 0;
    for (auto& j : net)
        for (auto one : j.weights) sum += one;
    std::printf("%.3f %ld\n", 1e9 * seconds / samples, sum);
}
