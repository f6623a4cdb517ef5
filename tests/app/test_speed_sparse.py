"""The sparse part of `make bench`: scipy's rows compute the junction, break-even densities, and its report."""

import json

import numpy as np
import pytest
import torch

from sw.app import speed_sparse as bench_sparse
from sw.app.speed_sparse import CompressedRows, crossing
from sw.sparse.linear import SparseLinear
from sw.sparse.timing import junction


def results(layer, x, of_y):
    x = x.clone().requires_grad_()
    y = layer(x)
    y.backward(of_y)
    return y.detach(), x.grad, layer.weight.grad


def both(monkeypatch, spoil=lambda rows: None):
    """Results of scipy's rows, in pieces, and of a sparse layer with the same weights."""
    monkeypatch.setattr(bench_sparse, "_CHUNK", 100)
    edges = junction(32, 0.25)
    rows, layer = CompressedRows(edges), SparseLinear(edges, bias=False)
    with torch.no_grad():
        layer.weight.copy_(rows.weight)
    spoil(rows)
    rng = np.random.default_rng(2)
    x, of_y = (torch.from_numpy(rng.standard_normal((5, 32), np.float32)) for _ in range(2))
    return zip(results(rows, x, of_y), results(layer, x, of_y), strict=True)


def test_compressed_rows_are_the_junction(monkeypatch):
    for found, due in both(monkeypatch):
        torch.testing.assert_close(found, due, rtol=1e-5, atol=1e-5)


def test_another_matrix_is_noticed(monkeypatch):
    def spoil(rows):
        rows.matrix.data[7] += 0.1

    assert [torch.allclose(a, b, rtol=1e-5, atol=1e-5) for a, b in both(monkeypatch, spoil)] == [False, False, True]


@pytest.mark.parametrize(("ratios", "due"), [
    ((1.1, 2, 4), 0.5), ((0.5, 0.8, 0.9), None), ((0.5, 2, 4), 0.5 * 0.5 ** 0.5), ((0.25, 0.5, 2), 0.25 * 0.5 ** 0.5),
])
def test_break_even_is_between_two_densities(ratios, due):
    found = crossing((0.5, 0.25, 0.125), ratios)
    assert found == due if due is None else found == pytest.approx(due, abs=1e-4)


def test_the_command_prints_and_writes(tmp_path, capsys):
    threads = torch.get_num_threads()
    try:
        out = tmp_path / "sparse.json"
        assert bench_sparse.main([
            "--neurons", "64", "--batch", "8", "--threads", "1", "--samples", "64", "--rounds", "1",
            "--break-even", "64", "--out", str(out),
        ]) == 0
    finally:
        torch.set_num_threads(threads)
    report = json.loads(out.read_text())
    assert [row["density"] for row in report["junctions"]] == [0.5, 0.25, 0.125]
    assert [row["goal"] for row in report["junctions"]] == [1.6, 3.2, 6.4]
    names = ("blocks", "masked", "gather", "compressed_rows")
    assert all(row[name] > 0 for row in report["junctions"] for name in names)
    assert [one["neurons"] for one in report["epochs"]] == [[784, 2048, 10], [64, 2048, 64]]
    assert report["epochs"][1]["density"] == 0.125
    assert report["break_even"].keys() == {"masked", "gather", "blocks"}
    assert "as fast as torch.nn.Linear of 64 neurons" in capsys.readouterr().out
