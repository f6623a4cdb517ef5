"""The training loop: executions and seeds against each other, the optimisers against the formulas, early stopping."""

import numpy as np
import pytest
import torch

from sw.sparse.executions import EXECUTIONS
from sw.sparse.settings import Samples, Settings
from sw.sparse.subnormal import flushed
from sw.sparse.train import evaluate, train
from tests.sparse.small import mlp, samples


def weights(model):
    return [p.detach().clone() for p in model.parameters()]


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_executions_give_the_same_losses_along_a_run(optimiser):
    """Relative difference below 1e-9 over 200 updates.

    An update rounds sums of about 24 terms, 24 * 2^-53 or 3e-15. Training multiplies such a difference as it does any
    small change of the weights: a run that starts from weights moved by 1e-12 is measured beside the executions, and
    its losses stay within the same tolerance, three hundred times the rounding's.
    """
    found = {}
    for execution in (*EXECUTIONS, "moved"):
        model = mlp(execution="masked" if execution == "moved" else execution)
        if execution == "moved":
            with torch.no_grad():
                for p in model.parameters():
                    p.mul_(1 + 1e-12)
        rate = 0.01 if optimiser == "adam" else 0.2
        history = train(model, samples(), Settings(epochs=20, batch=20, optimiser=optimiser, rate=rate))
        found[execution] = np.array(history.train_loss)
    assert found["masked"][-1] < 0.5 * found["masked"][0]
    for execution in ("gather", "blocks", "moved"):
        np.testing.assert_allclose(found[execution], found["masked"], rtol=1e-9)


def test_seeds_in_one_model_are_separate_runs():
    """Equal but for the rounding of batched products: weights, losses, accuracies, the epochs that were kept."""
    settings = Settings(epochs=40, batch=32, rate=0.1, l2=1e-3, patience=2, restore_best=True)
    seeds = (1, 2, 3)
    stacked = mlp(seeds)
    together = train(stacked, samples(60), settings, validation=samples(100, seed=2))
    assert len(set(together.kept_epoch)) > 1  # or stopping would not be tested
    for n, seed in enumerate(seeds):
        single = mlp(seed)
        alone = train(single, samples(60), settings, validation=samples(100, seed=2))
        assert together.kept_epoch[n] == alone.kept_epoch[0]
        epochs = len(alone.train_loss)
        losses = np.array(together.train_loss)[:epochs, n]
        np.testing.assert_allclose(losses, np.array(alone.train_loss)[:, 0], rtol=1e-9)
        for one, due in zip(weights(stacked.single(n)), weights(single), strict=True):
            torch.testing.assert_close(one, due, rtol=1e-8, atol=1e-10)


def test_same_seed_same_bits():
    runs = [mlp(seed) for seed in (1, 1, 2)]
    for model in runs:
        train(model, samples(), Settings(epochs=2))
    for same, other, due in zip(*(weights(m) for m in (runs[1], runs[2], runs[0])), strict=True):
        assert torch.equal(same, due)
        assert not torch.equal(other, due)


def plain_adam(model, data, settings):
    """The formulas on one batch of all samples, in plain tensors."""
    state = [(torch.zeros_like(p), torch.zeros_like(p)) for p in model.parameters()]
    for t in range(settings.epochs):
        loss = model.loss(model(data.features), data.labels)
        for layer in model.layers():
            loss = loss + settings.l2 * layer.weight.square().sum()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        rate = settings.rate / (1 + settings.decay * t)
        with torch.no_grad():
            for p, g, (m, v) in zip(model.parameters(), gradients, state, strict=True):
                m.mul_(0.9).add_(0.1 * g)
                v.mul_(0.999).add_(0.001 * g * g)
                p -= rate * (m / (1 - 0.9 ** (t + 1))) / ((v / (1 - 0.999 ** (t + 1))).sqrt() + 1e-7)


def plain_sgd(model, data, settings):
    for t in range(settings.epochs):
        loss = model.loss(model(data.features), data.labels)
        for layer in model.layers():
            loss = loss + settings.l2 * layer.weight.square().sum()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for p, g in zip(model.parameters(), gradients, strict=True):
                p -= settings.rate / (1 + settings.decay * t) * g


@pytest.mark.parametrize(("optimiser", "plain"), [("adam", plain_adam), ("sgd", plain_sgd)])
def test_optimisers_by_their_formulas(optimiser, plain):
    """With a decay and a lambda that are large enough to be seen."""
    data = samples(50)
    settings = Settings(epochs=6, batch=50, optimiser=optimiser, rate=0.05, decay=0.1, l2=0.03)
    one, due, without = mlp(), mlp(), mlp()
    train(one, data, settings)
    plain(due, data, settings)
    train(without, data, Settings(epochs=6, batch=50, optimiser=optimiser, rate=0.05, decay=0.1))
    for found, expected, other in zip(weights(one), weights(due), weights(without), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-11)
        assert not torch.allclose(found, other, rtol=1e-6, atol=0)


def test_best_weights_are_restored():
    """The validation loss at the end is the lowest of the run, and a run that ends there has the same weights."""
    data, validation = samples(60), samples(100, seed=2)
    model = mlp()
    history = train(model, data, Settings(epochs=30, batch=20, rate=0.03, restore_best=True), validation=validation)
    best = int(np.argmin(history.validation_loss))
    assert 0 < best < 29
    assert history.kept_epoch == [best + 1]
    assert evaluate(model, validation)[0] == history.validation_loss[best]
    shorter = mlp()
    train(shorter, data, Settings(epochs=best + 1, batch=20, rate=0.03))
    for found, due in zip(weights(model), weights(shorter), strict=True):
        assert torch.equal(found, due)


def test_early_stopping_without_restoring():
    """The run ends `patience` epochs after the best, with the weights of its last epoch."""
    data, validation = samples(60), samples(100, seed=2)
    settings = Settings(epochs=60, batch=20, rate=0.03, patience=4)
    model = mlp()
    history = train(model, data, settings, validation=validation)
    losses = np.array(history.validation_loss)[:, 0]
    assert len(losses) == int(losses.argmin()) + 5 < 60
    assert history.kept_epoch == [len(losses)]
    assert evaluate(model, validation)[0][0] == losses[-1]


def test_progress_counts_samples():
    seen = []
    train(mlp(), samples(50), Settings(epochs=2, batch=20), progress=lambda *figures: seen.append(figures))
    assert seen == [(20, 100), (40, 100), (50, 100), (70, 100), (90, 100), (100, 100)]


def test_subnormal_numbers_are_zero_while_training_and_not_afterwards():
    def flushing():
        return bool(torch.tensor(1e-40) * 1 == 0)

    seen = []
    train(mlp(), samples(), Settings(epochs=1), progress=lambda *_: seen.append(flushing()))
    assert seen == [True] * len(seen) != []
    assert not flushing()
    with flushed():
        train(mlp(), samples(), Settings(epochs=1))
        assert flushing()  # as it was before
    with pytest.raises(ZeroDivisionError):
        train(mlp(), samples(), Settings(epochs=1), progress=lambda *_: 1 // 0)
    assert not flushing()


@pytest.mark.parametrize(("values", "message"), [
    ({"epochs": 0}, "epochs must be at least 1, got 0"),
    ({"batch": 0}, "batch must be at least 1, got 0"),
    ({"optimiser": "rprop"}, 'optimiser must be "adam" or "sgd", got "rprop"'),
    ({"rate": 0.0}, "rate must be more than 0, got 0.0"),
    ({"rate": float("nan")}, "rate must be more than 0, got nan"),
    ({"momentum": 0.9}, 'momentum must be 0 unless the optimiser is "sgd", got 0.9'),
    ({"l2": -1.0}, "l2 must be at least 0, got -1.0"),
    ({"patience": 0}, "patience must be at least 1, or None, got 0"),
    ({"monitor": "f1"}, 'monitor must be "loss" or "accuracy", got "f1"'),
    ({"seed": -1}, "seed must be at least 0, got -1"),
    ({"decay": -1e-5}, "decay must be at least 0, got -1e-05"),
])
def test_bad_settings(values, message):
    with pytest.raises(ValueError) as raised:
        Settings(**values)
    assert str(raised.value) == message


@pytest.mark.parametrize(("settings", "data", "message"), [
    (Settings(patience=1), samples(), "patience and restore_best need validation samples, got none"),
    (Settings(), samples(0), "training needs at least one sample, got 0"),
])
def test_bad_runs(settings, data, message):
    with pytest.raises(ValueError) as raised:
        train(mlp(), data, settings)
    assert str(raised.value) == message


def test_labels_beyond_the_classes():
    data = samples()
    data.labels[7] = 3
    with pytest.raises(ValueError, match=r"^labels must be 0\.\.2, the model's classes, got 3$"):
        train(mlp(), data, Settings(epochs=1))


@pytest.mark.parametrize("number", [torch.nan, torch.inf, -torch.inf])
def test_features_that_are_no_numbers_end_training(number):
    data = samples()
    features = data.features.float().clone()
    features[3, -1] = number
    bad = Samples(features, data.labels)
    with pytest.raises(ValueError, match=r"^features must be finite numbers, got NaN or infinity$"):
        train(mlp(), bad, Settings(epochs=1))
    with pytest.raises(ValueError, match=r"^features must be finite numbers, got NaN or infinity$"):
        train(mlp(), data, Settings(epochs=1), validation=bad)


def test_loss_that_is_no_number_ends_training():
    data, model = samples(), mlp()
    with torch.no_grad():
        model.layers()[0].weight.fill_(torch.inf)
    with pytest.raises(ValueError, match=r"^the loss of epoch 1 is not a finite number; a lower rate"):
        train(model, data, Settings(epochs=3, rate=0.005))
