"""The lock files hold what pyproject.toml asks for, exactly, and no torch for hardware users."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
# what builds of torch for a GPU need besides; the lock files leave the choice of the build to the user
OF_A_GPU = ("nvidia-", "cuda-", "triton")


def locked(name: str) -> dict[str, str]:
    """Package -> version of a lock file, with those of the files it includes."""
    found: dict[str, str] = {}
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        if line.startswith("-r "):
            found |= locked(line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)", line)
            assert pin, f"{name}: '{line}' is not an exact version"
            package = canonicalize_name(pin[1])
            assert package not in found, f"{name}: {package} is there twice"
            found[package] = pin[2]
    return found


@pytest.mark.parametrize("extra", ["sim", "route", "boards", "program", "formal", "host", "torch", "search", "test"])
def test_direct_dependencies_are_locked(extra):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = locked(f"{extra}.txt")
    assert project["optional-dependencies"][extra]
    for text in project["optional-dependencies"][extra]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), text


@pytest.mark.parametrize("extra", ["sim", "route", "boards", "program", "formal", "host", "torch", "search", "test"])
def test_indirect_dependencies_are_locked(extra):
    """Every requirement of a locked package is locked too, at a version that it accepts."""
    versions = locked(f"{extra}.txt")
    installed = {canonicalize_name(each.name) for each in metadata.distributions()}
    if missing := versions.keys() - locked("test.txt").keys() - installed:
        pytest.skip(f"not installed, and not needed by the tests: {', '.join(sorted(missing))}")
    for package in versions:
        for text in metadata.requires(package) or []:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                name = canonicalize_name(wanted.name)
                if name.startswith(OF_A_GPU):
                    continue
                assert name in versions, f"{package} needs {text}"
                assert wanted.specifier.contains(versions[name]), f"{package} needs {text}"


def test_what_is_installed_is_what_is_locked():
    for package, version in locked("test.txt").items():
        # a build of torch names what it was built for behind a +
        assert Version(metadata.version(package)).public == version


@pytest.mark.parametrize("lock", ["sim.txt", "route.txt", "formal.txt", "host.txt"])
def test_no_torch(lock):
    """`make sim` and what else is about hardware need none."""
    assert "torch" in locked("torch.txt")
    assert "torch" not in locked(lock)
