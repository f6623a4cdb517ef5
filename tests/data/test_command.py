"""`python -m sw.data`: what it prints and writes, and one line where it cannot."""

import json

import numpy as np
import pytest

from sw.data.__main__ import main
from sw.data.load import load
from tests.data.reuters import corpus, write

SMALL = ["--features", "5", "--train", "40", "--validation", "5", "--test", "10"]


def told(capsys, *arguments):
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_info(capsys, tmp_path):
    np.savez(tmp_path / "toy.npz", xtr=np.array([[0, 5, -2.5], [0, 5, 0], [0, 5, 7]]), ytr=np.array([0, 2, 2]),
             xte=np.zeros((0, 3)), yte=np.zeros(0), class_names=np.array(["a", "b", "c"]))
    facts = json.loads(told(capsys, "info", str(tmp_path / "toy.npz"), "--json"))
    assert facts == {
        "name": "toy", "features": 3, "classes": 3, "class_names": ["a", "b", "c"], "type": "float64",
        "scaling": "global", "scaled": "one range for all features, -2.5 to 7", "notes": [],
        "scaling_reason": "100% of the features that vary use half of the common range, -2.5 to 7",
        "remarks": ["2 of 3 features are the same in all training samples: nothing can be learnt from such features",
                    "classes without any sample: b (0)",
                    "classes with fewer than 5 training samples: a (1), c (2)"],
        "splits": {
            "training": {"samples": 3, "lowest": -2.5, "highest": 7, "not_zero": 5 / 9, "per_class": [1, 0, 2]},
            "test": {"samples": 0, "lowest": None, "highest": None, "not_zero": None, "per_class": [0, 0, 0]},
        },
    }
    lines = told(capsys, "info", str(tmp_path / "toy.npz")).splitlines()
    assert lines[0] == "toy: 3 features (float64), 3 classes"
    assert lines[1].startswith("to 8 bits: one range for all features, -2.5 to 7 (100% of")
    assert lines[3].split() == "training 3 -2.5 7 55.6% 0 (b) to 2 (c), 66.7% of all".split()
    assert lines[4].split() == ["test", "0"]
    assert lines[5] == "note: " + facts["remarks"][0]
    assert told(capsys, "info", "digits").startswith("digits: 64 features (float64), 10 classes\n")
    lines = told(capsys, "info", "sklearn:iris").splitlines()
    assert [line.split("  ")[-1] for line in lines[3:5]] == ["40 of each, 33.3% of all", "10 of each, 33.3% of all"]


def test_tables_by_label(capsys, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kind\n" + "".join(f"{n},{n * n},{'uv'[n % 2]}\n" for n in range(10)))
    assert main(["info", str(tmp_path / "t.csv")]) == 2
    assert "give one with --label COLUMN" in capsys.readouterr().err
    assert "2 features (int64), 2 classes" in told(capsys, "info", str(tmp_path / "t.csv"), "--label", "kind")
    told(capsys, "reduce", str(tmp_path / "t.csv"), "--label", "kind", "--keep", "1", "--out", str(tmp_path / "o.npz"))
    assert load(tmp_path / "o.npz").class_names == ("u", "v")


def test_reduce(capsys, tmp_path):
    out = tmp_path / "few.npz"
    said = told(capsys, "reduce", "digits", "--pca", "10", "--out", str(out))
    data = load(out)
    assert (data.features, data.classes, len(data.ytr)) == (10, 10, 1437)
    recipe = json.loads(str(np.load(out)["recipe"]))
    assert recipe["steps"]["pca"] == 10
    assert said == f"64 features became 10, {recipe['variance_kept']:.1%} of the variance kept; {out}\n"
    facts = json.loads(told(capsys, "reduce", "digits", "--zca", "--contrast", "--shuffle", "1", "--scale", "minmax",
                            "--clip", "2", "--seed", "2", "--json", "--out", str(out)))
    assert facts == {"file": str(out), "features_before": 64, "features": 64}
    steps = json.loads(str(np.load(out)["recipe"]))["steps"]
    assert steps == {"keep": None, "contrast": True, "pca": None, "zca": True, "shuffle": 1, "scale": "minmax",
                     "clip": 2.0}
    assert (load(out).ytr == load("digits", seed=2).ytr).all()


def test_rcv1(capsys, tmp_path):
    topics, tokens = write(tmp_path, *corpus())
    arguments = ["rcv1", "--topics", str(topics), "--tokens", *map(str, tokens), *SMALL, "--out",
                 str(tmp_path / "r.npz")]
    lines = told(capsys, *arguments).splitlines()
    assert "40 + 5 + 10 articles of " in lines[0]
    facts = json.loads(told(capsys, *arguments, "--json"))
    assert (facts["features"], facts["seed"]) == (5, 1)
    assert lines[0].endswith(f" of {facts['articles']} with exactly one of 50 topics")
    assert load(tmp_path / "r.npz").features == 5


@pytest.mark.parametrize(("arguments", "message"), [
    (["info", "nothing"], "data source must be"),
    (["info", "digits", "--seed", "-1"], "seed must be a whole number of at least 0, got -1"),
    (["reduce", "digits", "--pca", "100", "--out", "x.npz"], "digits: principal components must be 1.."),
    (["reduce", "digits", "--keep", "65", "--out", "x.npz"], "digits: keep must be at most the 64 features that are"),
    (["reduce", "digits", "--scale", "log", "--out", "x.npz"], "scale must be one of minmax, gaussian, got 'log'"),
    (["reduce", "nothing", "--zca", "--out", "x.npz"], "data source must be"),
    (["reduce", "digits", "--zca", "--out", "x.txt"], "--out must be a name that ends in .npz, got 'x.txt'"),
    (["reduce", "digits", "--zca", "--out", "no/x.npz"], "no/x.npz: cannot be written"),
    (["rcv1", "--topics", "q", "--tokens", "t", "--out", "x.npz"], "q: there is no such file"),
    (["rcv1", "--topics", "q", "--tokens", "t", "--out", "x.npz", "--train", "0"], "train must be a whole number"),
    (["rcv1", "--topics", "q", "--tokens", "t", "--out", "x"], "--out must be a name that ends in .npz, got 'x'"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith(f"error: {message}")
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_where_tokens_are_damaged(tmp_path, capsys):
    topics, (plain, packed) = write(tmp_path, *corpus())
    packed.write_bytes(packed.read_bytes()[:-30])
    before = sorted(tmp_path.iterdir())
    assert main(["rcv1", "--topics", str(topics), "--tokens", str(plain), str(packed),
                 "--out", str(tmp_path / "r.npz"), *SMALL]) == 2
    assert capsys.readouterr().err.startswith(f"error: {packed}: cannot be read: ")
    assert sorted(tmp_path.iterdir()) == before
