"""What a dataset is like: sizes, range of the features, balance of the classes."""

from typing import Any

import numpy as np

from sw.data.build import Raw
from sw.data.remarks import remarks
from sw.data.scaling import fit_scaling

__all__ = ["describe", "described"]

_SPLITS = {"tr": "training", "va": "validation", "te": "test"}


def describe(raw: Raw) -> dict[str, Any]:
    """Facts of a dataset, made of what JSON can hold.

    `name`, `features`, `classes`, `class_names`; `type` of the features; `scaling`, its kind, `scaled`, in words, and
    `scaling_reason`: how they become the hardware's 8 bits; `splits`: for each that is there its `samples`, their
    `lowest` and `highest` value and the share `not_zero` of values (None without samples), and `per_class`, how many
    samples each class has; `notes`: what the loader did; `remarks`: what to know before training.
    """
    xtr = raw.features["xtr"]
    scaling, why = fit_scaling(xtr, source=raw.source)
    splits = {}
    for split, text in _SPLITS.items():
        if f"x{split}" not in raw.features:
            continue
        x, y = raw.features[f"x{split}"], raw.labels[f"y{split}"]
        splits[text] = {
            "samples": len(x),
            "lowest": x.min().item() if len(x) else None,
            "highest": x.max().item() if len(x) else None,
            "not_zero": np.count_nonzero(x) / x.size if len(x) else None,
            "per_class": np.bincount(y, minlength=len(raw.class_names)).tolist(),
        }
    return {"name": raw.name, "features": xtr.shape[1], "classes": len(raw.class_names),
            "class_names": list(raw.class_names), "type": xtr.dtype.name, "scaling": scaling.kind,
            "scaling_reason": why, "scaled": str(scaling),
            "splits": splits, "notes": list(raw.notes), "remarks": remarks(raw)}


def described(facts: dict[str, Any]) -> list[str]:
    """Lines for a reader, of what `describe` found."""
    features, classes = (f"{n:,} {one if n == 1 else many}" for n, one, many in (
        (facts["features"], "feature", "features"), (facts["classes"], "class", "classes")))
    lines = [f"{facts['name']}: {features} ({facts['type']}), {classes}",
             f"to 8 bits: {facts['scaled']} ({facts['scaling_reason']})",
             f"{'':<12}{'samples':>9}{'lowest':>12}{'highest':>12}{'not 0':>9}  samples per class"]
    for text, split in facts["splits"].items():
        if not split["samples"]:
            lines.append(f"{text:<12}{0:>9}")
            continue
        most, least = (end(zip(split["per_class"], facts["class_names"], strict=True), key=lambda one: one[0])
                       for end in (max, min))
        balance = f"{least[0]:,} ({least[1]}) to {most[0]:,} ({most[1]})"
        if least[0] == most[0]:
            balance = f"{most[0]:,} of each"
        lines.append(f"{text:<12}{split['samples']:>9,}{split['lowest']:>12.6g}{split['highest']:>12.6g}"
                     f"{split['not_zero']:>9.1%}  {balance}, {most[0] / split['samples']:.1%} of all")
    return [*lines, *facts["notes"], *(f"note: {remark}" for remark in facts["remarks"])]
