"""The register file of the AXI4-Lite port: names, offsets and fields, for hardware, drivers and documents.

All registers have 32 bits. An access to ``VALUE`` is a request of the configuration stream (sw.design.ports): it
is answered when the machine has taken it, some tens of clocks later, and ``INDEX`` is then one higher.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sw.design.design import Design
from sw.design.hashes import circuit_hash, network_hash
from sw.design.ports import Ports
from sw.design.schedule import Schedule

__all__ = ["ADDRESS_BITS", "COUNTERS", "IDENTITY", "REGISTERS", "VERSION", "Register", "constants", "high_bits",
           "table"]

ADDRESS_BITS = 7  # of a byte address
VERSION = 1
IDENTITY = 0x4346 << 16 | VERSION  # "CF", and the version of this map
COUNTERS = ("count_slots", "count_correct", "count_cycles", "count_stalls")


@dataclass(frozen=True)
class Register:
    """``access``: "read", "read, write" or "read, write 1 to clear"; ``offset``: in bytes."""

    name: str
    offset: int
    access: str
    meaning: str

    @property
    def writable(self) -> bool:
        return self.access != "read"


_READ, _BOTH, _CLEAR = "read", "read, write", "read, write 1 to clear"
_ALL = (
    Register("IDENTITY", 0x00, _READ, "0x4346 in bits 31..16, the version of this map in bits 15..0"),
    Register("CLOCKS", 0x04, _READ, "clocks per slot"),
    Register("NETWORK_HASH_LOW", 0x08, _READ, "bits 31..0 of the hash that a trained state is bound to"),
    Register("NETWORK_HASH_HIGH", 0x0C, _READ, "bits 63..32 of it"),
    Register("CIRCUIT_HASH_LOW", 0x10, _READ, "bits 31..0 of the hash of the circuit"),
    Register("CIRCUIT_HASH_HIGH", 0x14, _READ, "bits 63..32 of it"),
    Register("STATUS", 0x18, _CLEAR, "bit 0: `tlast` of the slot stream has not been where a slot ended"),
    Register("ADDRESS", 0x20, _BOTH,
             "bits 1..0: 0 weight, 1 bias, 2 LFSR state; bits 15..8: junction, from 0"),
    Register("INDEX", 0x24, _BOTH, "which weight, bias or LFSR; one higher after each access to `VALUE`"),
    Register("VALUE_HIGH", 0x28, _BOTH,
             "bits 46..32 of a value: write before `VALUE`, read after it; of LFSR states only"),
    Register("VALUE", 0x2C, _BOTH,
             "bits 31..0 of the value that `ADDRESS` and `INDEX` name; weights and biases are sign-extended"),
    Register("COUNT_SLOTS", 0x40, _READ, "slots that gave a result"),
    Register("COUNT_CORRECT", 0x44, _READ, "those predicted right"),
    Register("COUNT_CYCLES", 0x48, _READ, "clocks since reset"),
    Register("COUNT_STALLS", 0x4C, _READ, "clocks in which the machine waited"),
)
REGISTERS: Mapping[str, Register] = {register.name: register for register in _ALL}


def constants(design: Design) -> dict[str, int]:
    """What the registers hold that never change."""
    network, circuit = int(network_hash(design), 16), int(circuit_hash(design), 16)
    return {
        "IDENTITY": IDENTITY,
        "CLOCKS": Schedule.of(design).clocks,
        "NETWORK_HASH_LOW": network & 0xFFFFFFFF,
        "NETWORK_HASH_HIGH": network >> 32,
        "CIRCUIT_HASH_LOW": circuit & 0xFFFFFFFF,
        "CIRCUIT_HASH_HIGH": circuit >> 32,
    }


def high_bits(design: Design) -> int:
    """Bits of a value that do not fit ``VALUE``."""
    return max(1, Ports.of(design).readback[0].width - 32)


def table() -> str:
    """The map as a table in Markdown."""
    rows = [f"| 0x{r.offset:02X} | `{r.name}` | {r.access} | {r.meaning} |" for r in REGISTERS.values()]
    return "\n".join(["| offset | register | access | meaning |", "|---|---|---|---|", *rows])
