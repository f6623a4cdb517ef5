"""Command line of `make mutants`: change one line of the product at a time, and see which test notices."""

import argparse
import hashlib
import json
import os
import queue
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from tests.mutants.mutant import Mutant, MutantError, copied, fingerprint
from tests.mutants.outcome import CAUGHT, Outcome, check_sound, judge
from tests.mutants.table import MUTANTS

ROOT = Path(__file__).parents[2]


class Known:
    """Outcomes of earlier runs on the same sources, by mutant; of mutants that were caught."""

    def __init__(self, path: Path, sources: str) -> None:
        self._path, self._sources = path, sources
        self._found: dict[str, dict] = {}
        try:
            kept = json.loads(path.read_text())
            if kept["sources"] == sources:
                self._found = kept["outcomes"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, or cut off: nothing is known

    @staticmethod
    def _key(mutant: Mutant) -> str:
        return hashlib.sha256(json.dumps(asdict(mutant)).encode()).hexdigest()

    def get(self, mutant: Mutant) -> Outcome | None:
        found = self._found.get(self._key(mutant))
        return Outcome(**found) if found else None

    def add(self, mutant: Mutant, outcome: Outcome) -> None:
        if outcome.kind == CAUGHT:
            self._found[self._key(mutant)] = asdict(outcome)
            write_report(self._path, {"sources": self._sources, "outcomes": self._found}, {})


def outcomes(mutants: Sequence[Mutant], root: Path, build: Path, jobs: int) -> list[Outcome]:
    """The outcome of each mutant of the sources in ``root``, from earlier runs where known."""
    found: dict[Mutant, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="clashfree-mutants-") as temporary:
        first = copied(root, Path(temporary) / "0")
        known = Known(build / "known.json", fingerprint(first))
        found = {m: outcome for m in mutants if (outcome := known.get(m))}
        due = [m for m in mutants if m not in found]
        if not due:
            return [found[m] for m in mutants]
        jobs = min(jobs, len(due))
        # the copies after the first have its compiled files
        tests = sorted({test for m in due for test in m.tests})
        with ThreadPoolExecutor(jobs) as pool:
            folders: queue.Queue[Path] = queue.Queue()
            for i in range(jobs):
                folders.put(first if i == 0 else copied(first, Path(temporary) / str(i)))

            def borrowed(work, what):
                folder = folders.get()
                try:
                    return work(folder, what)
                finally:
                    folders.put(folder)

            print(f"{len(due)} mutants to run, {len(found)} known; first their tests without a mutant", flush=True)
            try:
                parts = [part for i in range(jobs) if (part := tests[i::jobs])]  # of none pytest would run all
                list(pool.map(lambda part: borrowed(check_sound, part), parts))
                running = {pool.submit(borrowed, lambda folder, m: judge(m, folder), m): m for m in due}
                with ProgressLine("mutants", "run") as progress:
                    for number, done in enumerate(as_completed(running), 1):
                        mutant = running[done]
                        found[mutant] = done.result()
                        known.add(mutant, found[mutant])
                        progress(number, len(due))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return [found[m] for m in mutants]


def run(mutants: Sequence[tuple[int, Mutant]], root: Path, build: Path, jobs: int) -> int:
    """Judge numbered mutants, print the table, write the report; 1 if one is not caught."""
    for _, mutant in mutants:
        mutant.changed(root)
    found = outcomes([m for _, m in mutants], root, build, jobs)
    rows = [(n, m, outcome) for (n, m), outcome in zip(mutants, found, strict=True)]
    for n, mutant, outcome in rows:
        print(f"{n:4d} {outcome.kind:<9}{outcome.seconds:5.1f} s  {mutant.file}:{mutant.line(root)}: {mutant.name}")
        print(f"         {outcome.test}  {outcome.message}"[:160])
    wrong = [n for n, _, outcome in rows if outcome.kind != CAUGHT]
    figures = {
        "mutants": len(rows),
        "wrong": wrong,
        "runs": [{"number": n, **asdict(m), "line": m.line(root), **asdict(outcome)} for n, m, outcome in rows],
    }
    write_report(build / "report.json", figures, {})
    print(f"\n{len(rows)} mutants: {'NOT all' if wrong else 'all'} caught; {build / 'report.json'}")
    for n, mutant, outcome in rows:
        if outcome.kind != CAUGHT:
            print(f"WRONG: {n} {outcome.kind}: {mutant.file}: {mutant.name}")
    return 1 if wrong else 0


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 every mutant caught, 1 one survived or was broken, 2 nothing was judged."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="numbers of mutants, as the table has them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at a time")
    parser.add_argument("--build", type=Path, default=Path("build/mutants"), help="folder of report and known outcomes")
    options = parser.parse_args(arguments)
    numbered = list(enumerate(MUTANTS, 1))
    unknown = [n for n in options.only or () if not 1 <= n <= len(numbered)]
    if unknown:
        raise MutantError(f"--only must be 1..{len(numbered)}, got {unknown[0]}")
    if options.jobs < 1:
        raise MutantError(f"--jobs must be at least 1, got {options.jobs}")
    chosen = [(n, m) for n, m in numbered if options.only is None or n in options.only]
    check_folder(options.build)
    return run(chosen, ROOT, options.build, options.jobs)


if __name__ == "__main__":
    raise SystemExit(main())
