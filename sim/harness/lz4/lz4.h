// The two functions of the LZ4 library that Verilator's FST writer calls, so that waves need no further package.
// Block format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md. One pass, greedy, a small table.

#ifndef CLASHFREE_LZ4_H
#define CLASHFREE_LZ4_H

#include <cstdint>
#include <cstring>
#include <vector>

inline int LZ4_compressBound(int size) { return size + size / 255 + 16; }

namespace clashfree_lz4 {

// A length is 4 bits of the token, then bytes of 255 and a last smaller one.
inline char* put_length(char* out, int length) {
    for (length -= 15; length >= 255; length -= 255) *out++ = static_cast<char>(255);
    *out++ = static_cast<char>(length);
    return out;
}

// Literals, then (where there is one) a match of at least 4 bytes.
inline char* put_sequence(char* out, const char* literals, int count, int offset, int match) {
    const int extra = offset ? match - 4 : 0;
    *out++ = static_cast<char>((count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
    if (count >= 15) out = put_length(out, count);
    if (count > 0) std::memcpy(out, literals, static_cast<std::size_t>(count));
    out += count;
    if (!offset) return out;
    *out++ = static_cast<char>(offset & 255);
    *out++ = static_cast<char>(offset >> 8);
    return extra >= 15 ? put_length(out, extra) : out;
}

}  // namespace clashfree_lz4

// `capacity` is at least LZ4_compressBound(size), as all callers here have it; 0 if it is not.
inline int LZ4_compress_default(const char* in, char* out, int size, int capacity) {
    if (capacity < LZ4_compressBound(size)) return 0;
    constexpr int BITS = 14, LAST_MATCH = 12, LAST_LITERALS = 5, FARTHEST = 65535;
    std::vector<int> seen(1 << BITS, -1);
    char* const begin = out;
    int done = 0;
    for (int at = 0; at <= size - LAST_MATCH;) {
        std::uint32_t word, other = 0;
        std::memcpy(&word, in + at, 4);
        int& place = seen[word * 2654435761u >> (32 - BITS)];
        const int from = place;
        place = at;
        if (from >= 0) std::memcpy(&other, in + from, 4);
        if (from < 0 || at - from > FARTHEST || other != word) {
            at++;
            continue;
        }
        int match = 4;
        while (at + match < size - LAST_LITERALS && in[from + match] == in[at + match]) match++;
        out = clashfree_lz4::put_sequence(out, in + done, at - done, at - from, match);
        done = at += match;
    }
    return static_cast<int>(clashfree_lz4::put_sequence(out, in + done, size - done, 0, 0) - begin);
}

#endif
