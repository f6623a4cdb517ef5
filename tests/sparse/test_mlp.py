"""The network: its losses against torch's, padding, one seed out of many, and a classifier behind convolutions."""

import pytest
import torch
from torch import nn

from sw.design import files
from sw.pattern.edges import edges_of, fully_connected
from sw.sparse.linear import SparseLinear
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import evaluate, train
from tests.sparse.patterns import clash_free
from tests.sparse.small import mlp, samples


def test_softmax_loss():
    model, data = mlp(), samples()
    outputs = model(data.features)
    assert outputs.shape == (200, 4)
    due = nn.functional.cross_entropy(outputs[:, :3], data.labels)
    torch.testing.assert_close(model.loss(outputs, data.labels), due)


def test_sigmoid_loss_has_the_deltas_of_the_hardware():
    """The gradient of a sample's loss by the output pre-activations is a - y, of padding outputs too."""
    model, data = mlp(output="sigmoid"), samples(5)
    outputs = model(data.features).detach().requires_grad_()
    model.loss(outputs, data.labels).backward()
    due = (torch.sigmoid(outputs) - nn.functional.one_hot(data.labels, 4)) / 5
    torch.testing.assert_close(outputs.grad, due)
    all_ = nn.functional.binary_cross_entropy_with_logits(
        outputs, nn.functional.one_hot(data.labels, 4).double(), reduction="none"
    )
    torch.testing.assert_close(model.loss(outputs, data.labels), all_.sum(1).mean())


def test_padding():
    """Features that are missing are zero; padding outputs are never predicted."""
    model, data = mlp(), samples(9)
    padded = data.features[:, :20]
    whole = data.features.clone()
    whole[:, 20:] = 0
    assert torch.equal(model(padded), model(whole))
    with torch.no_grad():
        model.layers()[1].bias[3] = 1e6
    assert (model.predictions(model(padded)) < 3).all()
    with pytest.raises(ValueError, match=r"^features must be at most 24, the first layer, got 25$"):
        model(torch.zeros(2, 25))


def test_single_seed():
    stacked = mlp((4, 7))
    x = samples(6).features
    for n in (0, 1):
        torch.testing.assert_close(stacked.single(n)(x), stacked(x)[n])
        assert torch.equal(stacked.single(n).layers()[0].weight, mlp((4, 7)[n]).layers()[0].weight)


def test_network_of_a_design():
    design = files.load("designs/odd.toml")
    model = SparseMLP.of(design, seed=3)
    assert model.neurons == design.network.neurons
    assert model.activation == ("relu", "sigmoid")
    assert (model.output, model.classes) == ("sigmoid", 10)
    for layer, junction in zip(model.layers(), design.junctions, strict=True):
        assert (layer.edges[0].left_of == edges_of(junction.pattern).left_of).all()
    # He into the ReLU, Glorot into sigmoids
    assert [layer.init for layer in model.layers()] == ["he", "glorot", "glorot"]


def test_classifier_of_a_convolutional_network():
    """A module that knows nothing of seeds; its sparse layers take 2 x 6 x 2 features."""
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 6, 4)), nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d((1, 2)),
        nn.Flatten(), SparseLinear(clash_free(3, 24, 16, 4, 12)), nn.ReLU(), nn.Dropout(0.1),
        SparseLinear(fully_connected(16, 3)),
    )
    data = samples(dtype=torch.float32)
    before = evaluate(model, data)[1][0]
    train(model, data, Settings(epochs=10, batch=20, rate=0.01))
    assert evaluate(model, data)[1][0] > max(0.8, before)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: SparseMLP((4,), []), "a network needs at least 2 layers, got neurons (4,)"),
    (lambda: SparseMLP((4, 3), []), "a network of 2 layers needs edges of 1 junctions, got 0"),
    (lambda: SparseMLP((4, 3), [fully_connected(4, 2)]), "junction 1: edges must join 4 to 3 neurons, got (4, 2)"),
    (lambda: mlp(activation="tanh"), 'activation must be one of relu, sigmoid, got "tanh"'),
    (lambda: mlp(activation=("relu", "relu")),
     "activation must be one for each of the 1 hidden layers, got ('relu', 'relu')"),
    (lambda: mlp(output="linear"), 'output must be one of softmax, sigmoid, got "linear"'),
    (lambda: mlp(classes=5), "classes must be 1..4, the last layer, got 5"),
    (lambda: Samples(torch.zeros(3, 2), torch.zeros(2, dtype=torch.int64)),
     "samples need one int64 label for each of the 3 rows of features, got (2,) of int64"),
    (lambda: Samples(torch.zeros(3, 2), torch.zeros(3)),
     "samples need one int64 label for each of the 3 rows of features, got (3,) of float32"),
])
def test_bad_input(make, message):
    with pytest.raises(ValueError) as raised:
        make()
    assert str(raised.value) == message
