"""How often each token occurs in each article, from the token files of RCV1-v2.

Source: appendix 12 of Lewis et al. (see `sw.data.rcv1_topics`): `lyrl2004_tokens_train.dat.gz` and
`lyrl2004_tokens_test_pt0.dat.gz` to `pt3`; stop words are gone, what is left are stems.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from sw.data.dataset import DataError
from sw.data.rcv1_topics import whole_number
from sw.data.textfile import lines_of, quoted

__all__ = ["Articles", "read_articles"]


@dataclass(frozen=True, eq=False)
class Articles:
    """What was read.

    Parameters
    ----------
    numbers
        int64 (articles,): in the order of the files.
    counts
        int32 (articles, tokens), sparse: how often each token occurs.
    tokens
        Text of each.
    """

    numbers: np.ndarray
    counts: csr_array
    tokens: list[str]

    def articles_with(self) -> np.ndarray:
        """In how many articles each token occurs: int64 (tokens,)."""
        return np.bincount(self.counts.indices, minlength=len(self.tokens))


def read_articles(paths: Sequence[str | Path], wanted: Container[int],
                  tell: Callable[[int, int], None] | None = None) -> Articles:
    """Counts of all tokens in the wanted articles.

    Holds 8 bytes for each token of each of these (once per article), whatever the size of the files.

    Parameters
    ----------
    paths
        Token files, gzip-compressed or not. Each article is a line `.I <number>`, a line `.W`, and lines of tokens
        with white space between them up to the next `.I`.
    wanted
        Numbers of articles.
    tell
        Is called with bytes read of all files together and their size.

    Raises
    ------
    DataError
        A file cannot be read or has another form; an article comes twice.
    """
    vocabulary: dict[bytes, int] = {}
    numbers, ends, tokens, counts = array("q"), array("q", [0]), array("i"), array("i")
    there: set[int] = set()
    sizes = [Path(path).stat().st_size if Path(path).is_file() else 0 for path in paths]
    for index, path in enumerate(paths):
        for line, number, words in _articles(path, wanted, _after(sum(sizes[:index]), sum(sizes), tell)):
            if number in there:
                raise DataError(f"{path}: line {line}: an article must come once in all files, got {number} again")
            there.add(number)
            numbers.append(number)
            found = Counter(words)
            tokens.extend([vocabulary.setdefault(token, len(vocabulary)) for token in found])
            counts.extend(found.values())
            ends.append(len(tokens))
    matrix = csr_array((np.array(counts), np.array(tokens), np.array(ends)), shape=(len(numbers), len(vocabulary)))
    return Articles(np.array(numbers), matrix, [token.decode("ascii", "backslashreplace") for token in vocabulary])


def _after(before: int, total: int, tell: Callable[[int, int], None] | None) -> Callable[[int, int], None] | None:
    return tell and (lambda done, size: tell(before + done, total))


def _articles(path: str | Path, wanted: Container[int], tell: Callable[[int, int], None] | None,
              ) -> Iterator[tuple[int, int, list[bytes]]]:
    """Number of the first line, number of the article and its tokens, of each wanted article."""
    must = ".I <article number>"  # what has to come; nothing inside of an article
    article, begun, keep, tokens = -1, 0, False, list[bytes]()
    for number, line in lines_of(path, tell):
        if line.startswith(b".I") and must != ".W":
            if keep:
                yield begun, article, tokens
            found = whole_number(line[2:].strip())
            if found is None:
                raise DataError(f"{path}: line {number} must be '.I <article number>', got {quoted(line)}")
            article, begun, keep, tokens = found, number, found in wanted, []
            must = ".W"
        elif line == b".W" and must == ".W":
            must = ""
        elif line and must:
            raise DataError(f"{path}: line {number} must be {must!r}, got {quoted(line)}")
        elif keep:
            tokens += line.split()
    if must:
        raise DataError(f"{path}: must go on with a line {must!r}, but ends")
    if keep:
        yield begun, article, tokens
