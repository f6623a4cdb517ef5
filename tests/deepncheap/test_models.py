"""Models in files: loaded back, and exported, with equal outputs."""

from dataclasses import replace

import pytest
import torch

from sw.deepncheap.architectures import Mlp
from sw.deepncheap.errors import SearchError
from sw.deepncheap.models import Model, export, load, save
from sw.deepncheap.rules import default_cnn
from sw.deepncheap.scaling import Scaling
from sw.deepncheap.spaces import TrainingSettings
from sw.deepncheap.training import train
from tests.deepncheap.made import classes, numbers

SCALED = Scaling(torch.tensor(0.5), torch.tensor(2.0))


def trained(architecture, task):
    weights = train(architecture, TrainingSettings(1e-2, 0.0, 64), task, epochs=2, seed=1).weights
    return Model.of(architecture, weights, task, t_epoch=0.5)


MADE = [
    (Mlp((9, 5)), lambda: replace(classes(), inputs_by=SCALED)),
    (replace(default_cnn((4, 6, 66)), shortcuts=2), lambda: classes(shape=(2, 7, 5))),
    (Mlp((6,), "tanh"), lambda: replace(numbers(2), targets_by=SCALED)),
]


@pytest.mark.parametrize(("architecture", "make"), MADE, ids=["mlp", "cnn", "regression"])
def test_a_model_comes_back_from_its_file_and_its_export_with_equal_outputs(tmp_path, architecture, make):
    task = make()
    model = trained(architecture, task)
    scaled = task.validation.x[:7]
    plain = scaled / task.inputs_by.factor + task.inputs_by.shift
    due = model.network()(scaled)
    if task.targets_by:
        due = task.targets_by.inverse(due)
    torch.testing.assert_close(model.module()(plain), due)
    save(model, tmp_path / "model.pt")
    again = load(tmp_path / "model.pt")
    assert torch.equal(again.module()(plain), model.module()(plain))
    assert (again.architecture, again.class_names, again.remarks) == (architecture, task.class_names, {"t_epoch": 0.5})
    assert again.parameters == sum(p.numel() for p in again.network().parameters())
    export(model, tmp_path / "model.pt2")
    program = torch.export.load(tmp_path / "model.pt2").module()
    torch.testing.assert_close(program(plain), model.module()(plain))
    torch.testing.assert_close(program(plain[:1]), model.module()(plain[:1]))


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(SearchError, match=r"none\.pt: there is no such file$"):
        load(tmp_path / "none.pt")
    whole = tmp_path / "whole.pt"
    save(trained(Mlp((3,)), classes()), whole)
    (tmp_path / "cut.pt").write_bytes(whole.read_bytes()[:500])
    with pytest.raises(SearchError, match=r"cut\.pt: not a model, or damaged: [^\n]+$"):
        load(tmp_path / "cut.pt")
    torch.save({"weights": {}}, tmp_path / "other.pt")
    with pytest.raises(SearchError, match=r"other\.pt: not a model of schema 1$"):
        load(tmp_path / "other.pt")
