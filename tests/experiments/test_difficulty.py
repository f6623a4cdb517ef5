"""Forecasts of made-up measures, the kept accuracies, and the page."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from sw.experiments.difficulty import command
from sw.experiments.difficulty.findings import LARGER, NEIGHBOUR, PUBLISHED, findings
from sw.experiments.difficulty.forecasts import FITTED, MEASURES, SIZE, better_by, ladder, larger
from sw.experiments.difficulty.measures import OWN
from sw.experiments.morse.ladder import LADDER, LARGE
from sw.experiments.statistics import Estimate
from sw.morse.variants import VARIANTS
from sw.sparse.errors import SparseError
from tests.experiments.refused import assert_refused

FAMILIES = {f"{family}-{n}": family for family in ("a", "b", SIZE) for n in range(6)}


def made(seed, worse=()):
    """Measures of which the logarithm goes with the accuracy, some of them with an error; and the accuracies."""
    random = np.random.Generator(np.random.PCG64(seed))
    accuracy = {name: float(random.uniform(20, 90)) for name in FAMILIES}
    values = {}
    for name, due in accuracy.items():
        level = 10 ** ((90 - due) / 70)
        values[name] = {key: level * (float(random.uniform(0.2, 5)) if key in worse else 1) for key in MEASURES}
        error = float(random.uniform(0.2, 5)) if FITTED in worse else 1
        values[name] |= {"V_white": level * error, "D": float(random.uniform(1, 9)), "n": 1.0}
    return values, accuracy


def test_a_line_of_the_logarithm_is_found_and_an_error_is_seen():
    values, accuracy = made(1, worse=("N3",))
    found = {(one.measure, one.transform): one for one in ladder(values, accuracy, FAMILIES)}
    assert found[OWN, "logarithm"].error == pytest.approx(0, abs=1e-9)
    assert found[FITTED, "logarithm"].error == pytest.approx(0, abs=1e-9)
    assert found[OWN, "as it is"].error > 1
    n3 = found["N3", "logarithm"]
    assert n3.error_low < n3.error < n3.error_high
    gained = better_by(found[OWN, "logarithm"], n3, list(FAMILIES.values()))
    assert gained.mean == pytest.approx(np.abs(n3.residuals).mean())
    assert len(ladder(values, accuracy, FAMILIES, without=SIZE)[0].residuals) == 12


def test_all_measures_are_treated_alike():
    values, accuracy = made(2)
    found = ladder(values, accuracy, FAMILIES)
    assert len(found) == 2 * len(MEASURES)
    assert len({(one.r.r, one.error) for one in found if one.transform == "as it is" and one.measure != FITTED}) == 1


def test_the_bias_on_larger_sets():
    values, accuracy = made(3)
    found = larger(values, accuracy, values, {name: due - 17 for name, due in accuracy.items()})
    own = next(one for one in found if (one.measure, one.transform) == (OWN, "logarithm"))
    assert (own.bias.mean, own.error) == (pytest.approx(17), pytest.approx(17))
    assert (LARGER, "contradicted") in verdicts(3, larger_sets=found)


def verdicts(seed, worse=(), larger_sets=()):
    values, accuracy = made(seed, worse)
    found = findings({"net": ladder(values, accuracy, FAMILIES)}, {"net": larger_sets}, list(FAMILIES.values()))
    return {(one.claim, one.verdict) for one in found if one.claim}


def test_the_verdicts():
    others = ("V_lower", "V_upper", "V_dist", "V_thresh", "N3")
    assert verdicts(6, others) == {(PUBLISHED, "reproduced"), (NEIGHBOUR, "reproduced")}
    # a nearest neighbour without an error does better
    assert (NEIGHBOUR, "contradicted") in verdicts(6, (*others[:4], FITTED))
    assert {(PUBLISHED, "contradicted"), (NEIGHBOUR, "contradicted")} <= verdicts(6, (FITTED,))


def test_a_measure_of_zero_has_no_logarithm():
    values, accuracy = made(4)
    values["a-0"]["N3"] = 0.0
    with pytest.raises(SparseError, match="N3 must be positive"):
        ladder(values, accuracy, FAMILIES)


def test_the_kept_accuracies_are_those_of_the_study():
    found = command.accuracies(command._STUDY)
    assert {key: len(of) for key, of in found.items()} == {
        ("700", "small"): 52, ("700", "large"): 52, ("7000", "small"): 10, ("7000", "large"): 10}
    assert set(found["700", "small"]) == set(LADDER.variants) == set(VARIANTS)
    assert set(found["7000", "large"]) == set(LARGE.variants)
    text = (command._STUDY.parent / "morse-study.md").read_text()
    for row in csv.DictReader(command._STUDY.read_text().splitlines()):
        assert str(Estimate(float(row["test_accuracy"]), float(row["test_interval"]))) in text


def test_the_kept_figures_follow_from_the_kept_tables():
    study = command.accuracies(command._STUDY)
    rows = list(csv.DictReader(Path("docs/morse-difficulty.csv").read_text().splitlines()))
    report = json.loads(Path("docs/morse-difficulty.json").read_text())
    keys = {*MEASURES, "V_white", "D", "n"} - {FITTED}
    values = {part: {row["variant"]: {key: float(row[key]) for key in keys if row[key]}
                     for row in rows if row["part"] == part} for part in (LADDER.name, LARGE.name)}
    due, families = study[LADDER.name, "small"], {row["variant"]: row["family"] for row in rows}
    found = ladder(values[LADDER.name], due, families)
    kept = report["ladder"]["256 hidden neurons"]
    assert [round(one.error, 2) for one in found] == [round(one["error"], 2) for one in kept]
    if values[LARGE.name]:
        found = larger(values[LADDER.name], due, values[LARGE.name], study[LARGE.name, "small"])
        kept = report["larger"]["256 hidden neurons"]
        assert [round(one.bias.mean, 1) for one in found] == [round(one["bias"]["mean"], 1) for one in kept]
    text = Path("README.md").read_text()
    for name, transform in ((FITTED, "logarithm"), ("N3", "as it is")):
        one = next(one for one in report["ladder"]["256 hidden neurons"]
                   if (one["measure"], one["transform"]) == (name, transform))
        assert f"{one['error']:.1f} ({one['error_low']:.1f} to {one['error_high']:.1f})" in text


@pytest.mark.parametrize(("arguments", "message"), [
    (["--page", "there/is/none.md"], "--page must be a .md file in a folder that exists"),
    (["--accuracies", "there/is/none.csv"], "cannot be read"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, capsys):
    assert_refused(command.main, [*arguments, "--out", str(tmp_path / "out")], message, capsys)
    assert not (tmp_path / "out").exists()


def test_the_page_and_what_is_kept_beside_it(tmp_path, capsys, monkeypatch):
    names = [name for name in VARIANTS if VARIANTS[name].family in ("noise", "dash", "flips", SIZE)]
    rows = ["part,network,variant,density,test_accuracy"]
    rows += [f"700,small,{name},1.0,{50 + number}" for number, name in enumerate(names)]
    (tmp_path / "study.csv").write_text("\n".join(rows) + "\n")
    random = np.random.Generator(np.random.PCG64(5))

    def measured(parts, store, kept_only):
        assert [part.variants for part in parts] == [tuple(names)]
        seconds = {"moments": 0.5, OWN: 0.25, "N3": 1.5}
        keys = {*MEASURES, "V_white", "D", "n"} - {FITTED}
        return {"700": {name: {"values": {key: float(random.uniform(1, 2)) for key in keys}, "seconds": seconds}
                        for name in names}}

    monkeypatch.setattr(command, "measured", measured)
    assert command.main(["--accuracies", str(tmp_path / "study.csv"), "--out", str(tmp_path / "out"), "--page",
                         str(tmp_path / "p.md")]) == 0
    assert "points of error less" in capsys.readouterr().out
    text = (tmp_path / "p.md").read_text()
    assert "| N3 | 1.500 |" in text
    assert "## Data of other kinds" in text
    report = json.loads((tmp_path / "p.json").read_text())
    assert {one["verdict"] for one in report["findings"] if one["claim"]} <= {"reproduced", "contradicted", "not shown"}
    assert len((tmp_path / "p.csv").read_text().splitlines()) == len(names) + 1
