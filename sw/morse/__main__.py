"""Morse code datasets from the command line.

    python -m sw.morse list
    python -m sw.morse make difficult --out difficult.npz
    python -m sw.morse metrics difficult.npz
    python -m sw.morse picture compare --symbols + --out plus.svg
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sw.common.command import command
from sw.common.progress import ProgressLine
from sw.data.build import Raw
from sw.data.floats import FEATURES, add_features_option, float_map, mapped
from sw.data.load import SOURCES, load_raw
from sw.morse import pictures
from sw.morse.archive import Recipe, recipe_of, save
from sw.morse.better import MOST_FEATURES, Outlook, limits, outlook_of_dataset
from sw.morse.dataset import morse_dataset, variant_named
from sw.morse.generator import FORMS, generate
from sw.morse.metrics import Difficulty, difficulty
from sw.morse.moments import Moments
from sw.morse.options import add_options, chosen, indices
from sw.morse.settings import MorseError
from sw.morse.variants import FAMILIES, VARIANTS, variant

_WIDE = f"it would take too long with more than {MOST_FEATURES:,} features"


def _list(options: argparse.Namespace) -> None:
    if options.json:
        fields = [{"name": found.name, "family": found.family, **json.loads(_recipe(found.name).to_json())}
                  for found in VARIANTS.values()]
        print(json.dumps(fields))
        return
    for family, text in FAMILIES.items():
        print(f"{family}: {text}")
        for found in VARIANTS.values():
            if found.family == family:
                print(f"  {found.name:<22}{found.changes()}".rstrip())


def _recipe(name: str) -> Recipe:
    found = variant(name)
    return Recipe(settings=found.settings, train=found.train, validation=found.validation, test=found.test, name=name)


def _make(options: argparse.Namespace) -> None:
    found = variant(options.name)
    counts = {split: getattr(found if getattr(options, split) is None else options, split)
              for split in ("train", "validation", "test")}
    recipe = Recipe(settings=chosen(found.settings, options), **counts, seed=options.seed, form=options.form,
                    one_hot=options.one_hot, name=options.name)
    with ProgressLine("drawing") as progress:
        saved = save(options.out, recipe, progress)
    if options.json:
        print(json.dumps({"file": str(options.out), "samples": recipe.samples, "features": recipe.settings.features,
                          "generation_seconds": round(saved.generation_seconds, 3),
                          "saving_seconds": round(saved.saving_seconds, 3), "bytes": saved.size,
                          "checksums": saved.checksums, "recipe": json.loads(recipe.to_json())}))
        return
    print(f"{options.out}: {recipe.samples:,} samples of {recipe.settings.features} features, "
          f"{len(recipe.settings.class_indices)} classes, {saved.size / 1e6:.1f} MB; "
          f"drawn in {saved.generation_seconds:.1f} s, saved in {saved.saving_seconds:.1f} s")


def _data(source: str, label: str | None = None) -> Raw:
    return load_raw(source, label=label) if variant_named(source) is None else morse_dataset(source)


def _metrics(options: argparse.Namespace) -> None:
    data = _data(options.file, options.label)
    started = time.perf_counter()
    unit = None
    if options.features != "raw":
        data, unit = mapped(data, float_map(data, options.features)), 1.0
    moments = Moments.of_dataset(data, unit).without(options.without)
    found = difficulty(moments, script=options.script_definition)
    new = outlook_of_dataset(data, moments, unit)
    seconds = time.perf_counter() - started
    limit = limits(new.score, _morse(options.file)) if new else None
    if options.json:
        fields = {field.name: None for field in dataclasses.fields(Outlook)} if new is None else dataclasses.asdict(new)
        facts = found.to_dict()
        reasons = facts.pop("reasons") | ({} if new else dict.fromkeys(fields, _WIDE))
        reasons |= {"foretells": limit} if limit else {}
        print(json.dumps({"data": str(options.file), "features_as": options.features, **facts, **fields,
                          "seconds": round(seconds, 3), "reasons": reasons}))
        return
    print("\n".join([*_lines(found, data.class_names), *_new_lines(new, limit),
                     f"of {options.features} features: {FEATURES[options.features]}"]))


def _morse(source: str) -> bool:
    """Whether it names a variant, or a file that `make` has written."""
    if variant_named(source) is not None:
        return True
    try:
        return recipe_of(source) is not None
    except MorseError:
        return False


def _new_lines(new: Outlook | None, limit: str | None) -> list[str]:
    if new is None:
        return [f"score     none: {_WIDE}"]
    made_of = f"V_white {new.v_white:.5g}, dimension {new.dimension:.4g}, {new.per_class:g} training samples per class"
    means = f"no forecast: {limit}" if limit else "which goes with the errors of a small network"
    return [f"score     {new.score:.4g}, {means}: {made_of}"]


def _lines(found: Difficulty, names: Sequence[str]) -> list[str]:
    dist = "infinite" if found.v_dist is None else f"{found.v_dist:.5g}"
    lines = [f"V_lower   {found.v_lower:.5g}", f"V_upper   {found.v_upper:.5g}", f"V_dist    {dist}",
             f"V_thresh  {found.v_thresh}",
             f"{found.samples:,} samples, {found.classes} classes, {found.features} features; "
             + ("as the reference's script computes them" if found.definition == "script" else "as defined")]
    if found.identical:
        equal = ", ".join(str(label) if names[label] == str(label) else f"{label} ({names[label]})"
                          for label in found.identical)
        lines.append(f"equal centroids: classes {equal}; V_dist is infinite, "
                     "--without C leaves one out")
    elif found.near:
        lines.append(f"{found.near} classes are as close to another as equal ones would be by chance: V_dist depends "
                     "on the number of samples")
    return lines


def _picture(options: argparse.Namespace) -> None:
    pictures.form_of(options.out)  # before any work
    settings = chosen(variant(options.variant).settings, options)
    if options.kind == "centroids":
        if options.data:
            data = _data(options.data)
            moments, names = Moments.of_dataset(data), data.class_names
        else:
            moments = Moments.of([generate(settings, per_class=200, seed=options.seed)], 1 / 256)
            names = settings.class_names
        names = tuple(names[label] for label in moments.labels)
        figure = pictures.centroids(moments.centroids, names)
    elif options.kind == "sheet":
        figure = pictures.sheet(settings, options.seed)
    else:
        symbols = indices(options.symbols or ["+"])
        shown = {options.variant: settings}
        if options.kind == "compare":
            shown[options.against] = variant(options.against).settings
        figure = pictures.frames(shown, symbols, options.seed)
    pictures.write(figure, options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sw.morse", description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    one = commands.add_parser("list", help="list the named variants", description="List the named variants by family: "
                              "what differs from the baseline.")
    one.add_argument("--json", action="store_true", help="all knobs of each, as JSON")
    one.set_defaults(run=_list)

    one = commands.add_parser("make", help="write a dataset as npz", description="Draw a dataset and write it as npz: "
                              "xtr ytr xva yva xte yte, and its recipe as JSON text. The same options give the same "
                              "arrays on every machine.")
    one.add_argument("name", help="a variant, as `list` shows them")
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help="npz file to write")
    one.add_argument("--seed", type=int, default=1, help="whole number from 0 (1)")
    one.add_argument("--form", choices=list(FORMS), default="units",
                     help="units: 0..1 in thousandths, float32 (default); bytes: v/256, as the hardware takes them")
    one.add_argument("--one-hot", action="store_true", help="labels as rows with one 1, not as numbers")
    for split, text in (("train", "training"), ("validation", "validation (0: none)"), ("test", "test")):
        one.add_argument(f"--{split}", type=int, metavar="N",
                         help=f"samples per class in the {text} split (the variant's)")
    one.add_argument("--json", action="store_true", help="print times, checksums and recipe as JSON")
    add_options(one)
    one.set_defaults(run=_make)

    one = commands.add_parser("metrics", help="how hard a dataset is", description="V_lower, V_upper, V_dist and "
                              "V_thresh of all splits together, from the features as they are; and "
                              "the score of sw.morse.better, which follows the accuracy of a network more closely.")
    one.add_argument("file", help=SOURCES)
    one.add_argument("--label", metavar="COLUMN", help="the column of the labels, for tables")
    add_features_option(one, "raw")
    one.add_argument("--script-definition", action="store_true",
                     help="as the reference's script computes them, to compare old figures")
    one.add_argument("--without", type=int, nargs="+", default=[], metavar="C", help="leave out classes, by label")
    one.add_argument("--json", action="store_true", help="print JSON")
    one.set_defaults(run=_metrics)

    one = commands.add_parser("picture", help="draw frames, classes, centroids", description="Draw a picture. "
                              "frame: levels over time with the codeword marked; compare: the same symbols of two "
                              "variants; sheet: samples of all classes; centroids: of classes, and their distances.")
    one.add_argument("kind", choices=("frame", "compare", "sheet", "centroids"))
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help=".svg or .png file to write")
    one.add_argument("--variant", default="baseline", help="what is drawn (baseline)")
    one.add_argument("--against", default="difficult", help="compare: the other variant (difficult)")
    one.add_argument("--data", help="centroids: of this data, as `metrics` takes it, not of a variant")
    one.add_argument("--seed", type=int, default=1, help="whole number from 0 (1)")
    add_options(one)
    one.set_defaults(run=_picture)
    return parser


@command
def main(arguments: Sequence[str] | None) -> int:
    """Command line. Exit status 0, or 2 with one line on stderr."""
    options = _parser().parse_args(arguments)
    with np.errstate(all="ignore"):
        options.run(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
