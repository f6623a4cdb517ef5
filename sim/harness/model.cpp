// Binds verilated modules `top` to model.h. The port names are the same for every design; Verilator spells the
// second of two underscores as ___05F.

#include "model.h"

// A quick build defines MODELS, for the classes of several designs.
#ifndef MODELS
#include "Vtop.h"
#define MODELS bind<Vtop>
#endif

#define STREAM(name) {&top->name##___05Fpayload, sizeof(top->name##___05Fpayload), &top->name##___05Fvalid, &top->name##___05Fready}

template <class Top> static Model bind() {
    static Top* const top = new Top;
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

bool open_model(int number, Model& model) {
    static Model (*const all[])() = {MODELS};
    const bool known = number >= 0 && number < static_cast<int>(sizeof all / sizeof *all);
    if (known) model = all[number]();
    return known;
}
