"""One trial: what is kept, when it ends, that it repeats, and that it is the training that it says it is."""

import pytest
import torch
from torch.nn import functional

from sw.deepncheap.architectures import Cnn, Mlp, number_of_parameters
from sw.deepncheap.errors import SearchError
from sw.deepncheap.networks import build
from sw.deepncheap.spaces import TrainingSettings
from sw.deepncheap.training import WIDE, Diverged, OutOfMemory, error_of, products_of, rate_at, train
from tests.deepncheap.made import classes, numbers

USUAL = TrainingSettings(1e-2, 0.0, 32)
NET = Mlp((16,), dropout=0.3)


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_network_learns_and_its_best_weights_are_kept():
    """The weights give the validation error that is reported, which is the lowest, and not the last one's."""
    task = classes(train=64, overlap=2.0)
    seen = []
    trained = train(NET, TrainingSettings(0.1, 0.0, 16), task, epochs=20, seed=1,
                    after_epoch=lambda *both: seen.append(both))
    assert trained.ended == ""
    assert seen == list(enumerate(trained.curve, 1))
    assert trained.error == min(trained.curve) < trained.curve[-1]  # or the test would tell nothing
    assert trained.best_epoch == 1 + trained.curve.index(trained.error)
    network = build(NET, (8,), 3, seed=99)
    network.load_state_dict(trained.weights)
    assert error_of(network, task.validation, task.kind) == trained.error
    assert trained.parameters == number_of_parameters(NET, (8,), 3)
    assert train(NET, USUAL, classes(), epochs=10, seed=1).error < 0.2
    assert trained.t_epoch > 0


@pytest.mark.parametrize(("architecture", "shape"), [(NET, (8,)), (Cnn((4, 6), pools=(0,)), (3, 6, 6))])
def test_the_same_seed_gives_the_same_bits_and_another_does_not(architecture, shape):
    """Whatever the state of the process is, which is left alone too."""
    task = classes(train=64, shape=shape, augment=len(shape) == 3)
    torch.manual_seed(1)
    first = train(architecture, USUAL, task, epochs=2, seed=1)
    after = torch.rand(1)
    torch.manual_seed(2)
    again = train(architecture, USUAL, task, epochs=2, seed=1)
    other = train(architecture, USUAL, task, epochs=2, seed=2)
    assert first.curve == again.curve
    assert equal(first.weights, again.weights)
    assert not equal(first.weights, other.weights)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)


def test_it_is_adam_with_the_decay_in_the_gradient_and_falling_rates():
    """Against the formulas in plain tensors, with one batch per epoch; without hidden layers nothing else is drawn."""
    task, settings, epochs = classes(train=40), TrainingSettings(0.1, 0.3, 40), 8
    trained = train(Mlp(()), settings, task, epochs=epochs, seed=3)
    network = build(Mlp(()), (8,), 3, seed=3)
    parameters = list(network.parameters())
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    errors = []
    for t, rate in enumerate([0.1] * 4 + [0.02] * 2 + [0.004] * 2, 1):
        loss = functional.cross_entropy(network(task.train.x), task.train.y)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, g, (m, v) in zip(parameters, gradients, moments, strict=True):
                g = g + 0.3 * p
                m.mul_(0.9).add_(0.1 * g)
                v.mul_(0.999).add_(0.001 * g * g)
                p -= rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
        errors.append(error_of(network, task.validation, task.kind))
    assert trained.curve == tuple(errors)
    if trained.best_epoch == epochs:
        for mine, p in zip(trained.weights.values(), parameters, strict=True):
            torch.testing.assert_close(mine, p.detach(), rtol=1e-5, atol=1e-6)


def test_rates_fall_at_half_and_three_quarters_but_never_before_the_first_epoch():
    at = [rate_at(1.0, epoch, 100) for epoch in (0, 49, 50, 74, 75, 99)]
    assert at == pytest.approx([1, 1, 0.2, 0.2, 0.04, 0.04])
    assert [rate_at(1.0, epoch, 3) for epoch in range(3)] == pytest.approx([1, 0.2, 0.04])
    assert rate_at(1.0, 0, 1) == 1
    assert [rate_at(1.0, epoch, 2) for epoch in range(2)] == pytest.approx([1, 0.04])


def test_every_epoch_trains_with_dropout_and_validates_without(monkeypatch):
    modes = []

    def watched(*given):
        network = build(*given)
        network.register_forward_hook(lambda module, *_: modes.append(module.training))
        return network

    monkeypatch.setattr("sw.deepncheap.training.build", watched)
    train(NET, TrainingSettings(1e-3, 0.0, 16), classes(train=48), epochs=3, seed=1)
    assert modes == [True, True, True, False] * 3


def order_of(seed):
    """The samples of two epochs, in order."""
    task = classes(train=50)
    order = []

    class Recorded(torch.Tensor):
        def index_select(self, dim, index):
            order.extend(index.tolist())
            return super().index_select(dim, index)

    task.train.__dict__["y"] = task.train.y.as_subclass(Recorded)
    train(NET, TrainingSettings(1e-3, 0.0, 16), task, epochs=2, seed=seed)
    return order


def test_every_sample_is_trained_on_once_in_an_epoch_in_an_order_of_its_own():
    order, other = order_of(1), order_of(2)
    assert sorted(order[:50]) == sorted(order[50:]) == list(range(50))
    assert order[:50] != order[50:]
    assert order[:50] != other[:50]


def test_a_single_last_sample_joins_the_batch_before():
    """Maps of one pixel: batch norm of one sample would have no variance."""
    trained = train(Cnn((4, 5), pools=(0, 1)), TrainingSettings(1e-2, 0.0, 16), classes(train=33, shape=(1, 4, 4)),
                    epochs=2, seed=1)
    assert len(trained.curve) == 2


def test_training_ends_early_for_want_of_progress_or_when_it_is_told_to():
    task = classes(train=64, overlap=2.0)
    patient = train(NET, TrainingSettings(3e-2, 0.0, 16), task, epochs=60, seed=1, patience=3)
    assert patient.ended == "patience"
    assert len(patient.curve) == patient.best_epoch + 3
    assert all(error >= patient.error for error in patient.curve[-3:])
    pruned = train(NET, USUAL, task, epochs=60, seed=1, after_epoch=lambda epoch, error: epoch == 2)
    assert (pruned.ended, len(pruned.curve)) == ("pruned", 2)


def test_an_equal_error_is_no_progress():
    """Rates that change nothing: the first epoch stays the best."""
    trained = train(NET, TrainingSettings(1e-30, 0.0, 16), classes(), epochs=9, seed=1, patience=2)
    assert (len(set(trained.curve)), trained.best_epoch, len(trained.curve)) == (1, 1, 3)


def test_what_cannot_be_trained_is_told_apart(monkeypatch):
    with pytest.raises(Diverged, match=r"^the loss is not a finite number in epoch \d$"):
        train(Mlp(()), TrainingSettings(1e38, 0.0, 16), classes(), epochs=3, seed=1)
    task = classes()
    task.validation.x[3, 0] = torch.inf
    with pytest.raises(Diverged, match=r"^an output of the network is not a finite number$"):
        train(NET, USUAL, task, epochs=1, seed=1)
    # asked of the real allocator
    with pytest.raises(OutOfMemory, match=r"^the network and a batch do not fit into memory: tried to alloc.* 8\d{15}"):
        train(Mlp((2, 10**15)), USUAL, classes(), epochs=1, seed=1)
    monkeypatch.setattr("sw.deepncheap.training.build", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(NET, USUAL, classes(), epochs=1, seed=1)


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_regression_is_learnt_with_one_target_and_with_several(outputs):
    """With outputs (n, 1) against targets (n,) the loss would be that of every pair, and never fall."""
    task = numbers(outputs)
    trained = train(Mlp(()), TrainingSettings(5e-2, 0.0, 32), task, epochs=30, seed=1)
    variance = task.validation.y.var().item()
    assert trained.error < 1e-3 * variance
    network = build(Mlp(()), (4,), outputs, seed=1)
    network.load_state_dict(trained.weights)
    assert trained.error == pytest.approx(
        (network(task.validation.x) - task.validation.y).square().mean().item(), rel=1e-5)


def test_augmentation_changes_the_training_and_nothing_else(monkeypatch):
    with_, without = (classes(train=64, shape=(3, 6, 6), augment=augment) for augment in (True, False))
    before = with_.train.x.clone()
    cnn = Cnn((4,), dropout=0.0)
    assert not equal(train(cnn, USUAL, with_, epochs=1, seed=1).weights,
                     train(cnn, USUAL, without, epochs=1, seed=1).weights)
    assert torch.equal(with_.train.x, before)
    seen = []
    monkeypatch.setattr("sw.deepncheap.training.augmented", lambda x, empty: seen.append(len(x)) or x)
    train(cnn, USUAL, with_, epochs=1, seed=1)
    assert sum(seen) == 64  # training samples alone, not those for validation


def test_mixed_precision_needs_a_processor_for_it_and_is_the_default_for_wide_samples_alone(monkeypatch):
    def trained(precision):
        return train(NET, USUAL, classes(), epochs=4, seed=1, precision=precision)

    able = torch.cpu.get_capabilities().get("avx512_bf16", False)
    wide = [classes(train=8, shape=(1, 16, side)) for side in (15, 16)]
    assert [products_of("auto", task) == torch.bfloat16 for task in wide] == [False, able]
    assert products_of("auto", numbers(1, features=WIDE)) == products_of("float32", wide[1]) == torch.float32

    plain = trained("float32")
    assert equal(trained("auto").weights, plain.weights)
    with pytest.raises(SearchError, match=r"^precision must be one of auto, float32, mixed, got 'half'$"):
        trained("half")
    if torch.cpu.get_capabilities().get("avx512_bf16"):
        mixed = trained("mixed")
        assert not equal(mixed.weights, plain.weights)
        assert abs(mixed.error - plain.error) < 0.05
        assert all(value.dtype == torch.float32 for value in mixed.weights.values())
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    with pytest.raises(SearchError, match=r'^precision must be "auto" or "float32" on this cpu, .*, got "mixed"$'):
        trained("mixed")
