"""Design files: what is written is what is read; every mistake has its line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sw.common.errors import FileError
from sw.design.errors import DesignError
from sw.design.files import load, save
from sw.design.hashes import circuit_hash
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Data, Hardware, PatternSettings, Stages, Training
from sw.design.states import save_state
from tests.design.random_designs import random_design
from tests.design.shipped import flagship

MNIST = """\
schema = 1
name = "mnist"

[network]
neurons = [1024, 64, 32]
inputs = 784                         # real features and classes; the rest is padding
classes = 10
out_degree = [4, 16]
activation = ["sigmoid", "sigmoid"]
cost = "cross_entropy"

[pattern]
kind = 2
sweeps_per_start = 1
dither = false
seed = 1

[arithmetic]
width = 12
integer_bits = 3
preactivation_integer_bits = 3
table_bits = 12
rounding = "nearest"

[hardware]
z = [128, 32]
multipliers = "auto"
stages = { multiply = 2, add = 1, table = 2, chain = 4, read = 2 }
lutram_rows = 64

[training]
rate_shift = [[0, 3], [25000, 4], [75000, 5]]
order = "file"
weight_seed = 1

[data]
source = "morse"
train = 20000
test = 2000
"""

SHORT = """\
schema = 1
name = "short"
network = { neurons = [8, 4, 4], inputs = 8, classes = 4, out_degree = [1, 2], \
activation = ["relu", "sigmoid"] }
hardware = { z = [4, 2] }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "design.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_schema_of_the_documents(tmp_path):
    design = load(written(tmp_path, MNIST))
    training = Training(rate_shift=((0, 3), (25000, 4), (75000, 5)))
    assert design == replace(flagship(), training=training)
    assert design.training.rate_shift == ((0, 3), (25000, 4), (75000, 5))


def test_defaults(tmp_path):
    design = load(written(tmp_path, SHORT))
    assert design.pattern == (PatternSettings(),) * 2
    assert design.arithmetic == Arithmetic()
    assert design.hardware == Hardware((4, 2), "auto", Stages(), ())
    assert design.training == Training()
    assert design.data == Data()
    assert design.network.cost == "cross_entropy"


def test_one_pattern_per_junction(tmp_path):
    text = f"{SHORT}[[pattern]]\nkind = 1\n[[pattern]]\nkind = 3\nseed = 4\n"
    design = load(written(tmp_path, text))
    assert design.pattern == (PatternSettings(kind=1), PatternSettings(kind=3, seed=4))


def test_lags(tmp_path):
    text = SHORT.replace("z = [4, 2]", "z = [4, 2], lags = [9, 5], multipliers = 12")
    design = load(written(tmp_path, text))
    assert Schedule.of(design).lags == (9, 5)
    assert design.hardware.multipliers == 12


def test_save_writes_every_field(tmp_path):
    path = tmp_path / "saved.toml"
    save(flagship(), path)
    assert path.read_text() == """\
schema = 1
name = "mnist"

[network]
neurons = [1024, 64, 32]
inputs = 784
classes = 10
out_degree = [4, 16]
activation = ["sigmoid", "sigmoid"]
cost = "cross_entropy"

[pattern]
kind = 2
sweeps_per_start = 1
dither = false
seed = 1

[arithmetic]
width = 12
integer_bits = 3
preactivation_integer_bits = 3
table_bits = 12
rounding = "nearest"

[hardware]
z = [128, 32]
multipliers = "auto"
stages = { multiply = 2, add = 1, table = 2, chain = 4, read = 2 }
lutram_rows = 64

[training]
rate_shift = [[0, 4]]
order = "file"
weight_seed = 1

[data]
source = "morse"
train = 20000
test = 2000
epochs = 1
scaling = "auto"
"""


def test_keep_is_written_only_where_it_is_given(tmp_path):
    design = replace(flagship(), data=Data(keep=320))
    save(design, tmp_path / "a.toml")
    assert (tmp_path / "a.toml").read_text().endswith('scaling = "auto"\nkeep = 320\n')
    assert load(tmp_path / "a.toml") == design
    for keep, message in (
        (0, "data.keep must be at least 1, got 0"),
        (785, "data.keep must be at most network.inputs, 784, got 785"),
        (1.5, "data.keep must be an integer, got 1.5"),
    ):
        path = written(tmp_path, (tmp_path / "a.toml").read_text().replace("keep = 320", f"keep = {keep}"))
        with pytest.raises(DesignError) as error:
            load(path)
        assert str(error.value) == f"{path}: {message}"


def test_saved_designs_load_equal_and_with_the_same_bytes(tmp_path):
    rng = np.random.Generator(np.random.PCG64(21))
    for number in range(30):
        design = random_design(
            rng,
            training=Training(((0, 2), (7, 5)), "shuffle", number),
            data=Data('a "quoted"\\ name\n\t\x7fé', 5, 0, 3),
        )
        path, again = tmp_path / "a.toml", tmp_path / "b.toml"
        save(design, path)
        loaded = load(path)
        assert loaded == design
        assert circuit_hash(loaded) == circuit_hash(design)
        save(loaded, again)
        assert again.read_bytes() == path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.toml", "b.toml"]


def test_lags_that_the_schedule_chose_can_be_fixed(tmp_path):
    design = flagship()
    fixed = replace(design, hardware=replace(design.hardware, lags=Schedule.of(design).lags))
    save(fixed, tmp_path / "fixed.toml")
    assert load(tmp_path / "fixed.toml").hardware.lags == (4, 1)
    assert circuit_hash(fixed) == circuit_hash(design)


def test_save_replaces_a_file(tmp_path):
    path = written(tmp_path, "something else")
    save(flagship(), path)
    assert load(path) == flagship()


def test_a_failed_save_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    for target in ("folder", "missing/a.toml", "file/a.toml"):
        path = tmp_path / target
        with pytest.raises(FileError) as error:
            save(flagship(), path)
        assert str(error.value).startswith(f"{path}: cannot be written: ")
        assert "\n" not in str(error.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"


NETWORK_KEYS = "neurons, inputs, classes, out_degree, activation, cost"

WRONG = [
    ("# nothing yet", "the file needs the key schema, now 1"),
    ("schema = 2", "schema must be 1, got 2"),
    ('schema = "1"', 'schema must be 1, got "1"'),
    ("schema = true", "schema must be 1, got true"),
    ("schema = 1", "the file needs the key name"),
    ('schema = 1\nname = "a"', "the file needs the key network"),
    (SHORT.replace("hardware", "hardwear"),
     ('the file has no key "hardwear"; valid keys: schema, name, network, pattern, arithmetic, '
     "hardware, training, data")),
    (f"{SHORT}[extra]\n",
     ('the file has no key "extra"; valid keys: schema, name, network, pattern, arithmetic, '
     "hardware, training, data")),
    (SHORT.replace('"short"', "3"), "name must be a string, got 3"),
    (SHORT.replace("inputs = 8, ", ""), "table network needs the key inputs"),
    (SHORT.replace("inputs = 8", "imputs = 8"),
     f'table network has no key "imputs"; valid keys: {NETWORK_KEYS}'),
    (SHORT.replace("z = [4, 2]", ""), "table hardware needs the key z"),
    (SHORT.replace("{ z = [4, 2] }", "7"), "hardware must be a table, got 7"),
    (SHORT.replace("[8, 4, 4]", "[8, 4.0, 4]"),
     "network.neurons must be a list of integers, got [8, 4.0, 4]"),
    (SHORT.replace("[8, 4, 4]", "[8, true, 4]"),
     "network.neurons must be a list of integers, got [8, true, 4]"),
    (SHORT.replace("[8, 4, 4]", "8"), "network.neurons must be a list of integers, got 8"),
    (SHORT.replace("inputs = 8", 'inputs = "8"'), 'network.inputs must be an integer, got "8"'),
    (SHORT.replace("inputs = 8", "inputs = inf"),
     "network.inputs must be an integer, got Infinity"),
    (SHORT.replace("inputs = 8", "inputs = 99999999999999999999"),
     "network.inputs must be an integer, got 99999999999999999999"),
    (SHORT.replace('["relu", "sigmoid"]', '["relu", 1]'),
     'network.activation must be a list of strings, got ["relu", 1]'),
    (SHORT.replace("z = [4, 2]", "z = [4, 2], multipliers = 1.5"),
     'hardware.multipliers must be "auto", "dsp", "lut" or an integer, got 1.5'),
    (SHORT.replace("z = [4, 2]", "z = [4, 2], stages = 2"),
     "hardware.stages must be a table, got 2"),
    (SHORT.replace("z = [4, 2]", "z = [4, 2], stages = { mul = 2 }"),
     'table hardware.stages has no key "mul"; valid keys: multiply, add, table, chain, read'),
    (SHORT.replace("z = [4, 2]", "z = [4, 2], stages = { add = true }"),
     "hardware.stages.add must be an integer, got true"),
    (f"{SHORT}[pattern]\ndither = 0\n", "pattern.dither must be true or false, got 0"),
    (f"{SHORT}pattern = 3\n", "pattern must be a table, got 3"),
    (f"{SHORT}[[pattern]]\n[[pattern]]\nkind = \"2\"\n",
     'pattern 2.kind must be an integer, got "2"'),
    (f"{SHORT}[[pattern]]\n[[pattern]]\n[[pattern]]\n",
     "pattern needs one table, or one per junction (2), got 3"),
    (f"{SHORT}[training]\nrate_shift = [3]\n",
     "training.rate_shift must be a list of [slot, shift] pairs, got [3]"),
    (f"{SHORT}[training]\nrate_shift = [[0, 1, 2]]\n",
     "training.rate_shift must be a list of [slot, shift] pairs, got [[0, 1, 2]]"),
    (f"{SHORT}[data]\nsource = 2026-01-02\n", 'data.source must be a string, got "2026-01-02"'),
    # the rules of a design, with the file's name before them
    (SHORT.replace("z = [4, 2]", "z = [3, 2]"),
     "junction 1: hardware.z must divide its 8 left neurons; got 3, nearest valid: [1, 2, 4, 8]"),
    (SHORT.replace("z = [4, 2]", "z = [4, 2], lags = [1, 1]"),
     "junction 2: hardware.lags is 1 but its pipeline needs at least 2 slots"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(DesignError) as error:
        load(path)
    assert str(error.value) == f"{path}: {message}"


@pytest.mark.parametrize("content", [b"schema = ", b"a = 1\na = 2", b"[\n", b'a = "\n"'])
def test_not_toml(tmp_path, content):
    path = tmp_path / "design.toml"
    path.write_bytes(content)
    with pytest.raises(DesignError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}: not valid TOML: ")
    assert "\n" not in str(error.value)


def test_no_file(tmp_path):
    path = tmp_path / "none.toml"
    with pytest.raises(DesignError) as error:
        load(path)
    assert str(error.value) == f"{path}: there is no such file"
    with pytest.raises(DesignError) as error:
        load(tmp_path)
    assert str(error.value) == f"{tmp_path}: cannot be read: Is a directory"


REMARK = "# 8 µs, größer als é\n"


@pytest.mark.parametrize(("encoding", "ends", "tail"), [
    ("utf-8", "\n", ""),
    ("utf-8", "\r\n", ""),
    ("utf-8", "\r", ""),
    ("utf-8-sig", "\n", ""),
    ("utf-8-sig", "\r\n", "\x1a"),
    ("utf-16", "\r\n", ""),
    ("utf-16", "\n", "\x1a"),
    ("utf-8", "\r", "\x1a\x1a"),
    ("utf-8", "\r\n", "\x1a\r\n"),
])
def test_what_editors_on_other_systems_save(tmp_path, encoding, ends, tail):
    path = tmp_path / "design.toml"
    path.write_bytes(((REMARK + MNIST).replace("\n", ends) + tail).encode(encoding))
    assert load(path) == load(written(tmp_path, MNIST))


def test_utf_16_of_the_other_kind(tmp_path):
    path = tmp_path / "design.toml"
    path.write_bytes(b"\xfe\xff" + MNIST.encode("utf-16-be"))
    assert load(path) == load(written(tmp_path, MNIST))


@pytest.mark.parametrize(("content", "message"), [
    (b"", "the file is empty"),
    (b" \r\n\x1a", "the file is empty"),
    (b"\xef\xbb\xbf", "the file is empty"),
    *(
        (("\nschema = 1\n" + REMARK).replace("\n", ends).encode("latin-1"),
         "must be text in UTF-8, got byte 0xB5 in line 3; save the file as UTF-8")
        for ends in ("\n", "\r\n", "\r")
    ),
    (b"\xef\xbb\xbf\n\n# caf\xe9\n", "must be text in UTF-8, got byte 0xE9 in line 3; save the file as UTF-8"),
    (b"\x89PNG\r\n\x1a\n\0\0", "must be text in UTF-8, got a binary file (or UTF-16 without its mark)"),
    (SHORT.encode("utf-16-le"), "must be text in UTF-8, got a binary file (or UTF-16 without its mark)"),
    (b"\xff\xfea", "must be text in UTF-8, got damaged UTF-16 (truncated data); save the file as UTF-8"),
    (b"\xff\xfe\0\xd8a\0",
     "must be text in UTF-8, got damaged UTF-16 (illegal UTF-16 surrogate); save the file as UTF-8"),
    *(
        (text.encode(), f"not valid TOML: {said}; the character there is {name}")
        for text, said, name in (
            ("schema\u00a0= 1", "Expected '=' after a key in a key/value pair (at line 1, column 7)",
             "U+00A0, no-break space"),
            ("\nschema =\u00a01", "Invalid value (at line 2, column 9)", "U+00A0, no-break space"),
            ("schema = 1\u00a0\n", "Expected newline or end of document after a statement (at line 1, column 11)",
             "U+00A0, no-break space"),
            ("name = \u201cshort\u201d", "Invalid value (at line 1, column 8)", "U+201C, left double quotation mark"),
            ("\u200bschema = 1", "Invalid statement (at line 1, column 1)", "U+200B, zero width space"),
            ("# a\x1ab", "Found invalid character '\\x1a' (at line 1, column 4)", "U+001A, a control character"),
        )
    ),
    (b"schema = 1 1", "not valid TOML: Expected newline or end of document after a statement (at line 1, column 12)"),
    (b"a = " + b"[" * 5000, "not valid TOML: nested too deeply"),
])
def test_a_file_that_is_no_text_of_ours_is_told_what_is_wrong_with_it(tmp_path, content, message):
    path = tmp_path / "design.toml"
    path.write_bytes(content)
    with pytest.raises(DesignError) as error:
        load(path)
    assert str(error.value) == f"{path}: {message}"


def test_a_long_value_is_cut_in_the_message(tmp_path):
    path = written(tmp_path, SHORT.replace("inputs = 8", f"inputs = {list(range(100))}"))
    with pytest.raises(DesignError) as error:
        load(path)
    assert len(str(error.value)) < len(str(path)) + 120
    assert str(error.value).endswith("...")


def test_start_is_written_only_where_there_is_one(tmp_path):
    design = flagship()
    save(design, tmp_path / "drawn.toml")
    assert "\nstart =" not in (tmp_path / "drawn.toml").read_text()
    trained = replace(design, training=replace(design.training, start="trained.npz"))
    arrays = [
        ([np.full(n, value, kind) for n in sizes])
        for sizes, value, kind in (((4096, 1024), 5, int), ((64, 32), 3, int), ((4, 1), 1, np.uint64))
    ]
    save_state(tmp_path / "trained.npz", trained, *arrays)
    save(trained, tmp_path / "trained.toml")
    assert 'start = "trained.npz"' in (tmp_path / "trained.toml").read_text()
    assert load(tmp_path / "trained.toml") == trained
    assert circuit_hash(trained) == circuit_hash(design)
