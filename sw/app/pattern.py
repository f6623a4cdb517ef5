"""Draws connection patterns, and says what there is to know of them: degrees, densities, networks, scatter.

    python -m sw.app.pattern --design designs/odd.toml --out odd.png
    python -m sw.app.pattern --neurons 8,4,4 --out-degree 1,2 --kind 2 --z 4,2 --out small.svg
    python -m sw.app.pattern --neurons 784,112,10

Without degrees, lists those that the junctions can have. Several kinds are drawn beside each other. The same
arguments give the same bytes.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from sw.app.pattern_facts import degree_lines, fact_lines, facts, overall
from sw.app.pattern_pictures import VIEWS, Drawn, view_for
from sw.common.atomic import write_atomic
from sw.common.command import command
from sw.common.picture import SETTINGS, content, file_format
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.files import load
from sw.pattern.clash_free import Pattern
from sw.pattern.degrees import out_degree_at
from sw.pattern.draw import KINDS, clash_free, draw
from sw.pattern.edges import edges_of
from sw.pattern.errors import PatternError

__all__ = ["main"]

_OWN = ("out_degree", "density", "kind", "z", "sweeps_per_start", "dither", "seed")


def _of_design(design: Design) -> list[list[Drawn]]:
    return [[Drawn(f"junction {j.index}, {_kind_name(j.pattern)}", edges_of(j.pattern), j.pattern)
             for j in design.junctions]]


def _kind_name(pattern: Pattern) -> str:
    alike = f", {pattern.sweeps_per_start} sweeps alike" if pattern.kind == 2 and pattern.sweeps_per_start > 1 else ""
    return f"type {pattern.kind}{alike}{', dithered' if pattern.orders is not None else ''}"


def _drawn(options: argparse.Namespace, kind: str | int) -> list[Drawn]:
    """The network of the command line, of one kind."""
    network = []
    for i, (left, right) in enumerate(pairwise(options.neurons), 1):
        where = "" if len(options.neurons) == 2 else f"junction {i}, "
        out_degree, density, z = (_one_each(name, options, i) for name in ("out_degree", "density", "z"))
        try:
            if isinstance(kind, str) or z is None:  # which clash-free kinds refuse
                edges = draw(kind, left, right, out_degree=out_degree, density=density, seed=options.seed, junction=i)
                network.append(Drawn(f"{where}{kind}", edges))
                continue
            pattern = clash_free(
                kind, left, right, out_degree_at(left, right, density) if out_degree is None else out_degree, z,
                sweeps_per_start=options.sweeps_per_start if kind == 2 else 1, dither=options.dither,
                seed=options.seed, junction=i,
            )
        except PatternError as error:
            raise PatternError(f"junction {i}: {error}") from None
        network.append(Drawn(where + _kind_name(pattern), edges_of(pattern), pattern))
    return network


def _one_each(name: str, options: argparse.Namespace, index: int) -> Any:
    values, junctions = getattr(options, name), len(options.neurons) - 1
    if values is None:
        return None
    if len(values) != junctions:
        raise DesignError(f"--{name.replace('_', '-')} needs one value per junction, {junctions} of them, "
                          f"got {len(values)}")
    return values[index - 1]


def _list_of(convert: Any, what: str) -> Any:
    def read(text: str) -> list:
        try:
            return [convert(part) for part in text.split(",")]
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be {what}, separated by commas, got {text!r}") from None
    return read


def _kind(text: str) -> str | int:
    kind = int(text) if text.isdigit() else text
    if kind not in KINDS:
        raise ValueError(text)
    return kind


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sw.app.pattern", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--design", help="design file (TOML)")
    whose.add_argument("--neurons", type=_list_of(int, "whole numbers"), help="neurons of the layers, as 784,112,10")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--out-degree", type=_list_of(int, "whole numbers"), help="one per junction")
    amount.add_argument("--density", type=_list_of(float, "numbers"), help="one per junction, instead of out-degrees")
    parser.add_argument("--kind", type=_list_of(_kind, "random, structured, 1, 2 or 3"),
                        help="random, structured (default), 1, 2, 3; several are drawn beside each other")
    parser.add_argument("--z", type=_list_of(int, "whole numbers"), help="lanes, one number per junction; kinds 1 to 3")
    parser.add_argument("--sweeps-per-start", type=int, help="kind 2; default 1")
    parser.add_argument("--dither", action="store_true", default=None, help="kinds 1 to 3")
    parser.add_argument("--seed", type=int, help="default 1")
    parser.add_argument("--view", choices=VIEWS, help="by default, what suits the sizes")
    parser.add_argument("--out", help="picture to write, .svg or .png")
    parser.add_argument("--json", help="file to write the facts to")
    return parser.parse_args(arguments)


def _networks_of(options: argparse.Namespace) -> tuple[str, list[list[Drawn]]]:
    """Title and networks; no networks if only the possible degrees are asked for."""
    if options.design:
        given = [name for name in _OWN if getattr(options, name) is not None]
        if given:
            raise DesignError(f"a design file says its own --{given[0].replace('_', '-')}")
        design = load(options.design)
        return f"{design.name}: {', '.join(map(str, design.network.neurons))} neurons", _of_design(design)
    if len(options.neurons) < 2:
        raise DesignError(f"--neurons needs at least 2 layers, got {options.neurons}")
    title = f"{', '.join(map(str, options.neurons))} neurons"
    if options.out_degree is None and options.density is None:
        return title, []
    kinds = options.kind or ["structured"]
    for name, wanted in (("z", (1, 2, 3)), ("dither", (1, 2, 3)), ("sweeps_per_start", (2,))):
        if getattr(options, name) is not None and not set(wanted) & set(kinds):
            raise DesignError(f"--{name.replace('_', '-')} belongs to --kind {', '.join(map(str, wanted))}, "
                              f"got {', '.join(map(str, kinds))}")
    options.sweeps_per_start = 1 if options.sweeps_per_start is None else options.sweeps_per_start
    options.dither = bool(options.dither)
    options.seed = 1 if options.seed is None else options.seed
    return title, [_drawn(options, kind) for kind in kinds]


def _run(options: argparse.Namespace) -> None:
    format = file_format(options.out) if options.out else None
    title, networks = _networks_of(options)
    if not networks:
        if options.out or options.json:
            raise DesignError("a picture needs --out-degree or --density")
        print("\n".join(degree_lines(options.neurons)))
        return
    picture = None
    if format:
        from matplotlib import rc_context

        with rc_context(SETTINGS):
            view = VIEWS[options.view or view_for(networks)]
            picture = content(view(networks, title), format, f"Connection pattern of {title}")
    report = []
    for network in networks:
        found, paths = facts(network)
        print("\n".join(fact_lines(found, paths)))
        report.append({"junctions": [asdict(f) for f in found], "density": overall(found), "paths_scatter": paths})
    if options.json:
        write_atomic(options.json, (json.dumps({"title": title, "networks": report}, indent=1) + "\n").encode())
    if picture:
        write_atomic(options.out, picture)


@command
def main(arguments: Sequence[str] | None) -> int:
    options = _options(arguments)
    _run(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
