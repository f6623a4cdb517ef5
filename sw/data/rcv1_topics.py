"""Topics of the Reuters corpus RCV1-v2 and the file that says which articles have which.

Source: D. D. Lewis, Y. Yang, T. G. Rose and F. Li, "RCV1: A New Benchmark Collection for Text Categorization
Research", JMLR 5 (2004), 361-397: 103 topics in a tree, 4 of them of the first level (CCAT, ECAT, GCAT, MCAT) and
55 of the second; its online appendix 8 is the file `rcv1-v2.topics.qrels.gz`. The choice of 50 topics is S. Dey's.
"""

from collections.abc import Callable
from pathlib import Path

from sw.data.dataset import DataError
from sw.data.textfile import lines_of, quoted

__all__ = ["DROPPED", "SECOND_LEVEL", "TOPICS", "single_topics", "whole_number"]

#: Codes of the second level, in the order of the alphabet.
SECOND_LEVEL = (
    "C11", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C21", "C22", "C23", "C24", "C31", "C32", "C33", "C34",
    "C41", "C42", "E11", "E12", "E13", "E14", "E21", "E31", "E41", "E51", "E61", "E71", "G15", "GCRIM", "GDEF", "GDIP",
    "GDIS", "GENT", "GENV", "GFAS", "GHEA", "GJOB", "GMIL", "GOBIT", "GODD", "GPOL", "GPRO", "GREL", "GSCI", "GSPO",
    "GTOUR", "GVIO", "GVOTE", "GWEA", "GWELF", "M11", "M12", "M13", "M14",
)

#: Too frequent, or nearly without articles.
DROPPED = ("C15", "C42", "GMIL", "GOBIT", "GVOTE")

#: The classes: class c is TOPICS[c].
TOPICS = tuple(topic for topic in SECOND_LEVEL if topic not in DROPPED)

_SEVERAL = -1


def single_topics(path: str | Path, tell: Callable[[int, int], None] | None = None) -> dict[int, int]:
    """Class by article number, of the articles with exactly one of the 50 topics; other topics do not count.

    Parameters
    ----------
    path
        Lines `<topic> <article> 1`, in any order, gzip-compressed or not. As published an article has the topics
        above each of its topics, too.
    tell
        Is called with bytes read and all of them.

    Raises
    ------
    DataError
        The file cannot be read; a line of another form; no article with exactly one topic.
    """
    index = {topic.encode(): number for number, topic in enumerate(TOPICS)}
    found: dict[int, int] = {}
    for number, line in lines_of(path, tell):
        fields = line.split()
        if not fields:
            continue
        article = whole_number(fields[1]) if len(fields) == 3 and fields[2] == b"1" else None
        if article is None:
            raise DataError(f"{path}: line {number} must be '<topic> <article number> 1', got {quoted(line)}")
        topic = index.get(fields[0])
        if topic is not None and found.setdefault(article, topic) != topic:
            found[article] = _SEVERAL
    single = {article: topic for article, topic in found.items() if topic != _SEVERAL}
    if not single:
        raise DataError(f"{path}: at least one article must have exactly one of the {len(TOPICS)} topics "
                        f"{TOPICS[0]} .. {TOPICS[-1]}, got none")
    return single


def whole_number(text: bytes) -> int | None:
    """The number that up to 18 digits (so that it is one of 64 bits) stand for, None for other text."""
    return int(text) if text.isdigit() and len(text) <= 18 else None
