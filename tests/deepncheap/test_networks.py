"""What the built networks compute, and how they begin."""

import torch
from torch import nn

from sw.deepncheap.architectures import Cnn, Mlp
from sw.deepncheap.networks import build
from sw.deepncheap.rules import default_cnn

IMAGES = torch.randn(5, 2, 7, 5, generator=torch.Generator().manual_seed(1))


def by_hand(network, cnn, x, halving):
    """A network of three layers without dropout, evaluated: layer 2 adds the output of layer 0."""
    def convolved(number, x):
        layer = network.blocks[number].convolution
        return nn.functional.conv2d(x, layer.weight, layer.bias, stride=2 if number in cnn.strides else 1, padding=1)

    def normed(number, x):
        norm = network.blocks[number].before[-1]
        return nn.functional.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)

    def pooled(number, x):
        return nn.functional.max_pool2d(x, 2, ceil_mode=True) if number in cnn.pools else x

    first = torch.relu(normed(0, pooled(0, convolved(0, x))))
    x = torch.relu(normed(1, pooled(1, convolved(1, first))))
    x = normed(2, pooled(2, convolved(2, x)))
    short = first
    for _ in range(halving):
        short = nn.functional.avg_pool2d(short, 2, ceil_mode=True)
    x = torch.relu(x + torch.cat([short, torch.zeros(len(x), x.shape[1] - short.shape[1], *x.shape[2:])], 1))
    return network.classifier(x.mean((2, 3)))


def test_a_block_is_convolution_pool_norm_shortcut_activation():
    """Also with a pool and a stride below the shortcut, which then is averaged twice, and more channels above it."""
    for pools, strides, halvings in (((), (), 0), ((0, 1), (), 1), ((2,), (1,), 2)):
        cnn = Cnn((3, 4, 6), pools=pools, strides=strides, dropout=0.0, shortcuts=2)
        network = build(cnn, IMAGES.shape[1:], 4, seed=3)
        network(IMAGES)  # moves the running means
        network.eval()
        torch.testing.assert_close(network(IMAGES), by_hand(network, cnn, IMAGES, halvings))


def test_dropout_is_off_in_evaluation_and_on_in_training():
    for architecture in (Mlp((20, 10), dropout=0.5), default_cnn((4, 5))):
        network = build(architecture, IMAGES.shape[1:], 3, seed=1).eval()
        assert torch.equal(network(IMAGES), network(IMAGES))
        network.train()
        assert not torch.equal(network(IMAGES), network(IMAGES))


def test_batch_norm_and_dropout_stand_in_the_layers_that_were_chosen():
    network = build(Cnn((4,) * 7, batch_norm=0.5, dropout=1.0), (1, 4, 4), 2, seed=1)
    normed = [any(isinstance(m, nn.BatchNorm2d) for m in block.modules()) for block in network.blocks]
    dropped = [[m.p for m in block.modules() if isinstance(m, nn.Dropout)] for block in network.blocks]
    assert normed == [False, True, False, True, False, True, True]
    assert dropped == [[0.1]] + [[0.3]] * 6
    assert not any(isinstance(m, nn.Dropout) for m in build(Mlp((4,), dropout=0.0), (3,), 2, seed=1))


def test_dropout_comes_after_the_activation():
    """What is dropped is 0; dropped before a sigmoid, it would be 1/2."""
    block = build(Cnn((4, 4), "sigmoid", first_drop=0.5), IMAGES.shape[1:], 2, seed=1).blocks[0]
    assert 0.3 < (block(IMAGES, None) == 0).float().mean() < 0.7
    kinds = [type(layer).__name__ for layer in build(Mlp((4, 4), "sigmoid"), (3,), 2, seed=1)]
    assert kinds == ["Flatten", *["Linear", "Sigmoid", "Dropout"] * 2, "Linear"]


def test_linear_layers_begin_as_he_says_with_biases_of_a_tenth():
    network = build(Mlp((400,)), (800,), 10, seed=1)
    hidden = network[1]
    # 320,000 draws: the deviation of their deviation is 0.125 %
    assert abs(hidden.weight.std().item() / (2 / 800) ** 0.5 - 1) < 0.01
    assert (hidden.bias == 0.1).all()
    assert (network[-1].bias == 0.1).all()
    assert (build(Cnn((4,)), (1, 3, 3), 2, seed=1).classifier.bias == 0.1).all()


def test_initial_weights_depend_on_the_seed_alone():
    architecture = default_cnn((4, 5))
    torch.manual_seed(5)
    first, other = (build(architecture, (1, 4, 4), 3, seed) for seed in (1, 2))
    drawn = torch.rand(1)
    torch.manual_seed(6)
    again = build(architecture, (1, 4, 4), 3, 1)
    pairs = list(zip(first.parameters(), again.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert not torch.equal(pairs[0][0], pairs[0][2])
    torch.manual_seed(5)
    assert torch.equal(torch.rand(1), drawn)  # and building leaves the generator of the process alone
