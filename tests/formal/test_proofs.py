"""The properties of the table are proven, and the planted faults caught by the property that is named for them."""

import pytest

from tests.formal.outcome import planted, proven
from tests.formal.table import FAULTS, PROOFS

pytestmark = pytest.mark.formal


def cases(entries):
    return [pytest.param(e, id=e.name, marks=[pytest.mark.slow] if e.long else []) for e in entries]


@pytest.mark.parametrize("proof", cases(PROOFS))
def test_proven(proof, tmp_path):
    outcome = proven(proof, tmp_path)
    assert outcome.right, outcome.result


@pytest.mark.parametrize("fault", cases(FAULTS))
def test_a_planted_fault_is_caught(fault, tmp_path):
    outcome = planted(fault, tmp_path)
    assert outcome.right, outcome.result


def test_every_unit_has_a_proof_and_a_fault():
    """Of the tops that are proven in the short run, each is also run with a fault."""
    tops = {p.top.func for p in PROOFS if not p.long}
    assert tops == {f.top.func for f in FAULTS if not f.long}
    assert len({p.name for p in PROOFS}) == len(PROOFS)
    assert all(p.cover or any(q.cover and q.top.func is p.top.func for q in PROOFS) for p in PROOFS)
