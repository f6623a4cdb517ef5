"""The table of coefficients: read, written, and what must not be in it."""

from dataclasses import fields, replace

import pytest

from sw.common.errors import FileError
from sw.cost.coefficients import TABLE, Coefficients, present, read, values, write
from sw.cost.errors import CostError

LINES = TABLE.read_text().splitlines()
RELU = next(line for line in LINES if line.startswith("relu_lut "))


def told(path, text: str | bytes) -> str:
    """The error of a table of that text, without the file's name."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CostError) as error:
        read(path)
    name, _, rest = str(error.value).partition(": ")
    assert name == str(path)
    return rest


def table(relu: str) -> str:
    """The table of the repository with another line for relu_lut."""
    return "\n".join(relu if line == RELU else line for line in LINES)


def line(**changed: str) -> str:
    numbers = {"value": "4.0", "guess": "4.0", "least": "0.0", "most": "8.0", "counts": '"a"'} | changed
    return "relu_lut = { " + ", ".join(f"{key} = {number}" for key, number in numbers.items()) + " }"


def test_the_table_in_the_repository_is_what_is_loaded():
    lines = read(TABLE)
    assert present() == values(lines)
    assert list(lines) == [field.name for field in fields(Coefficients)]
    assert f"relu_lut                 = {{ value = {present().relu_lut}, " in TABLE.read_text()


def test_written_and_read(tmp_path):
    lines = read(TABLE)
    write(tmp_path / "a.toml", lines)
    assert (tmp_path / "a.toml").read_bytes() == TABLE.read_bytes()
    lines["relu_lut"] = replace(lines["relu_lut"], value=5.25, counts='a "b" \\ c')
    write(tmp_path / "a.toml", lines)
    assert read(tmp_path / "a.toml") == lines


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.toml"
    write(path, read(TABLE))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(FileError) as error:
        write(path, {})
    assert str(error.value) == f"{path}: cannot be written: No space left on device"
    assert [made.name for made in tmp_path.iterdir()] == ["a.toml"]
    assert read(path) == read(TABLE)


KEYS = "value, guess, least, most, counts"


@pytest.mark.parametrize(("text", "message"), [
    (table(""), "the table needs all coefficients, relu_lut is missing"),
    (table(RELU + "\nmagic_lut = 3\nother_ff = 4"),
     "no coefficient is called magic_lut, other_ff; sw/cost/coefficients.py has the names"),
    (table(line(value="nan")), "value of relu_lut must be a finite number, got NaN"),
    (table(line(most="inf")), "most of relu_lut must be a finite number, got Infinity"),
    (table(line(guess="true")), "guess of relu_lut must be a finite number, got true"),
    (table(line(least='"0"')), 'least of relu_lut must be a finite number, got "0"'),
    (table(line(value="8.5")), "value of relu_lut must lie in 0.0 to 8.0, got 8.5"),
    (table(line(guess="-1")), "guess of relu_lut must lie in 0.0 to 8.0, got -1"),
    (table(line(least="4.0", most="4.0")), "most of relu_lut must be above its least, 4.0, got 4.0"),
    (table(line(counts='""')), 'counts of relu_lut must be a text, got ""'),
    (table(line(counts="3")), "counts of relu_lut must be a text, got 3"),
    (table("relu_lut = 4.0"), f"relu_lut must be a table with the keys {KEYS}, got 4.0"),
    (table("relu_lut = { value = 4.0 }"), f'relu_lut must be a table with the keys {KEYS}, got {{"value": 4.0}}'),
    (table("relu_lut"), "not valid TOML: Expected '=' after a key in a key/value pair (at line 8, column 9)"),
    (b"\xff", "not valid TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
])
def test_wrong(tmp_path, text, message):
    assert told(tmp_path / "a.toml", text) == message


def test_no_table(tmp_path):
    with pytest.raises(CostError) as error:
        read(tmp_path / "a.toml")
    assert str(error.value) == f"{tmp_path / 'a.toml'}: cannot be read: No such file or directory"
