"""The names that people give to the arrays of a dataset."""

from collections.abc import Iterable

from sw.data.dataset import DataError

__all__ = ["CLASS_NAMES", "arrays_by_role"]

CLASS_NAMES = "class_names"
_SPLITS = {"tr": ("tr", "train", "training"), "te": ("te", "test", "testing", "t10k"),
           "va": ("va", "val", "valid", "validation", "dev")}
_KINDS = {"x": ("x", "images", "imgs", "image", "data", "features", "inputs", "samples"),
          "y": ("y", "labels", "label", "targets", "target", "classes")}


def _roles() -> dict[str, str]:
    """Role of each known name in small letters without separators: xtr, ytr, ..., or x and y of one piece."""
    roles = {}
    for kind, words in _KINDS.items():
        for word in words:
            roles[word] = kind
            for split, parts in _SPLITS.items():
                for part in parts:
                    roles[word + part] = roles[part + word] = kind + split
    return roles


_ROLES = _roles()


def arrays_by_role(found: Iterable[str], source: str) -> dict[str, str]:
    """Which of the names that were found is xtr, ytr, xte, yte, xva, yva, or x and y where there is one piece.

    Names may be written with capitals, underscores, hyphens and blanks. Names that are not known are left out.

    Raises
    ------
    DataError
        No features or no labels, labels without features or the reverse, or two names for one role.
    """
    found = list(found)
    by_role: dict[str, str] = {}
    for name in found:
        role = _ROLES.get("".join(c for c in name.lower() if c.isalnum()))
        if role is None:
            continue
        if role in by_role:
            raise DataError(f"{source}: {by_role[role]} and {name} mean the same; leave one out")
        by_role[role] = name
    listed = ", ".join(found) or "nothing"
    for kind, other in (("x", "y"), ("y", "x")):
        for role in by_role:
            if role[0] == kind and other + role[1:] not in by_role:
                what = "labels" if kind == "x" else "features"
                raise DataError(f"{source}: {by_role[role]} needs its {what}, found {listed}")
    if "xtr" not in by_role and "x" not in by_role:
        raise DataError(f"{source}: needs training features and labels, called for instance xtr and ytr, x_train and "
                        f"y_train, train_images and train_labels, X and y, data and target; found {listed}")
    return by_role
