"""The trials that no other beats in every figure that counts."""

from collections.abc import Sequence

from sw.study.stage import Figure, Record

__all__ = ["front"]


def front(records: Sequence[Record], figures: Sequence[Figure]) -> list[Record]:
    """The non-dominated complete records of highest fidelity, best in the first counting figure first.

    A record counts only if it has all figures that count; of equal ones the earliest is taken.
    """
    counting = [figure for figure in figures if figure.better]
    complete = [one for one in records if one.complete and all(figure.name in one.attributes for figure in counting)]
    highest = max((one.fidelity for one in complete), default=0)
    points = [(_costs(one, counting), one) for one in complete if one.fidelity == highest]
    found: list[tuple[tuple[float, ...], Record]] = []
    for costs, record in sorted(points, key=lambda point: point[0]):  # stable: the earliest of equal ones first
        if not any(all(theirs <= ours for theirs, ours in zip(other, costs, strict=True)) for other, _ in found):
            found.append((costs, record))
    return [record for _, record in found] if counting else []


def _costs(record: Record, figures: Sequence[Figure]) -> tuple[float, ...]:
    return tuple(float(record.attributes[figure.name]) * (1 if figure.better == "lower" else -1) for figure in figures)
