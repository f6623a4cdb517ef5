"""The network (8, 4, 4) with degrees (1, 2), one training slot worked out on paper.

(12; 3, 8): every number below is a raw integer, worth raw / 256. With one row per bank the pattern is
fixed: weight w of junction 1 joins left neuron w to right neuron w // 2, weight w of junction 2 joins
left neuron w % 4 to right neuron w // 2.
"""

import numpy as np

from sw.design.design import Design
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork, State

DESIGN = Design(
    name="hand",
    network=Network((8, 4, 4), 8, 3, (1, 2), ("sigmoid", "sigmoid")),
    pattern=(PatternSettings(), PatternSettings()),
    arithmetic=Arithmetic(),
    hardware=Hardware((8, 4)),
)
FEATURES = [128, 64, 0, 255, 32, 16, 200, 100]
LABEL, K = 1, 2

WEIGHTS_1 = [256, -128, 64, 512, -256, 256, 100, -50]
BIASES_1 = [10, -20, 0, 5]
WEIGHTS_2 = [300, -200, 128, 64, -512, 256, 40, -80]
BIASES_2 = [0, 30, -10, 100]

# FF, junction 1. Sums with 16 fraction bits: 256 * bias + weights * features
#   2560 + 32768 - 8192 = 27136      -> 106 exactly
#   -5120 + 0 + 130560  = 125440     -> 490 exactly
#   0 - 8192 + 4096     = -4096      -> -16 exactly
#   1280 + 20000 - 5000 = 16280      -> 63.59, rounded 64
PREACTIVATIONS_1 = [106, 490, -16, 64]
# sigma(0.4141) = 0.60206, sigma(1.9141) = 0.87146, sigma(-0.0625) = 0.48438, sigma(0.25) = 0.56218
ACTIVATIONS_1 = [154, 223, 124, 144]
# times one minus itself: 0.23958, 0.11202, 0.24976, 0.24613
SLOPES_1 = [61, 29, 64, 63]

# FF, junction 2
#   0 + 300 * 154 - 200 * 223       = 1600    -> 6.25, rounded 6
#   7680 + 128 * 124 + 64 * 144     = 32768   -> 128 exactly
#   -2560 - 512 * 154 + 256 * 223   = -24320  -> -95 exactly
#   25600 + 40 * 124 - 80 * 144     = 19040   -> 74.375, rounded 74
PREACTIVATIONS_2 = [6, 128, -95, 74]
# sigma(0.0234) = 0.50586, sigma(0.5) = 0.62246, sigma(-0.3711) = 0.40828, sigma(0.2891) = 0.57177
ACTIVATIONS_2 = [129, 159, 105, 146]
# the target of output 1 is 256; output 3 is padding: its target is 0 and it is never predicted
DELTAS_2 = [129, 159 - 256, 105, 146]
PREDICTION = 1

# BP, junction 2: two outputs join each hidden neuron
#   300 * 129 - 512 * 105  = -15060  -> -58.83, rounded -59
#   -200 * 129 + 256 * 105 = 1080    -> 4.22, rounded 4
#   128 * -97 + 40 * 146   = -6576   -> -25.69, rounded -26
#   64 * -97 - 80 * 146    = -17888  -> -69.875, rounded -70
LEFT_DELTAS_2 = [-59, 4, -26, -70]
# times the slopes: -3599, 116, -1664, -4410, over 256: -14.06, 0.45, -6.5, -17.23; half goes up
DELTAS_1 = [-14, 0, -6, -17]

# UP, rate 1/4: weights change by activation * delta / 1024, biases by delta / 4
#   19866, 28767, -12028, -13968, 16170, 23415, 18104, 21024 over 1024:
#   19.4,  28.09, -11.7,  -13.6,  15.8,  22.9,  17.7,  20.5
NEW_WEIGHTS_2 = [300 - 19, -200 - 28, 128 + 12, 64 + 14, -512 - 16, 256 - 23, 40 - 18, -80 - 21]
#   32.25, -24.25, 26.25, 36.5
NEW_BIASES_2 = [0 - 32, 30 + 24, -10 - 26, 100 - 37]
#   -1792, -896, 0, 0, -192, -96, -3400, -1700 over 1024: -1.75, -0.875, 0, 0, -0.19, -0.09, -3.3, -1.7
NEW_WEIGHTS_1 = [256 + 2, -128 + 1, 64, 512, -256, 256, 100 + 3, -50 + 2]
#   -3.5 (half goes up: -3), 0, -1.5 (-1), -4.25
NEW_BIASES_1 = [10 + 3, -20, 0 + 1, 5 + 4]


def test_pattern_is_the_one_on_paper():
    first, second = DESIGN.junctions
    assert first.pattern.left_of.tolist() == list(range(8))
    assert second.pattern.left_of.tolist() == [0, 1, 2, 3] * 2


def test_every_word():
    words = {}

    def trace(slot, junction, name, values):
        assert slot == 0
        words[junction, name] = values.tolist()

    network = GoldenNetwork(DESIGN, trace=trace)
    network.load(State(
        [np.array(WEIGHTS_1), np.array(WEIGHTS_2)], [np.array(BIASES_1), np.array(BIASES_2)], []
    ))
    slots = Slots.train(np.array([FEATURES], np.uint8), [LABEL], [K])
    results = network.run(Slots.join(slots, network.flush()))

    assert results.activations.tolist() == [ACTIVATIONS_2]
    assert results.predictions.tolist() == [PREDICTION]
    assert results.correct.tolist() == [True]
    assert words[1, "preactivation"] == PREACTIVATIONS_1
    assert words[1, "activation"] == ACTIVATIONS_1
    assert words[2, "preactivation"] == PREACTIVATIONS_2
    assert words[2, "activation"] == ACTIVATIONS_2
    assert words[2, "delta"] == DELTAS_2
    assert words[2, "left_delta"] == LEFT_DELTAS_2
    assert words[1, "delta"] == DELTAS_1
    first = network.junctions[0]
    assert first.slope(np.array(PREACTIVATIONS_1)).tolist() == SLOPES_1
    state = network.state()
    assert [w.tolist() for w in state.weights] == [NEW_WEIGHTS_1, NEW_WEIGHTS_2]
    assert [b.tolist() for b in state.biases] == [NEW_BIASES_1, NEW_BIASES_2]
