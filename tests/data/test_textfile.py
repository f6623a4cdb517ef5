"""Lines of text files, compressed or not."""

import gzip

import pytest

from sw.data.dataset import DataError
from sw.data.textfile import lines_of, quoted

TEXT = b"one two \n\n three\r\nfour"
LINES = [(1, b"one two"), (2, b""), (3, b"three"), (4, b"four")]


@pytest.mark.parametrize("parts", [[], [TEXT], [TEXT[:9], TEXT[9:]]], ids=["plain", "one-member", "two-members"])
def test_lines(parts, tmp_path):
    (tmp_path / "f").write_bytes(b"".join(map(gzip.compress, parts)) or TEXT)
    assert list(lines_of(tmp_path / "f")) == LINES


def test_files_that_cannot_be_read(tmp_path):
    packed = gzip.compress(bytes(range(256)) * 99)
    damaged = packed[:50] + b"\xff" * 20 + packed[70:]
    for content in (packed[:-20], packed[:5], damaged):
        (tmp_path / "f").write_bytes(content)
        with pytest.raises(DataError, match=r"f: cannot be read: ."):
            list(lines_of(tmp_path / "f"))
    with pytest.raises(DataError, match="none: there is no such file"):
        list(lines_of(tmp_path / "none"))
    with pytest.raises(DataError, match=r"cannot be read: Is a directory"):
        list(lines_of(tmp_path))


def test_quoted():
    assert quoted(b"a\xff") == r"'a\\xff'"
    assert quoted(b"b" * 99) == "'" + "b" * 60 + "...'"
