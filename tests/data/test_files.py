"""Every form of file that docs/data.md lists, one small file each; and the files that are no data."""

import gzip
import re
import struct
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas
import pytest

from sw.data.dataset import DataError
from sw.data.load import load, load_raw
from tests.data.made import flat

X = np.arange(30, dtype=np.float32).reshape(10, 3)
Y = np.arange(10) % 2
IMAGES = np.arange(0, 240, dtype=np.uint8).reshape(10, 4, 6)
ROWS = {"tr": (X[:6], Y[:6]), "te": (X[6:8], Y[6:8]), "va": (X[8:], Y[8:])}
TABLE = "width,height,colour,kind\n1.5,2,red,ant\n2.5,3,blue,bee\n3.5,4,red,ant\n4.5,5,red,bee\n5.5,6,blue,ant\n"


def idx(array, kind=8, dtype="u1"):
    head = bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(dtype).tobytes()


def idx_folder(folder, prefix="", end="", test="t10k"):
    folder.mkdir(parents=True, exist_ok=True)
    for split, part in (("train", slice(0, 8)), (test, slice(8, 10))):
        for kind, array in (("images-idx3", IMAGES[part]), ("labels-idx1", Y[part])):
            data = gzip.compress(idx(array)) if end else idx(array)
            (folder / f"{prefix}{split}-{kind}-ubyte{end}").write_bytes(data)
    return folder


def qmnist(folder):
    """Labels of eight columns of 32 bits, the class and where the digit is from."""
    for split, part in (("train", slice(0, 8)), ("test", slice(8, 10))):
        labels = np.stack([np.arange(10)[::-1][part], *[np.arange(10)[part] * n for n in range(7)]], axis=1)
        (folder / f"qmnist-{split}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES[part])))
        (folder / f"qmnist-{split}-labels-idx2-int.gz").write_bytes(gzip.compress(idx(labels, 12, ">i4")))
    (folder / "xnist-images-idx3-ubyte.xz").write_bytes(b"\xfd7zXZ")
    return folder


def packed(path):
    path.write_bytes(gzip.compress(path.read_bytes()))
    return path


def saved(path, **arrays):
    np.savez(path, **arrays)
    return path


def npz(tmp_path, *names):
    """An npz with the splits of ROWS under the given names: features and labels of each, in turn."""
    parts = [part for rows in ROWS.values() for part in rows]
    return saved(tmp_path / "d.npz", **dict(zip(names, parts, strict=False)))


def text(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


@pytest.fixture
def formats(monkeypatch):
    """Column formats; where pyarrow is not installed by stand-ins of pandas' functions that keep the frames here."""
    if find_spec("pyarrow"):
        return
    kept = {}
    for kind, magic in (("parquet", b"PAR1"), ("feather", b"ARROW1")):
        def write(frame, path, magic=magic):
            path.write_bytes(magic)
            kept[path] = frame

        monkeypatch.setattr(pandas.DataFrame, f"to_{kind}", write)
        monkeypatch.setattr(pandas, f"read_{kind}", lambda path: kept[path].copy())


def columns(path, save):
    """A table in a column format."""
    getattr(pandas.DataFrame({"a": X[:, 0], "b": X[:, 1], "class": Y}), save)(path)
    return path


# the row of docs/data.md, how the file is made, samples of training and test, features, classes
FORMS = [
    ("xtr ytr xte yte", lambda f: npz(f, "xtr", "ytr", "xte", "yte", "xva", "yva"), 6, 2, 3, "01"),
    ("x_train", lambda f: npz(f, "x_train", "y_train", "x_test", "y_test"), 6, 2, 3, "01"),
    ("X_train", lambda f: npz(f, "X_train", "Y_train", "X_test", "Y_test", "X_val", "Y_val"), 6, 2, 3, "01"),
    ("train_images", lambda f: saved(f / "m.npz", train_images=IMAGES[:6], train_labels=Y[:6, None],
                                     val_images=IMAGES[6:8], val_labels=Y[6:8, None],
                                     test_images=IMAGES[8:], test_labels=Y[8:, None]), 6, 2, 24, "01"),
    ("X and y", lambda f: saved(f / "o.npz", X=X, y=Y), 8, 2, 3, "01"),
    ("data and target", lambda f: saved(f / "o.npz", data=X, target=np.where(Y, "yes", "no")), 8, 2, 3,
     ("no", "yes")),
    ("idx", lambda f: idx_folder(f / "idx"), 8, 2, 24, "01"),
    ("idx, gzip", lambda f: idx_folder(f / "idx", end=".gz"), 8, 2, 24, "01"),
    ("MNIST/raw", lambda f: idx_folder(f / "root" / "MNIST" / "raw").parents[1], 8, 2, 24, "01"),
    ("one of several", lambda f: idx_folder(idx_folder(f / "emnist", "emnist-digits-", test="test"), "emnist-letters-",
                                            ".gz", "test") / "emnist-letters", 8, 2, 24, "01"),
    ("one npz for each array", lambda f: [np.savez(f / f"kmnist-{name}.npz", part) for name, part in zip(
        ("train-imgs", "train-labels", "test-imgs", "test-labels"), (IMAGES[:8], Y[:8], IMAGES[8:], Y[8:]),
        strict=True)] and f, 8, 2, 24, "01"),
    ("QMNIST", lambda f: qmnist(f), 8, 2, 24, "0123456789"),
    ("npy folder", lambda f: [np.save(f / name, part) for name, part in zip(
        ("x_train", "y_train", "x_test", "y_test"), (X[:8], Y[:8], X[8:], Y[8:]), strict=True)] and f, 8, 2, 3, "01"),
    ("CSV", lambda f: text(f / "t.csv", TABLE), 5, 0, 4, ("ant", "bee")),
    ("TSV", lambda f: text(f / "t.tsv", TABLE.replace(",", "\t")), 5, 0, 4, ("ant", "bee")),
    ("semicolons, byte order mark", lambda f: text(f / "t.txt", TABLE.replace(",", ";"), "utf-8-sig"), 5, 0, 4,
     ("ant", "bee")),
    ("decimal commas", lambda f: text(f / "t.csv", TABLE.replace(",", ";").replace(".", ",")), 5, 0, 4, ("ant", "bee")),
    ("gzip", lambda f: packed(text(f / "t.csv", TABLE)), 5, 0, 4, ("ant", "bee")),
    ("Parquet", lambda f: columns(f / "t.parquet", "to_parquet"), 8, 2, 2, "01"),
    ("Arrow", lambda f: columns(f / "t.arrow", "to_feather"), 8, 2, 2, "01"),
]


@pytest.mark.parametrize(("form", "make", "train", "test", "features", "names"), FORMS, ids=[f[0] for f in FORMS])
def test_every_form(tmp_path, formats, form, make, train, test, features, names):
    raw = load_raw(make(tmp_path), label="kind" if names == ("ant", "bee") else None)
    data = flat(raw)
    if names == ("ant", "bee"):  # five samples: of 3 and 2 one and none are for the test
        train, test = 4, 1
    assert (len(data.xtr), len(data.xte), data.xtr.shape[1]) == (train, test, features)
    assert data.class_names == tuple(names)
    assert len(data.ytr) == train
    assert load(make(tmp_path), label="kind" if names == ("ant", "bee") else None).xtr.dtype == np.uint8


def test_every_form_is_in_the_documents_and_no_other():
    text = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    (table,) = re.findall(r"^\| form \| holds \|\n\|---\|---\|\n((?:\|.*\n)*)", text, re.MULTILINE)
    assert [row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()] == [form for form, *_ in FORMS]


def test_files_in_pairs(tmp_path):
    np.save(tmp_path / "x.npy", X)
    saved(tmp_path / "kmnist-labels.npz", arr_0=Y)
    (tmp_path / "images").write_bytes(idx(IMAGES))
    pair = f"{tmp_path / 'x.npy'},{tmp_path / 'kmnist-labels.npz'}"
    assert (len(load(pair).xtr), load(pair).name) == (8, "x")
    four = f"{pair}, {pair}"
    assert (len(load(four).xtr), len(load(four).xte)) == (10, 10)
    assert load(f"{tmp_path / 'images'},{tmp_path / 'kmnist-labels.npz'}").features == 24


def test_values_arrive_in_the_stated_order(tmp_path):
    data = flat(load_raw(saved(tmp_path / "d.npz", x_train=IMAGES, y_train=Y, x_test=IMAGES[:1], y_test=Y[:1])))
    assert data.xtr.tolist() == IMAGES.reshape(10, 24).tolist()
    chosen = load_raw(text(tmp_path / "t.csv", TABLE), label="kind")
    rows = np.concatenate([chosen.features["xtr"], chosen.features["xte"]])
    rows = rows[np.argsort(rows[:, 0])].tolist()
    assert rows == [[1.5, 2, 0, 1], [2.5, 3, 1, 0], [3.5, 4, 0, 1], [4.5, 5, 0, 1], [5.5, 6, 1, 0]]


def test_what_was_done_is_told(tmp_path):
    raw = load_raw(saved(tmp_path / "o.npz", X=X, y=Y), seed=4)
    assert raw.notes == ("one piece: 2 of its 10 samples were drawn for the test, stratified, seed 4",)
    raw = load_raw(npz(tmp_path, "xtr", "ytr", "xva", "yva"))
    assert raw.notes == ("no test split: the validation split takes its place",)
    assert load_raw(npz(tmp_path, "xtr", "ytr", "xte", "yte")).notes == ()


def test_a_plain_file_goes_before_the_gzipped(tmp_path):
    idx_folder(tmp_path, end=".gz")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(1 - Y[:8]))
    assert flat(load_raw(tmp_path)).ytr.tolist() == (1 - Y[:8]).tolist()


@pytest.mark.parametrize(("kind", "dtype"), [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_idx_types(tmp_path, kind, dtype):
    (tmp_path / "x").write_bytes(idx(X[:, :2], kind, dtype))
    (tmp_path / "y").write_bytes(idx(Y))
    assert load_raw(f"{tmp_path / 'x'},{tmp_path / 'y'}").features["xtr"].max() in (27, 28)


PAIR = "give features and labels together, with a comma: FEATURES,LABELS or those of training and test, four files"
NO_DATA = "is not data that can be read (starts with {}): {}"
WRONG = [
    ("cut.npz", b"PK\x03\x04 cut",
     "not an npz file (a zip archive of arrays), or only a part of one: was the download cut?"),
    ("a.npz", b"", NO_DATA.format(b"", "the file is empty: was the download cut?")),
    ("a.npz", b"<!DOCTYPE html>", NO_DATA.format(b"<!DOCTYPE ht", "this is a web page: the download failed")),
    ("a.npz", b"version https://git-lfs.github.com/spec/v1", NO_DATA.format(
        b"version http", "this is a pointer of Git LFS: fetch the file with 'git lfs pull'")),
    ("a.pkl", b"\x80\x04\x95abc", NO_DATA.format(
        b"\x80\x04\x95abc",
        "these are pickled objects, which are never loaded, as they can run any code: save arrays with numpy.savez",
    )),
    ("a.mat", b"MATLAB 5.0 MAT-file", NO_DATA.format(
        b"MATLAB 5.0 M", "MATLAB's files are not read: save arrays with numpy.savez")),
    ("a.png", b"\x89PNG\r\n", NO_DATA.format(
        b"\x89PNG\r\n", "single pictures are not read: save arrays with numpy.savez")),
    ("a.json", b'{"x": 1}', NO_DATA.format(
        b'{"x": 1}', "JSON is not read: save a table as CSV, or arrays with numpy.savez")),
    ("a.arff", b"@RELATION a", NO_DATA.format(b"@RELATION a", "ARFF is not read: save it as CSV")),
    ("a.csv", "a,label\n".encode("utf-16"), NO_DATA.format(
        "a,label\n".encode("utf-16")[:12], "text in UTF-16 is not read: save it as UTF-8")),
    ("a.bin", b"\x01\x00", NO_DATA.format(b"\x01\x00", "npz, npy, idx, CSV, Parquet and Arrow files are read")),
    ("a.gz", b"\x1f\x8b cut", None),
    ("a.csv", b"a,b\n", "must have at least one row below its header"),
    ("a.csv", b"a\n1\n2\n", "must have at least two columns, separated by comma, semicolon, tab or |; found a"),
    ("a.csv", b"1,2,3\n4,5,6\n", "the first line must name the columns, got 1, 2, 3"),
    ("a.csv", b"a,b\n1,2\n", "which column is the label? give one with --label COLUMN; found a, b"),
    ("a.csv", b"a,label\n1,2\n,3\n5,\n", (
        "2 cells are missing (empty, NA, ?), in the columns a (1), label (1); the first in row 2 below the header: "
        "fill them or leave these rows out")),
    ("a.csv", b"a,label\n1,2\n?,3\n", (
        "1 cells are missing (empty, NA, ?), in the columns a (1); the first in row 2 below the header: fill them or "
        "leave these rows out")),
    ("a.csv", b"a,a,label\n1,2,3\n", "column names must differ, got a twice"),
    *(("a.csv", f'a,label\n"{cell}",x\n"{other}",y\n'.encode(), (
        f"column a holds numbers, but not only plain ones, such as '{cell}': write all as 1000 or 0.5, or all as "
        "words"))
      for cell, other in (("1,000", "20,000"), ("5%", "7%"), ("3+", "2"), ("$1.50", "$3"))),
    ("t.csv.gz", gzip.compress(b"a,label\n" + bytes(range(48, 58)) * 99, mtime=0)[:-20], None),
    ("a.csv", b"a,label\n1,\xe4\n", "must be text in UTF-8, got byte 0xe4 at 10: save it as CSV UTF-8"),
    ("a.csv", b"label\tb\n1\n2\t3\t4\t5\n", None),
    ("a.csv", b"name,label\n" + b"".join(b"n%d,1\n" % n for n in range(101)), (
        "column name holds text with 101 different values, at most 100 can become features: leave it out or group its "
        "values")),
    ("x.npy", idx(X), f"holds one array, features or labels; {PAIR}; or give the folder"),
]


@pytest.mark.parametrize(("name", "content", "message"), WRONG)
def test_files_that_are_no_data(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        load_raw(path)
    said = str(error.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    assert message is None or said == f"{path}: {message}"


def test_other_mistakes(tmp_path):
    def message(source, **options):
        with pytest.raises(DataError) as error:
            load_raw(source, **options)
        assert "\n" not in str(error.value)
        return str(error.value).removeprefix(f"{source}: ")

    path = saved(tmp_path / "k.npz", arr_0=X)
    assert message(path) == f"holds one array without a name; {PAIR}"
    assert message(f"{path},{path},{path}") == f"{PAIR}; got 3 files"
    assert message(f"{path},none.npy") == "none.npy: there is no such file"
    two = saved(tmp_path / "two.npz", a=X, b=Y)
    assert message(f"{two},{path}") == f"{two}: must hold one array (npy, idx, or npz with one), holds several"
    table = text(tmp_path / "t.csv", TABLE)
    assert message(table, label="weight") == "there is no column 'weight'; found width, height, colour, kind"
    (tmp_path / "empty").mkdir()
    one_each = "must hold files with one array each (idx, npy, npz), such as train-images-idx3-ubyte or x_train.npy; "
    assert message(tmp_path / "empty") == f"{one_each}found nothing"
    (tmp_path / "old" / "processed").mkdir(parents=True)
    (tmp_path / "old" / "processed" / "training.pt").write_bytes(b"\x80\x02")
    assert message(tmp_path / "old") == f"{one_each}found processed/training.pt"
    text(tmp_path / "old" / "t.csv", TABLE)
    assert message(tmp_path / "old") == f"{one_each}give one of {tmp_path / 'old' / 't.csv'}"
    for name in ("MNIST", "FashionMNIST"):
        idx_folder(tmp_path / "root" / name / "raw")
    assert message(tmp_path / "root") == (
        f"{one_each}give one of {tmp_path}/root/FashionMNIST/raw, {tmp_path}/root/MNIST/raw")
    both = idx_folder(idx_folder(tmp_path / "emnist", "emnist-digits-"), "emnist-letters-")
    assert message(both) == f"holds several datasets; give one of {both}/emnist-digits, {both}/emnist-letters"
    half = idx_folder(tmp_path / "half")
    (half / "t10k-labels-idx1-ubyte").unlink()
    assert message(half) == "t10k-images needs its labels, found t10k-images, train-images, train-labels"
    cut = idx_folder(tmp_path / "cut") / "train-images-idx3-ubyte"
    cut.write_bytes(cut.read_bytes()[:-1])
    assert message(cut.parent) == (
        f"{cut}: must have 208 bytes for the shape (8 x 4 x 6) in its header, got 207: was the download cut?")
    assert message(tmp_path / "none.csv") == "there is no such file or folder"
    assert re.fullmatch("data source must be morse, digits, .*, got 'nothing'", message("nothing"))
    with tarfile.open(tmp_path / "t.tar.xz", "w:xz") as archive:
        archive.add(table)
    assert message(tmp_path / "t.tar.xz").endswith("unpack it first")


@pytest.mark.parametrize(("content", "hint"), [
    (b"<html>404", "this is a web page: the download failed"),
    (b"", "the file is empty: was the download cut?"),
])
def test_a_file_of_a_folder_that_is_no_data_is_named(tmp_path, content, hint):
    bad = idx_folder(tmp_path, end=".gz") / "train-images-idx3-ubyte.gz"
    bad.write_bytes(content)
    with pytest.raises(DataError) as error:
        load_raw(tmp_path)
    assert str(error.value) == f"{bad}: {NO_DATA.format(content[:12], hint)}"
    bad.write_bytes(gzip.compress(idx(IMAGES[:8]))[:-30])
    with pytest.raises(DataError, match=rf"^{bad}: cannot be read: .*: was the download cut\?$"):
        load_raw(tmp_path)


@pytest.mark.parametrize(("names", "message"), [
    (["archive/data.pkl", "archive/version"], (
        "a zip archive of archive/data.pkl, archive/version, not of arrays: torch's files are pickled objects, which "
        "are never loaded, as they can run any code: save arrays with numpy.savez")),
    (["[Content_Types].xml", "xl/workbook.xml"],
     "a zip archive of [Content_Types].xml, xl/workbook.xml, not of arrays: save the sheet as CSV"),
    (["train-images-idx3-ubyte"], "a zip archive of train-images-idx3-ubyte, not of arrays: unpack it first"),
    ([], "a zip archive of nothing, not of arrays: unpack it first"),
])
def test_other_zip_archives(tmp_path, names, message):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"\x80\x02")
    with pytest.raises(DataError) as error:
        load_raw(path)
    assert str(error.value).startswith(f"{path}: ")
    if names:
        assert str(error.value) == f"{path}: {message}"


def test_names_of_files_do_not_matter(tmp_path):
    """Gzipped or plain, whatever the ending."""
    np.savez(tmp_path / "d.npz", X=X, y=Y)
    (tmp_path / "d.download").write_bytes((tmp_path / "d.npz").read_bytes())
    packed(tmp_path / "d.npz")
    (tmp_path / "i").write_bytes(idx(IMAGES))
    (tmp_path / "i.gz").write_bytes(idx(IMAGES))
    np.save(tmp_path / "y.npy", Y)
    packed(tmp_path / "y.npy")
    whole = load_raw(tmp_path / "d.download").features["xtr"].tolist()
    assert load_raw(tmp_path / "d.npz").features["xtr"].tolist() == whole
    pairs = [load_raw(f"{tmp_path / name},{tmp_path / 'y.npy'}").features["xtr"].tolist() for name in ("i", "i.gz")]
    assert pairs[0] == pairs[1]


def test_qmnist_takes_the_first_column(tmp_path):
    raw = load_raw(qmnist(tmp_path))
    assert raw.labels["ytr"].tolist() == [9, 8, 7, 6, 5, 4, 3, 2]
    assert raw.notes == tuple(f"{y} has 8 columns, as QMNIST's: the first is the class" for y in ("ytr", "yte"))
    with pytest.raises(DataError, match="soft labels and several labels per sample"):  # eight columns of another file
        load_raw(saved(tmp_path / "o.npz", X=X, y=np.arange(80).reshape(10, 8)))


def test_samples_of_another_shape(tmp_path):
    path = saved(tmp_path / "d.npz", x_train=np.ones((6, 3, 4, 5)), y_train=Y[:6], x_test=np.ones((2, 4, 5, 3)),
                 y_test=Y[:2])
    with pytest.raises(DataError, match=r"samples must have the same shape in all splits, got \(3, 4, 5\) and \(4, "):
        load_raw(path)


@pytest.mark.parametrize(("features", "classes"), [(13, 39), (39, 39), (117, 39), (4000, 10)])
def test_features_of_sounds_and_of_a_front_end(tmp_path, features, classes):
    """Floats of any width with text as labels, as people make them of TIMIT and of CIFAR."""
    rng = np.random.Generator(np.random.PCG64(1))
    y = np.arange(200) % classes
    x = (rng.normal(0, 9, (classes, features))[y] + rng.normal(size=(200, features))).astype(np.float32)
    path = saved(tmp_path / "d.npz", x_train=x[:160], y_train=np.array([f"p{n:02}" for n in y[:160]]), x_test=x[160:],
                 y_test=np.array([f"p{n:02}" for n in y[160:]]))
    data, raw = load(path), load_raw(path)
    assert (data.xtr.shape, data.class_names[:2], data.classes) == ((160, features), ("p00", "p01"), classes)
    np.testing.assert_array_equal(raw.features["xtr"], x[:160])
    train, test = data.xtr.astype(float), data.xte.astype(float)
    nearest = ((train**2).sum(axis=1) - 2 * test @ train.T).argmin(axis=1)
    assert (data.ytr[nearest] == data.yte).all()


def test_an_index_that_was_saved_is_no_feature(tmp_path):
    rows = "".join(f"{n},{n * n},{'ab'[n % 2]}\n" for n in range(10))
    for name in ("", "id", "Index"):
        raw = load_raw(text(tmp_path / "t.csv", f"{name},square,label\n{rows}"))
        assert raw.features["xtr"].shape == (8, 1)
        assert raw.notes[:2] == (f"column {name or 'Unnamed: 0'} numbers the rows: it is no feature",
                                 "column label is the label")
    assert load_raw(text(tmp_path / "t.csv", f"age,square,label\n{rows}")).features["xtr"].shape == (8, 2)
    gap = rows.replace("9,81", "11,81")
    assert load_raw(text(tmp_path / "t.csv", f"id,square,label\n{gap}")).features["xtr"].shape == (8, 2)


def test_types_of_column_formats(tmp_path, formats):
    """Those that know missing values, categories, truth: numbers stay numbers, text becomes 0 and 1."""
    frame = pandas.DataFrame({
        "a": pandas.array([1, 2, 3, 4, 5], "Int64"), "b": pandas.array([0.5, 1, 1.5, 2, 2.5], "Float32"),
        "c": pandas.array([True, False] * 2 + [True], "boolean"), "d": pandas.Categorical(list("uvuvu")),
        "e": list("xyxyy"), "label": pandas.array([2, 10, 2, 10, 2], "Int64"),
    })
    frame.to_parquet(tmp_path / "t.parquet")
    raw = load_raw(tmp_path / "t.parquet")
    rows = np.concatenate([raw.features["xtr"], raw.features["xte"]])
    assert sorted(rows.tolist()) == [[1, 0.5, 1, 1, 0, 1, 0], [2, 1, 0, 0, 1, 0, 1], [3, 1.5, 1, 1, 0, 1, 0],
                                     [4, 2, 0, 0, 1, 0, 1], [5, 2.5, 1, 1, 0, 0, 1]]
    assert raw.class_names == ("2", "10")
    frame.loc[1, "a"] = pandas.NA
    frame.to_feather(tmp_path / "t.arrow")
    with pytest.raises(DataError, match=r"1 cells are missing \(empty, NA, \?\), in the columns a \(1\)"):
        load_raw(tmp_path / "t.arrow")


@pytest.mark.parametrize("name", ["d.npz", "d.npz.gz", "x.npy", "x.npy.gz", "x.idx", "x.idx.gz", "t.csv", "t.csv.gz"])
def test_damaged_in_any_place(tmp_path, name, long_run):
    """Cut, or with a few bytes changed, lost or added: it loads, or it is one line."""
    path, labels = tmp_path / name.removesuffix(".gz"), tmp_path / "y"
    labels.write_bytes(idx(Y))
    match path.suffix:
        case ".npz":
            np.savez(path, X=X, y=np.where(Y, "yes", "no"))
        case ".npy":
            np.save(path, X)
        case ".idx":
            path.write_bytes(idx(IMAGES))
        case ".csv":
            text(path, TABLE)
    whole = (packed(path) if name.endswith(".gz") else path).read_bytes()
    rng = np.random.Generator(np.random.PCG64(1))
    for _ in range(1000 if long_run else 25):
        damaged, at = bytearray(whole), int(rng.integers(0, len(whole)))
        match rng.integers(0, 3):
            case 0:
                del damaged[at:]
            case 1:
                damaged[at] = rng.integers(0, 256)
            case _:
                damaged[at : at + int(rng.integers(0, 9))] = rng.bytes(int(rng.integers(0, 9)))
        path.write_bytes(damaged)
        pair = path.suffix in (".npy", ".idx")
        said = ""
        try:
            load_raw(f"{path},{labels}" if pair else path, label=None if pair else "kind")
        except DataError as error:
            said = str(error)
        assert "\n" not in said


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    (tmp_path / "t.parquet").write_bytes(b"PAR1....PAR1")
    for name in ("pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DataError, match=r"reading parquet files needs pyarrow, which is not installed"):
        load_raw(tmp_path / "t.parquet")
