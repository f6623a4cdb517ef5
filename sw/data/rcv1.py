"""Reuters articles (RCV1-v2) as a dataset: counts of the most common tokens in, one of 50 topics out.

After S. Dey's use of it: articles with exactly one of the 50 topics, the tokens that occur in most of them, in an
order shuffled once, log10(1 + count), and a random split (not the chronological one of the corpus).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from scipy.sparse import csr_array

from sw.data.archive import npz_file, npz_member, write_array
from sw.data.dataset import DataError, check_whole
from sw.data.rcv1_tokens import Articles, read_articles
from sw.data.rcv1_topics import TOPICS, single_topics

__all__ = ["Rcv1", "Selection", "select", "write_rcv1"]

_ROWS = 1024  # articles that are dense at a time
_SHOWN = 5  # most common tokens that are named


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is taken.

    Parameters
    ----------
    features
        How many tokens.
    train, validation, test
        Articles in each split; 0 for validation leaves it out. What is left over is in none.
    seed
        Whole number from 0; draws the order of the features, and, independently of how many there are, the split.

    Raises
    ------
    DataError
        A number that is not whole or too small.
    """

    features: int = 2000
    train: int = 178_669
    validation: int = 50_000
    test: int = 100_000
    seed: int = 1

    def __post_init__(self) -> None:
        for name, lowest in (("features", 1), ("train", 1), ("validation", 0), ("test", 1), ("seed", 0)):
            check_whole(name, getattr(self, name), lowest)


@dataclass(frozen=True, eq=False)
class Rcv1:
    """A selection of articles.

    Parameters
    ----------
    values
        float32 (articles, features), sparse: log10(1 + count), articles in the order of the token files.
    classes
        int64 (articles,): index into `sw.data.rcv1_topics.TOPICS`.
    tokens
        Of each feature.
    splits
        Rows of `values` by split: tr, va (perhaps not there), te.
    facts
        What was found: see `select`.
    """

    values: csr_array
    classes: np.ndarray
    tokens: tuple[str, ...]
    splits: dict[str, np.ndarray]
    facts: dict[str, Any]


def select(topics: dict[int, int], articles: Articles, selection: Selection) -> Rcv1:
    """The dataset, still sparse; it does not depend on the order of the articles.

    Parameters
    ----------
    topics
        Class by article number, as `single_topics` gives it.
    articles
        Those of them that were found, as `read_articles` gives them. Tokens are counted over all of them, whatever
        their split: labels are not looked at.

    Returns
    -------
    Rcv1
        Its facts: `single_topic_articles` in the topics file and `articles` of them in the token files; `tokens` that
        occur at all; `most_common` ones and in how many articles each occurs; `least_common`, the same of the last
        one taken (the first in the alphabet of those that are as common); `articles_per_class` of the training split.

    Raises
    ------
    DataError
        Fewer articles or tokens than the selection takes.
    """
    count, sizes = len(articles.numbers), {"tr": selection.train, "va": selection.validation, "te": selection.test}
    if sum(sizes.values()) > count:
        raise DataError(f"train + validation + test must be at most the {count} articles of the token files that have "
                        f"exactly one topic, got {' + '.join(map(str, sizes.values()))}")
    if selection.features > len(articles.tokens):
        raise DataError(f"features must be at most the {len(articles.tokens)} tokens that occur, "
                        f"got {selection.features}")
    token_stream, split_stream = (Generator(PCG64(one)) for one in SeedSequence(selection.seed).spawn(2))
    common = articles.articles_with()
    ranked = sorted(range(len(common)), key=lambda token: (-common[token], articles.tokens[token]))
    ranked = ranked[:selection.features]
    chosen = token_stream.permutation(np.array(ranked))
    values = articles.counts[:, chosen].astype(np.float32)
    values.data = np.log10(1 + values.data)

    order = np.argsort(articles.numbers)[split_stream.permutation(count)]
    ends = np.cumsum(list(sizes.values()))
    splits = {split: order[end - size:end] for (split, size), end in zip(sizes.items(), ends, strict=True) if size}
    classes = np.array([topics[number] for number in articles.numbers.tolist()])
    per_class = np.bincount(classes[splits["tr"]], minlength=len(TOPICS)).tolist()
    shown = [[articles.tokens[token], int(common[token])] for token in ranked]
    facts = {"single_topic_articles": len(topics), "articles": count, "tokens": len(common),
             "most_common": shown[:_SHOWN], "least_common": shown[-1],
             "articles_per_class": dict(zip(TOPICS, per_class, strict=True))}
    return Rcv1(values, classes, tuple(articles.tokens[token] for token in chosen), splits, facts)


def write_rcv1(path: str | Path, topics_file: str | Path, token_files: Sequence[str | Path], selection: Selection,
               tell: Callable[[str, int, int], None] | None = None) -> dict[str, Any]:
    """Read the published files and write an npz that `sw.data.load` takes.

    Its keys: xtr ytr xva yva xte yte, class_names, `tokens` (text, of each feature) and `recipe` (JSON text).

    Holds the counts of all tokens, sparse, and a block of dense articles.

    Parameters
    ----------
    topics_file, token_files
        As `single_topics` and `read_articles` take them.
    tell
        Is called with what is done, the units (bytes or articles) done and all of them.

    Returns
    -------
    dict
        The selection, and the facts that `select` gives.

    Raises
    ------
    DataError
        A file cannot be read or has another form; what was asked for is not there.
    DesignError
        The result cannot be written; then nothing is left.
    """
    tell = tell or (lambda what, done, total: None)
    topics = single_topics(topics_file, lambda done, total: tell("topics", done, total))
    articles = read_articles(token_files, topics.keys(), lambda done, total: tell("tokens", done, total))
    found = select(topics, articles, selection)
    del articles
    facts = {**asdict(selection), **found.facts}
    done, total = 0, sum(map(len, found.splits.values()))
    with npz_file(path) as archive:
        for split, rows in found.splits.items():
            with npz_member(archive, f"x{split}", np.float32, (len(rows), found.values.shape[1])) as member:
                for start in range(0, len(rows), _ROWS):
                    block = found.values[rows[start:start + _ROWS]].toarray()
                    member.write(block.tobytes())
                    done += len(block)
                    tell("writing", done, total)
            write_array(archive, f"y{split}", found.classes[rows])
        write_array(archive, "class_names", np.array(TOPICS))
        write_array(archive, "tokens", np.array(found.tokens))
        write_array(archive, "recipe", np.array(json.dumps({"data": "rcv1", **facts})))
    return facts
