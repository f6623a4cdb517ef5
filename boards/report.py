"""The report of a synthesis: what was counted, what the device has, whether it fits; for programs and for people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from boards.board import Board
from boards.netlist.count import Count
from boards.netlist.delays import delays
from boards.netlist.timing import Timing
from boards.route import Routed
from sw.design.design import Design
from sw.design.hashes import circuit_hash
from sw.design.multipliers import multiplier_groups
from sw.design.schedule import Schedule

__all__ = ["Found", "figures", "summary"]

_PATHS = 10
_NOT_ROUTED = "not placed and routed"
_NO_PATH = "no path between registers, or a loop"


@dataclass(frozen=True)
class Found:
    """What a synthesis has given.

    ``timing``: before place and route, None where the netlist has none; ``occupied``: cells as nextpnr counts them,
    ECP5 only; ``checks``: as boards.netlist.checks.check; ``seconds``: of yosys, when it ran; ``routed``: if it was
    placed and routed.
    """

    count: Count
    cells: Mapping[str, int]
    checks: Mapping[str, str]
    timing: Timing | None
    seconds: float
    cached: bool
    yosys: str
    occupied: int | None = None
    routed: Routed | None = None


def figures(
    board: Board, design: Design, found: Found, estimate: Mapping[str, float]
) -> tuple[dict[str, object], dict[str, str]]:
    """The report's figures, and the reason of each that is null. ``design``: as it was synthesised."""
    device, counted = board.device, found.count
    block = "bram36" if board.family == "xc7" else "ebr"
    used: dict[str, float] = {"lut": counted.lut, "ff": counted.ff, "dsp": counted.dsp, block: counted.block}
    limits: dict[str, float] = {"lut": device.lut, "ff": device.ff, "dsp": device.dsp, block: device.memory_blocks}
    groups = multiplier_groups(design)
    in_dsp = sum(g.in_dsp for g in groups)
    clocks, routed = Schedule.of(design).clocks, found.routed
    estimated = round(found.timing.mhz, 1) if found.timing and found.timing.mhz else None
    mhz, source = (routed.mhz, routed.source) if routed else (estimated, _estimate(board) if estimated else None)
    all_figures: dict[str, object] = {
        "board": board.name,
        "device": device.name,
        "design": design.name,
        "circuit_hash": circuit_hash(design),
        "clocks_per_sample": clocks,
        "multipliers": {"in_dsp": in_dsp, "in_lut": sum(g.count for g in groups) - in_dsp},
        **used,
        "lut_logic": counted.lut_logic,
        "lutram": counted.lutram,
        "srl": counted.srl,
        "limits": limits,
        "percent": {name: round(100 * used[name] / limits[name], 1) for name in used},
        "occupied": found.occupied,
        "fits": all(used[name] <= limits[name] for name in used) and (found.occupied or 0) <= device.lut,
        "estimate": dict(estimate),
        "estimate_error_percent": _errors({**used, **asdict(counted)}, estimate),
        "fmax_mhz": mhz,
        "fmax_source": source,
        "fmax_estimate_mhz": estimated,
        "training_samples_per_second": round(1e6 * mhz / clocks) if mhz else None,
        "route": routed.as_json() if routed else None,
        "slowest_paths": found.timing.as_json(_PATHS) if found.timing else None,
        "checks": {name: said or "passed" for name, said in found.checks.items()},
        "cells": dict(sorted(found.cells.items())),
        "synthesis_seconds": round(found.seconds, 1),
        "synthesis_cached": found.cached,
        "yosys": found.yosys,
    }
    reasons = {
        "occupied": "counted on ECP5 only",
        "route": _NOT_ROUTED,
        "slowest_paths": "a loop without a register, or an unknown cell",
        **dict.fromkeys(("fmax_mhz", "fmax_source", "fmax_estimate_mhz", "training_samples_per_second"), _NO_PATH),
    }
    return all_figures, reasons


def _estimate(board: Board) -> str:
    return f"estimate before place and route, +- {delays(board.family).error_percent:.0f} %"


def _errors(counted: Mapping[str, float], estimate: Mapping[str, float]) -> dict[str, float | None]:
    """Per figure that both have: how much the estimate is too high; None where something was counted as 0."""
    errors: dict[str, float | None] = {}
    for name in estimate:
        if name in counted:
            off = estimate[name] - counted[name]
            errors[name] = round(100 * off / counted[name], 2) if counted[name] else None if off else 0.0
    return errors


def summary(board: Board, design: Design, report: Mapping, found: Found) -> str:
    """For people."""
    rows = [("look-up tables", "lut"), ("flip-flops", "ff"), ("DSP blocks", "dsp")]
    rows.append(("block RAM (36 kbit)", "bram36") if "bram36" in report else ("block RAM (18 kbit)", "ebr"))
    lines = [f"{design.name} on {board.title} ({board.device.name}), {report['clocks_per_sample']} clocks per sample"]
    for title, key in rows:
        limit, percent = report["limits"][key], report["percent"][key]
        over = "" if report[key] <= limit else "  does not fit"
        lines.append(f"  {title:<22}{report[key]:>10,} of {limit:>8,}  {percent:>6.1f} %{over}")
        if key == "lut":
            parts = (("logic", "lut_logic"), ("LUTRAM", "lutram"), ("shift registers", "srl"))
            lines += [f"    {name:<20}{report[part]:>10,}" for name, part in parts]
            if found.occupied is not None:
                lines.append(f"    {'cells in all':<20}{found.occupied:>10,}, as nextpnr counts")
    made = report["multipliers"]
    lines.append(f"  {'multipliers':<22}{made['in_dsp']:>10,} in DSP blocks, {made['in_lut']:,} in look-up tables")
    if report["fmax_mhz"]:
        lines.append(f"  {'highest clock':<22}{report['fmax_mhz']:>10} MHz ({report['fmax_source']})")
        lines.append(f"  {'':<22}{report['training_samples_per_second']:>10,} training samples per second")
    else:
        lines.append(f"  {'highest clock':<22}{'unknown':>10}: {_NO_PATH}")
    if (routed := found.routed) is not None:
        lines.append(f"    {'estimated before':<20}{report['fmax_estimate_mhz']:>10} MHz")
        lines.append("    placed: " + ", ".join(f"{used:,} {kind}" for kind, (used, _) in routed.used.items()
                                                if kind.startswith(("TRELLIS_C", "TRELLIS_F", "TRELLIS_R", "M", "DP"))))
        lines.append(f"  slowest path, {routed.path}".replace("\n", "\n  "))
    elif found.timing and found.timing.paths:
        lines.append(f"  slowest path, {found.timing.paths[0]}".replace("\n", "\n  "))
    failed = {name: said for name, said in found.checks.items() if said}
    if not failed:
        lines.append(f"  {len(found.checks)} checks of the mapped cells passed")
    lines += [f"  CHECK FAILED, {name}: {said}" for name, said in failed.items()]
    return "\n".join(lines)
