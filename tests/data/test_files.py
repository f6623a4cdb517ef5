"""Every form of file that docs/data.md lists, one small file each; and the files that are no data."""

import gzip
import re
import struct
import sys
import tarfile
from pathlib import Path

import numpy as np
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


def columns(path, save):
    """A table in a column format."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
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
    ("npy folder", lambda f: [np.save(f / name, part) for name, part in zip(
        ("x_train", "y_train", "x_test", "y_test"), (X[:8], Y[:8], X[8:], Y[8:]), strict=True)] and f, 8, 2, 3, "01"),
    ("CSV", lambda f: text(f / "t.csv", TABLE), 5, 0, 4, ("ant", "bee")),
    ("TSV", lambda f: text(f / "t.tsv", TABLE.replace(",", "\t")), 5, 0, 4, ("ant", "bee")),
    ("semicolons, byte order mark", lambda f: text(f / "t.txt", TABLE.replace(",", ";"), "utf-8-sig"), 5, 0, 4,
     ("ant", "bee")),
    ("Parquet", lambda f: columns(f / "t.parquet", "to_parquet"), 8, 2, 2, "01"),
    ("Arrow", lambda f: columns(f / "t.arrow", "to_feather"), 8, 2, 2, "01"),
]


@pytest.mark.parametrize(("form", "make", "train", "test", "features", "names"), FORMS, ids=[f[0] for f in FORMS])
def test_every_form(tmp_path, form, make, train, test, features, names):
    raw = load_raw(make(tmp_path), label="kind" if names == ("ant", "bee") else None)
    data = flat(raw)
    if names == ("ant", "bee"):  # five samples: of 3 and 2 one and none are for the test
        train, test = 4, 1
    assert (len(data.xtr), len(data.xte), data.xtr.shape[1]) == (train, test, features)
    assert data.class_names == tuple(names)
    assert len(data.ytr) == train
    assert load(make(tmp_path), label="kind" if names == ("ant", "bee") else None).xtr.dtype == np.uint8


def test_every_form_is_in_the_documents():
    table = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    for form, *_ in FORMS:
        assert f"| {form} |" in table, form


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
    ("cut.npz", b"PK\x03\x04 cut", "not an npz file (a zip archive of arrays), or cut"),
    ("a.npz", b"", NO_DATA.format(b"", "the file is empty: was the download cut?")),
    ("a.npz", b"<!DOCTYPE html>", NO_DATA.format(b"<!DOCTYPE ht", "this is a web page: the download failed")),
    ("a.npz", b"version https://git-lfs.github.com/spec/v1", NO_DATA.format(
        b"version http", "this is a pointer of Git LFS: fetch the file with 'git lfs pull'")),
    ("a.pkl", b"\x80\x04\x95abc", NO_DATA.format(
        b"\x80\x04\x95abc",
        "pickled objects are never loaded, as they can run any code: save arrays with numpy.savez")),
    ("a.bin", b"\x01\x00", NO_DATA.format(b"\x01\x00", "npz, npy, idx, CSV, Parquet and Arrow files are read")),
    ("a.gz", b"\x1f\x8b cut", None),
    ("a.csv", b"a,b\n", "must have at least one row below its header"),
    ("a.csv", b"a\n1\n2\n", "must have at least two columns, separated by comma, semicolon, tab or |; found a"),
    ("a.csv", b"1,2,3\n4,5,6\n", "the first line must name the columns, got 1, 2, 3"),
    ("a.csv", b"a,b\n1,2\n", "which column is the label? give one with --label COLUMN; found a, b"),
    ("a.csv", b"a,label\n1,2\n,3\n5,\n", (
        "2 cells are missing, in the columns a (1), label (1); the first in row 2 below the header: fill them or leave "
        "these rows out")),
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
    assert message(f"{two},{path}") == f"{two}: must hold one array (npy, idx, or npz with one), is zip"
    table = text(tmp_path / "t.csv", TABLE)
    assert message(table, label="weight") == "there is no column 'weight'; found width, height, colour, kind"
    (tmp_path / "empty").mkdir()
    assert message(tmp_path / "empty") == (
        "must hold idx or npy files, such as train-images-idx3-ubyte or x_train.npy; found nothing")
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


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    (tmp_path / "t.parquet").write_bytes(b"PAR1....PAR1")
    for name in ("pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DataError, match=r"reading parquet files needs pyarrow, which is not installed"):
        load_raw(tmp_path / "t.parquet")
