// Binds the verilated module `top` to model.h. The port names are the same for every design;
// Verilator spells the second of two underscores as ___05F.

#include "model.h"

#include "Vtop.h"

static Vtop* top;

#define STREAM(name) {&top->name##___05Fpayload, sizeof(top->name##___05Fpayload), &top->name##___05Fvalid, &top->name##___05Fready}

Model open_model() {
    top = new Vtop;
    return Model{
        &top->clk,
        &top->rst,
        STREAM(slots),
        STREAM(results),
        STREAM(config),
        STREAM(readback),
        {&top->count_slots, &top->count_correct, &top->count_cycles, &top->count_stalls},
        [] { top->eval(); },
    };
}
