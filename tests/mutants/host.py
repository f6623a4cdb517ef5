"""Mutants of the line between host and device: frames, the sample store, the window and its repairs."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

FAULTS = "tests/host/test_faults.py"
FRAMING = "tests/host/test_framing.py"
DEVICE = "tests/app/test_links_device.py"

MUTANTS = (
    *of(
        "sw/design/frames.py", "tests/design/test_frames.py",
        ("any CRC passes", "zlib.crc32(body) ^ 0xFFFFFFFF != CRC_RESIDUE", "False"),
        ("bodies too long pass", "BODY_MIN <= len(body) <= BODY_MAX", "BODY_MIN <= len(body)"),
        ("a slot too few may end in a frame", "(SLOT_HEAD + inputs) + 1", "(SLOT_HEAD + inputs)"),
    ),
    *of(
        "sw/design/store.py", "tests/design/test_store.py",
        ("taps that are not maximal", "(16, 15, 13, 4)", "(16, 15, 13, 5)"),
        ("states beyond the samples are taken", "if state <= samples:", "if True:"),
        ("features are cut", "* top + 127) // 255", "* top) // 255"),
        ("a word too few", "return -(-self.beats * self.bits // 8)", "return self.beats * self.bits // 8"),
    ),
    *of(
        "sw/host/framing.py", DEVICE,
        ("what is left of a frame is forgotten", "self._part += rest[", "self._part = bytearray(rest)[", FRAMING),
        ("damaged frames are not counted", "self.dropped += 1", "pass"),
    ),
    *of(
        "sw/host/window.py", FAULTS,
        ("only the first is sent again", 'b"".join(frame for _, frame in self._pending)', "self._pending[0][1]"),
        ("what is late is not sent again", "now >= (self._late(self._moved) if self._resume is None else self._resume)",
         "False"),
        ("reads are not sent again", "if read.data is None and now >= read.due:", "if False:"),
        ("a reset is not noticed", "if verdict == Verdict.NO_SESSION:", "if False:"),
        ("every answer is of this session", "lambda _, data: data[:4] == payload)", "lambda *_: True)"),
        ("another host is not noticed", "lambda *_: True)[1][:4] == payload:", "lambda *_: True)[1][:4] != b'':"),
    ),
    *of(
        "sw/host/reader.py", FAULTS,
        ("results are asked for once more", "self._read += len(results)", "self._read += max(0, len(results) - 1)"),
        ("room for one more than there is", "<= self._identity.results", "<= self._identity.results + 40"),
    ),
    *of(
        "sw/host/client.py", "tests/app/test_host_training.py",
        ("a state without its flush", "self.flush()\n        requests", "requests"),
    ),
    *of(
        "sw/host/values.py", FAULTS,
        ("signs are lost", "np.where(parts[:, -1:] & 0x80, 0xFF, 0)", "0"),
        ("rates are lost", "slots.kinds | shifts.astype(np.uint8) << 4", "slots.kinds"),
    ),
    *of(
        "sw/app/links/device.py", f"{DEVICE} {FAULTS}",
        ("what has been done is done again", "(Verdict.OK if ahead >= 128 else Verdict.ORDER), b\"\"",
         "(Verdict.ORDER), b\"\""),
        ("a new session keeps half a slot", "self._stream.clear()", "pass"),
        ("the rate never falls back", "if self._unheard >= FALLBACK_SECONDS:", "if False:"),
    ),
    *of(
        "sw/app/host/training.py", "tests/app/test_host_training.py",
        ("checkpoints of other runs will do", 'notes.get("run") == digest and', ""),
        ("the first checkpoint is gone on from for ever", "saved = piece.last", "pass"),
    ),
)
