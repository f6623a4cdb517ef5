"""The program that hw.yosys starts: runs passes of yosys, in steps.

Standard input: JSON, a list of [label, [pass, ...]]. A pass is a command of yosys, or "python FILE ARGUMENT ...": then
the file's function ``run(design, libyosys, ...)`` is called, with numbers as such. Standard output: a line with the
label before each step, and "done" at the end. What yosys prints goes to where standard error goes. No step follows
one that failed.
"""

import json
import os
import runpy
import sys


def main() -> None:
    steps = json.load(sys.stdin)
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    from pyosys import libyosys

    design = libyosys.Design()
    for label, passes in steps:
        told.write(f"{label}\n")
        for one in passes:
            if one.startswith("python "):
                _, file, *words = one.split()
                runpy.run_path(file)["run"](design, libyosys, *(int(w) if w.isdigit() else w for w in words))
            else:
                libyosys.run_pass(one, design)
    told.write("done\n")


if __name__ == "__main__":
    main()
