"""A run that is interrupted and goes on ends with the same bits; a checkpoint of something else is refused."""

import pytest
import torch
from torch import nn

from sw.pattern.edges import fully_connected
from sw.sparse.linear import SparseLinear
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import train
from tests.sparse.patterns import clash_free
from tests.sparse.small import mlp, samples


class Interrupted(Exception):
    pass


def interrupted_after(epochs, count):
    """A progress function that stops a run in the middle of the next epoch."""
    def progress(done, _):
        if done > epochs * count:
            raise Interrupted
    return progress


def convolutional(seed):
    """With buffers, and with dropout, which draws from torch's own generator."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Unflatten(1, (1, 6, 4)), nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
        SparseLinear(clash_free(2, 32, 16, 8, 16)), nn.ReLU(), nn.Dropout(0.3), SparseLinear(fully_connected(16, 3)),
    )


@pytest.mark.parametrize("make", [
    lambda: mlp(1), lambda: mlp((1, 2)), lambda: mlp(1, execution="blocks", dtype=torch.float32),
    lambda: convolutional(5),
], ids=["one seed", "two seeds", "float32 blocks", "convolutional"])
@pytest.mark.parametrize("settings", [
    {"rate": 0.02, "restore_best": True, "patience": 20},
    {"rate": 0.1, "optimiser": "sgd", "momentum": 0.9, "l2": 1e-3},
], ids=["adam", "sgd"])
def test_resume_is_exact(tmp_path, make, settings):
    settings = Settings(epochs=7, batch=16, **settings)
    whole, parts = make(), make()
    dtype = next(whole.parameters()).dtype
    data, validation = samples(50, dtype=dtype), samples(40, seed=2, dtype=dtype)
    torch.manual_seed(8)
    due = train(whole, data, settings, validation=validation)
    torch.manual_seed(8)
    path = tmp_path / "run.pt"
    for epochs in (2, 1):
        with pytest.raises(Interrupted):
            train(parts, data, settings, validation=validation, checkpoint=path,
                  progress=interrupted_after(epochs, 50))
        parts = make()  # as a new process has it
    torch.manual_seed(99)
    found = train(parts, data, settings, validation=validation, checkpoint=path)
    assert len(found.train_loss) == 7
    assert found.train_loss == due.train_loss
    assert found.validation_loss == due.validation_loss
    assert found.kept_epoch == due.kept_epoch
    for name, value in whole.state_dict().items():
        assert torch.equal(parts.state_dict()[name], value), name


def test_finished_run_is_not_trained_again(tmp_path):
    path, settings = tmp_path / "run.pt", Settings(epochs=3)
    one, again = mlp(), mlp()
    train(one, samples(), settings, checkpoint=path)
    train(again, samples(), settings, checkpoint=path, progress=interrupted_after(0, 0))
    for found, due in zip(again.parameters(), one.parameters(), strict=True):
        assert torch.equal(found, due)
    longer = train(again, samples(), Settings(epochs=4), checkpoint=path)
    assert len(longer.train_loss) == 4
    assert [p.name for p in tmp_path.iterdir()] == ["run.pt"]


def test_planted_order_of_samples_that_is_not_resumed(tmp_path, monkeypatch):
    """What the exactness rests on: the order of an epoch is that of its number."""
    due, found, path = mlp(), mlp(), tmp_path / "run.pt"
    train(due, samples(50), Settings(epochs=3, batch=16))
    train(found, samples(50), Settings(epochs=2, batch=16), checkpoint=path)
    right = torch.from_numpy
    monkeypatch.setattr(torch, "from_numpy", lambda a: right(a[:, ::-1].copy() if a.ndim == 2 else a))
    train(found, samples(50), Settings(epochs=3, batch=16), checkpoint=path)
    assert any(not torch.equal(a, b) for a, b in zip(found.parameters(), due.parameters(), strict=True))


@pytest.mark.parametrize(("model", "data", "settings", "wrong"), [
    (lambda: mlp(2), samples(), {}, "design"),
    (lambda: mlp(activation="sigmoid", init="he"), samples(), {}, "design"),
    (lambda: mlp(), samples(seed=3), {}, "data"),
    (lambda: mlp(), samples(), {"rate": 0.5}, "settings"),
])
def test_checkpoint_of_something_else(tmp_path, model, data, settings, wrong):
    path = tmp_path / "run.pt"
    train(mlp(), samples(), Settings(epochs=1), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError) as raised:
        train(model(), data, Settings(epochs=2, **settings), checkpoint=path)
    text = str(raised.value)
    assert text.startswith(f"{path}: the checkpoint of another {wrong}: it was made for ")
    assert text.endswith(f"; use the same {wrong} or another file")
    assert "\n" not in text
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no archive", "cut"])
def test_damaged_checkpoint(tmp_path, content):
    path = tmp_path / "run.pt"
    train(mlp(), samples(), Settings(epochs=1), checkpoint=path)
    path.write_bytes(path.read_bytes()[:-400] if content == "cut" else content)
    with pytest.raises(ValueError, match=r"run\.pt: not a checkpoint that can be read \(\w+\)$"):
        train(mlp(), samples(), Settings(epochs=1), checkpoint=path)


def test_other_archive_of_torch(tmp_path):
    path = tmp_path / "run.pt"
    torch.save([1, 2], path)
    with pytest.raises(ValueError, match=r"run\.pt: not a checkpoint of schema 2$"):
        train(mlp(), samples(), Settings(epochs=1), checkpoint=path)


def test_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match=r"run\.pt: cannot be written: No such file or directory$"):
        train(mlp(), samples(), Settings(epochs=1), checkpoint=tmp_path / "none" / "run.pt")


def test_samples_have_a_checksum_of_labels_too(tmp_path):
    path, data = tmp_path / "run.pt", samples()
    train(mlp(), data, Settings(epochs=1), checkpoint=path)
    changed = Samples(data.features, data.labels.roll(1))
    with pytest.raises(ValueError, match="the checkpoint of another data"):
        train(mlp(), changed, Settings(epochs=2), checkpoint=path)


def test_fewer_epochs_than_the_checkpoint_has(tmp_path):
    path = tmp_path / "run.pt"
    train(mlp(), samples(), Settings(epochs=3), checkpoint=path)
    with pytest.raises(ValueError) as raised:
        train(mlp(), samples(), Settings(epochs=2), checkpoint=path)
    assert str(raised.value) == f"{path}: epochs must be at least the 3 that the checkpoint has, got 2"
    assert train(mlp(), samples(), Settings(epochs=3), checkpoint=path).train_loss  # as many: nothing is left to do
