"""Names of arrays: all customary pairs, and the errors in full."""

import pytest

from sw.data.dataset import DataError
from sw.data.names import arrays_by_role


@pytest.mark.parametrize(("found", "roles"), [
    ("xtr ytr xte yte xva yva", "xtr ytr xte yte xva yva"),
    ("x_train y_train x_test y_test", "xtr ytr xte yte"),
    ("X_train Y_train X_val Y_val X_test Y_test", "xtr ytr xva yva xte yte"),
    ("train_images train_labels val_images val_labels test_images test_labels", "xtr ytr xva yva xte yte"),
    ("trainX trainY testX testY", "xtr ytr xte yte"),
    ("train-data train-targets valid-data valid-targets", "xtr ytr xva yva"),
    ("X y", "x y"), ("data target", "x y"), ("images labels", "x y"), ("features labels", "x y"),
    ("data target feature_names DESCR", "x y  "),
])
def test_customary_names(found, roles):
    names = found.split()
    expected = dict(zip(roles.split(" "), names, strict=True))
    assert arrays_by_role(names, "f") == {role: name for role, name in expected.items() if role}


NEEDS = ("needs training features and labels, called for instance xtr and ytr, x_train and y_train, train_images and "
         "train_labels, X and y, data and target; found ")


@pytest.mark.parametrize(("found", "message"), [
    ("", NEEDS + "nothing"),
    ("a b", NEEDS + "a, b"),
    ("x_test y_test", NEEDS + "x_test, y_test"),
    ("X", "X needs its labels, found X"),
    ("x_train y_train y_test", "y_test needs its features, found x_train, y_train, y_test"),
    ("X x y", "X and x mean the same; leave one out"),
])
def test_wrong(found, message):
    with pytest.raises(DataError) as error:
        arrays_by_role(found.split(), "f")
    assert str(error.value) == f"f: {message}"
