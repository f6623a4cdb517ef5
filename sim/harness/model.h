// The accelerator's ports as the harness sees them, so that only model.cpp depends on the design.

#ifndef CLASHFREE_MODEL_H
#define CLASHFREE_MODEL_H

#include <cstddef>
#include <cstdint>

// A payload is a little-endian vector of `bytes` bytes; bits above the port's width stay 0.
struct Stream {
    void* payload;
    std::size_t bytes;
    std::uint8_t* valid;
    std::uint8_t* ready;
};

struct Model {
    std::uint8_t* clk;
    std::uint8_t* rst;
    Stream slots, results, config, readback;
    const std::uint32_t* counters[4];  // slots, correct, cycles, stalls
    void (*eval)();
};

// Model `number` of the executable; false if there is none.
bool open_model(int number, Model& model);

#endif
