"""Search networks: `python sw/search.py --help`. Installs what it needs in .venv, once."""

# This much runs in whatever Python is there, so it is kept to what old ones understand.
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def install():
    """Go on in .venv, where `sw.search` is then run as a module; exit where that cannot be."""
    if sys.hexversion < 0x030B0000:
        sys.exit("error: Python 3.11 or newer is needed, this is " + sys.version.split()[0])
    os.chdir(ROOT)
    sys.path[0] = ROOT
    from sw.common.install import main

    status = main(["search"])
    if status:
        sys.exit(status)
    python = os.path.join(".venv", "bin", "python")
    os.execv(python, [python, "-m", "sw.search", *sys.argv[1:]])


def program():
    """The search for the board that the command line names, or without one that of networks in software."""
    import argparse

    board = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    board.add_argument("--board", nargs="?", default="none")
    if board.parse_known_args()[0].board == "none":
        from sw.deepncheap.search import main
    else:
        from sw.codesign.command import main
    return main


if __name__ == "__main__":
    if os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):  # run as a file
        install()
    sys.exit(program()())
