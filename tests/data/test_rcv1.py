"""The Reuters loader on small made files of the published form, held against plain Python."""

import json
import re
from collections import Counter

import numpy as np
import pytest

from sw.data import rcv1, rcv1_topics
from sw.data.dataset import DataError
from sw.data.load import load
from sw.data.rcv1 import Selection, write_rcv1
from sw.data.rcv1_tokens import Articles, read_articles
from sw.data.rcv1_topics import SECOND_LEVEL, TOPICS, single_topics
from tests.data.reuters import corpus, write

FIFTY = set(SECOND_LEVEL) - {"C15", "C42", "GOBIT", "GVOTE", "GMIL"}
SELECTION = Selection(features=12, train=40, validation=10, test=20, seed=3)


def made(folder, selection=SELECTION):
    folder.mkdir(exist_ok=True)
    files = write(folder, *corpus())
    write_rcv1(folder / "out.npz", *files, selection)
    return dict(np.load(folder / "out.npz"))


def check(found):
    """All that the dataset promises, from its definition."""
    topics, tokens = corpus()
    classes = {number: ours.pop() for number in topics if len(ours := topics[number] & FIFTY) == 1}
    assert found["class_names"].tolist() == sorted(FIFTY), "other classes"
    names = found["tokens"].tolist()
    counts = {number: tuple(Counter(tokens[number])[token] for token in names) for number in classes}
    number_of = {row: number for number, row in counts.items()}
    assert len(number_of) == len(classes), "two made articles are the same"
    splits = {}
    for split, size in (("tr", 40), ("va", 10), ("te", 20)):
        x, y = found[f"x{split}"], found[f"y{split}"]
        assert (x.dtype, x.shape, y.dtype, y.shape) == (np.float32, (size, 12), np.int64, (size,)), "other arrays"
        rows = [tuple(row) for row in np.rint(10.0 ** x - 1).astype(int).tolist()]
        assert set(rows) <= number_of.keys(), "an article that should not be there, or other values"
        splits[split] = [number_of[row] for row in rows]
        assert [classes[number] for number in splits[split]] == found["class_names"][y].tolist(), "other labels"
    assert len({number for split in splits.values() for number in split}) == 70, "an article comes twice"
    assert min(splits["te"]) < np.mean(splits["tr"]) < max(splits["te"]), "chronological"
    with_token = Counter(token for number in classes for token in set(tokens[number]))
    most = sorted(with_token, key=lambda token: (-with_token[token], token))[:12]
    assert sorted(names) == sorted(most), "other tokens"
    assert names != most, "tokens not shuffled"


def test_topics_are_those_of_the_second_level():
    assert (len(SECOND_LEVEL), len(TOPICS)) == (55, 50)
    # corporate, economics, markets: a letter and two digits; government: also words
    per_branch = Counter(topic[0] for topic in SECOND_LEVEL if re.fullmatch(r"[CEM]\d\d|G15|G[A-Z]{3,4}", topic))
    assert per_branch == {"C": 18, "E": 10, "G": 23, "M": 4}
    assert set(TOPICS) == FIFTY
    assert list(TOPICS) == sorted(set(TOPICS))


def test_dataset(tmp_path):
    check(made(tmp_path))
    data = load(tmp_path / "out.npz")
    assert (data.features, data.classes, data.class_names) == (12, 50, TOPICS)
    assert (len(data.ytr), len(data.yva), len(data.yte)) == (40, 10, 20)


class Unshuffled:
    """A planted fault: nothing is drawn."""

    def __init__(self, stream):
        pass

    def permutation(self, x):
        return np.arange(x) if np.ndim(x) == 0 else x


def shuffled_features_alone(stream):
    return np.random.Generator(stream) if stream.seed_seq.spawn_key == (0,) else Unshuffled(stream)


def first_topic(path, tell):
    """A planted fault: an article with several topics keeps one."""
    return {number: sorted(map(TOPICS.index, ours))[0] for number, topics in corpus()[0].items()
            if (ours := topics & FIFTY)}


def occurrences(articles):
    """A planted fault: tokens that occur most often, not in most articles."""
    return np.asarray(articles.counts.sum(axis=0)).ravel()


def shuffled_split_alone(stream):
    return np.random.Generator(stream) if stream.seed_seq.spawn_key == (1,) else Unshuffled(stream)


@pytest.mark.parametrize(("where", "name", "fault", "found_as"), [
    (rcv1, "Generator", shuffled_features_alone, "chronological"),
    (rcv1, "Generator", shuffled_split_alone, "tokens not shuffled"),
    (rcv1, "single_topics", first_topic, "an article that should not be there"),
    (Articles, "articles_with", occurrences, "other tokens"),
    (np, "log10", np.log, "or other values"),
    (rcv1, "TOPICS", (*TOPICS[1:], TOPICS[0]), "other classes"),
])
def test_planted_faults(where, name, fault, found_as, tmp_path, monkeypatch):
    with monkeypatch.context() as planted:
        planted.setattr(where, name, fault)
        found = made(tmp_path)
    with pytest.raises(AssertionError, match=found_as):
        check(found)


def test_a_dropped_topic_that_stays_is_found(tmp_path, monkeypatch):
    with monkeypatch.context() as planted:
        for module in (rcv1, rcv1_topics):
            planted.setattr(module, "TOPICS", tuple(sorted((*TOPICS, "C15"))))
        found = made(tmp_path)
    found["class_names"] = np.array(TOPICS)
    with pytest.raises(AssertionError, match="an article that should not be there"):
        check(found)


def test_what_is_written_does_not_depend_on_the_order_of_files(tmp_path):
    one = made(tmp_path)
    topics, tokens = write(tmp_path, *corpus())
    write_rcv1(tmp_path / "two.npz", topics, tokens[::-1], SELECTION)
    two = dict(np.load(tmp_path / "two.npz"))
    for key in one:
        np.testing.assert_array_equal(one[key], two[key])


def test_seed_and_number_of_features(tmp_path):
    one = made(tmp_path)
    other = made(tmp_path, Selection(features=12, train=40, validation=10, test=20, seed=4))
    assert (other["tokens"] != one["tokens"]).any()
    assert (other["ytr"] != one["ytr"]).any()
    # the split is the same with fewer features
    few = made(tmp_path, Selection(features=3, train=40, validation=10, test=20, seed=3))
    np.testing.assert_array_equal(few["yte"], one["yte"])
    assert set(few["tokens"]) < set(one["tokens"])
    place = one["tokens"].tolist().index(few["tokens"][0])
    np.testing.assert_array_equal(few["xtr"][:, 0], one["xtr"][:, place])
    none = made(tmp_path, Selection(features=3, train=40, validation=0, test=20, seed=3))
    assert "xva" not in none


def test_recipe_and_what_is_told(tmp_path):
    files, told = write(tmp_path, *corpus()), []
    facts = write_rcv1(tmp_path / "out.npz", *files, SELECTION, lambda *one: told.append(one))
    assert json.loads(str(np.load(tmp_path / "out.npz")["recipe"])) == {"data": "rcv1", **facts}
    assert facts["features"] == 12
    assert facts["articles"] == facts["single_topic_articles"] >= 70
    assert facts["most_common"][0][1] >= facts["most_common"][-1][1] >= facts["least_common"][1]
    assert sum(facts["articles_per_class"].values()) == 40
    assert told[-1] == ("writing", 70, 70)


def test_bytes_read_are_told_over_all_files(tmp_path):
    for name in ("a", "b"):
        number = 1 + (name == "b")
        (tmp_path / name).write_text(f".I {number}\n.W\n" + "word\n" * 20_000)
    told = []
    found = read_articles([tmp_path / "a", tmp_path / "b"], {1, 2}, lambda done, total: told.append((done, total)))
    assert found.counts.toarray().tolist() == [[20_000], [20_000]]
    size = (tmp_path / "a").stat().st_size
    assert told == sorted(told)
    assert told[0][0] <= size < told[-1][0] <= 2 * size
    assert {total for _, total in told} == {2 * size}


@pytest.mark.parametrize(("text", "message"), [
    ("E11 2286 1\nC11 2287\n", "line 2 must be '<topic> <article number> 1', got 'C11 2287'"),
    ("E11 2286 0\n", "line 1 must be '<topic> <article number> 1', got 'E11 2286 0'"),
    ("E11 x 1\n", "line 1 must be '<topic> <article number> 1', got 'E11 x 1'"),
    (f"E11 {'9' * 5000} 1\n", "line 1 must be '<topic> <article number> 1', got 'E11 999"),
    ("\xff\n", r"line 1 must be '<topic> <article number> 1', got '\\xc3\\xbf'"),
    ("E11 1 1\nC11 1 1\nC15 2 1\n", "at least one article must have exactly one of the 50 topics C11 .. M14, got none"),
    ("", "at least one article must have exactly one of the 50 topics C11 .. M14, got none"),
])
def test_wrong_topics(text, message, tmp_path):
    (tmp_path / "q").write_text(text)
    with pytest.raises(DataError) as error:
        single_topics(tmp_path / "q")
    assert str(error.value).startswith(f"{tmp_path / 'q'}: {message}")
    assert len(str(error.value)) < 250 + len(str(tmp_path))


@pytest.mark.parametrize(("text", "message"), [
    ("", "must go on with a line '.I <article number>', but ends"),
    ("word\n", "line 1 must be '.I <article number>', got 'word'"),
    (".I 1\nword\n", "line 2 must be '.W', got 'word'"),
    (".I 1\n.I 2\n", "line 2 must be '.W', got '.I 2'"),
    (".I 1\n.W\na b\n\n.I one\n", "line 5 must be '.I <article number>', got '.I one'"),
    (".I 1\n.W\na b\n.I 2\n", "must go on with a line '.W', but ends"),
    (".I 1\n.W\na\n.I 1\n.W\n", "line 4: an article must come once in all files, got 1 again"),
])
def test_wrong_tokens(text, message, tmp_path):
    (tmp_path / "t").write_text(text)
    with pytest.raises(DataError) as error:
        read_articles([tmp_path / "t"], {1})
    assert str(error.value) == f"{tmp_path / 't'}: {message}"


def test_an_article_without_tokens_stays(tmp_path):
    (tmp_path / "t").write_text(".I 1\n.W\n\n.I 2\n.W\na .I a\n\n.I 3\n.W\nb\n")
    found = read_articles([tmp_path / "t"], {1, 2})
    assert found.numbers.tolist() == [1, 2]
    assert found.tokens == ["a", ".I"]
    assert found.counts.toarray().tolist() == [[0, 0], [2, 1]]


@pytest.mark.parametrize(("selection", "message"), [
    (Selection(), "train + validation + test must be at most the "),
    (Selection(features=9999, train=1, validation=0, test=1), "features must be at most the "),
])
def test_more_than_there_is(selection, message, tmp_path):
    files = write(tmp_path, *corpus())
    with pytest.raises(DataError) as error:
        write_rcv1(tmp_path / "out.npz", *files, selection)
    assert str(error.value).startswith(message)
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize(("knobs", "message"), [
    ({"features": 0}, "features must be a whole number of at least 1, got 0"),
    ({"validation": -1}, "validation must be a whole number of at least 0, got -1"),
    ({"seed": 1.5}, "seed must be a whole number of at least 0, got 1.5"),
])
def test_wrong_selection(knobs, message):
    with pytest.raises(DataError, match=message):
        Selection(**knobs)
