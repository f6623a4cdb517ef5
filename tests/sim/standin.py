"""A stand-in for the accelerator: the same ports, simple contents that a line of Python predicts.

It keeps configured values in one memory, and answers every slot that is not empty with activations
``sum of all features + label + rate shift + number of the neuron``, a prediction of ``label modulo classes``
and correct = training slot. So the harness, its records and the runner are tested without any hardware.
"""

import numpy as np

from sw.design.design import Design
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, TRAIN, Slots
from sw.golden.network import Results

FAULTS = ("", "hang", "withdraw", "change", "early last", "extra", "drop readback")


def standin_verilog(design: Design, fault: str = "") -> str:
    """Module ``top``; ``fault`` plants one of FAULTS, which shows from the fourth result on."""
    assert fault in FAULTS
    ports, schedule = Ports.of(design), Schedule.of(design)
    lanes = ports.results[0].count
    act = ports.results[0].width
    beats_out = design.network.neurons[-1] // lanes
    size = {name: sum(f.width * f.count for f in getattr(ports, name)) for name in ("slots", "results", "config")}

    def bits(stream, name, payload):
        f = next(f for f in getattr(ports, stream) if f.name == name)
        return f"{payload}[{f.offset + f.width * f.count - 1}:{f.offset}]"

    value = ports.readback[0].width
    address = sum(f.width for f in ports.config if f.name in ("index", "kind", "junction"))
    total = " + ".join(f"slots__payload[{8 * i + 7}:{8 * i}]" for i in range(schedule.features_per_beat))
    words = "\n".join(
        f"  assign results__payload[{act * i + act - 1}:{act * i}] = base + out_beat * {lanes} + {i};"
        for i in range(lanes)
    )
    last = f"(out_beat == {beats_out - 1})"
    if fault == "early last":
        last = f"({last} ^ (done > 3))"
    return f"""
/* verilator lint_off WIDTH */
module top(
  input clk, input rst,
  input [{size["slots"] - 1}:0] slots__payload, input slots__valid, output slots__ready,
  output [{size["results"] - 1}:0] results__payload, output results__valid, input results__ready,
  input [{size["config"] - 1}:0] config__payload, input config__valid, output config__ready,
  output reg [{value - 1}:0] readback__payload, output reg readback__valid, input readback__ready,
  output reg [31:0] count_slots, output reg [31:0] count_correct,
  output reg [31:0] count_cycles, output reg [31:0] count_stalls);
  reg [{value - 1}:0] memory [0:{(1 << address) - 1}];
  wire write = {bits("config", "write", "config__payload")};
  wire [{address - 1}:0] at = {{{bits("config", "junction", "config__payload")},
    {bits("config", "kind", "config__payload")}, {bits("config", "index", "config__payload")}}};
  // depends on the payload of the same clock, as the accelerator's may
  assign config__ready = write ? 1 : (!readback__valid || readback__ready);
  reg [31:0] done, base, beat, out_beat, label, kind, shift;
  reg sending, wait_one;
  wire [1:0] slot_kind = {bits("slots", "kind", "slots__payload")};
  wire [31:0] first_label = {bits("slots", "label", "slots__payload")};
  wire [31:0] first_shift = {bits("slots", "rate_shift", "slots__payload")};
  assign slots__ready = !sending && {"(done < 4)" if fault == "hang" else "1"};
  wire [31:0] total = {total};
  wire blink = {"(done > 3) && count_cycles[0]" if fault == "withdraw" else "0"};
  assign results__valid = sending && !blink;
{words}
  assign {bits("results", "prediction", "results__payload")} =
    label % {design.network.classes}{" ^ (done > 3 && count_cycles[0])" if fault == "change" else ""};
  assign {bits("results", "correct", "results__payload")} = kind == {TRAIN};
  assign {bits("results", "last", "results__payload")} = {last};
  always @(posedge clk) begin
    count_cycles <= count_cycles + 1;
    if (readback__ready) readback__valid <= 0;
    if (config__valid && config__ready) begin
      if (write) memory[at] <= {bits("config", "value", "config__payload")};
      else begin
        readback__payload <= memory[at];
        readback__valid <= {"(done < 4)" if fault == "drop readback" else "1"};
      end
    end
    if (slots__valid && slots__ready) begin
      if (beat == 0) begin
        label <= first_label;
        kind <= {{30'b0, slot_kind}};
        base <= total + first_label + first_shift;
      end else base <= base + total;
      if (beat == 0 && slot_kind == {EMPTY}) beat <= 0;
      else if (beat == {schedule.beats - 1}) begin
        beat <= 0;
        sending <= 1;
        out_beat <= 0;
      end else beat <= beat + 1;
    end
    if (results__valid && results__ready) begin
      if (out_beat == {beats_out - 1}) begin
        out_beat <= 0;
        sending <= {"(done == 4)" if fault == "extra" else "0"};
        done <= done + 1;
        count_slots <= count_slots + 1;
        count_correct <= count_correct + (kind == {TRAIN});
      end else out_beat <= out_beat + 1;
    end
    if (rst) begin
      done <= 0; beat <= 0; sending <= 0; readback__valid <= 0; out_beat <= 0;
      count_slots <= 0; count_correct <= 0; count_cycles <= 0; count_stalls <= 0;
    end
  end
endmodule
"""


def standin_results(design: Design, slots: Slots) -> Results:
    """What the stand-in answers."""
    used = slots.kinds != EMPTY
    labels = np.minimum(slots.labels[used], design.network.classes)
    base = slots.features[used].astype(np.int64).sum(axis=1) + labels + slots.rate_shifts[used]
    width = Ports.of(design).results[0].width
    activations = (base[:, None] + np.arange(design.network.neurons[-1])) & ((1 << width) - 1)
    return Results(labels % design.network.classes, slots.kinds[used] == TRAIN, activations.astype(np.int32))
