// Simulates module `top` with the pins clk, rst, rx, tx: bytes in and out through the serial line, as commands on the
// standard input ask for it. All numbers are little endian.
//
//   'S' u32 n, n bytes   to be sent, after those before
//   'R' u32 step         the rate at this end: clock * step / 2^24 baud
//   'X'                  one clock of reset; what has not been sent or fetched is forgotten
//   'C' u64 n, u32 k     run n clocks, or until k bytes have been received; answer: u64 clocks run, u32 n, n bytes
//   'L' u64 n            run n clocks with the line low, whatever is to be sent
//   'D' u32 period, u32 seed   damage: in the middle of one bit of about so many, both ways, the line is inverted; 0: none
//
// A byte is 8 data bits without parity. The end of the standard input ends the program.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

#include "Vtop.h"

namespace {

constexpr std::uint64_t UNIT = 1u << 24;

struct Line {
    Vtop top;
    std::uint64_t step = 0, clocks = 0;
    std::deque<std::uint8_t> to_send;
    std::vector<std::uint8_t> received;
    // sending: bits of the byte under way, and the phase of the bit
    std::uint32_t bits = 0, bits_left = 0;
    std::uint64_t phase = 0;
    // receiving
    std::uint32_t got = 0, count = 0;
    std::uint64_t sample = 0;
    bool busy = false, low = false;
    std::uint32_t period = 0, random = 1;

    bool damaged() {
        if (!period) return false;
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        return random % period == 0;
    }

    void clock() {
        if (!bits_left && !to_send.empty()) {
            bits = 0x200u | std::uint32_t(to_send.front()) << 1;
            to_send.pop_front();
            bits_left = 10;
            if (damaged()) bits ^= 1u << (random >> 8) % 10;
        }
        top.rx = low ? 0 : bits_left ? bits & 1 : 1;
        if (bits_left && (phase += step) >= UNIT) {
            phase -= UNIT;
            bits >>= 1;
            --bits_left;
        }
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        ++clocks;
        if (!busy) {
            if (!top.tx) busy = true, sample = UNIT / 2, count = 0, got = 0;
        } else if ((sample += step) >= UNIT) {
            sample -= UNIT;
            const bool bit = top.tx;
            if (count == 0 && bit) busy = false;
            else if (count == 9) {
                busy = false;
                if (bit) received.push_back(damaged() ? got ^ 1u << (random >> 8) % 8 : got);
            } else if (count) got |= std::uint32_t(bit) << (count - 1);
            ++count;
        }
    }

    void reset() {
        top.rst = 1;
        to_send.clear();
        received.clear();
        bits_left = 0;
        busy = false;
        clock();
        top.rst = 0;
    }
};

template <class T> bool get(T& value) { return std::fread(&value, sizeof value, 1, stdin) == 1; }
template <class T> void put(const T& value) { std::fwrite(&value, sizeof value, 1, stdout); }

}  // namespace

int main() {
    static Line line;
    line.top.rx = 1;
    line.reset();
    for (int command; (command = std::getchar()) != EOF;) {
        std::uint32_t n = 0, k = 0;
        std::uint64_t clocks = 0;
        switch (command) {
        case 'S': {
            if (!get(n)) return 1;
            std::vector<std::uint8_t> bytes(n);
            if (n && std::fread(bytes.data(), 1, n, stdin) != n) return 1;
            line.to_send.insert(line.to_send.end(), bytes.begin(), bytes.end());
            break;
        }
        case 'R':
            if (!get(n)) return 1;
            line.step = n;
            break;
        case 'X':
            line.reset();
            break;
        case 'L':
            if (!get(clocks)) return 1;
            line.low = true;
            while (clocks--) line.clock();
            line.low = false;
            break;
        case 'D':
            if (!get(line.period) || !get(line.random)) return 1;
            break;
        case 'C': {
            if (!get(clocks) || !get(k)) return 1;
            const std::uint64_t begun = line.clocks;
            while (line.clocks - begun < clocks && line.received.size() < k) line.clock();
            put(line.clocks - begun);
            put(std::uint32_t(line.received.size()));
            std::fwrite(line.received.data(), 1, line.received.size(), stdout);
            std::fflush(stdout);
            line.received.clear();
            break;
        }
        default:
            return 1;
        }
    }
    return 0;
}
