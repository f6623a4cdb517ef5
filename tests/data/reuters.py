"""Reuters articles of the published form, made and small."""

import gzip

import numpy as np

from sw.data.rcv1_topics import DROPPED, SECOND_LEVEL

OTHERS = ("CCAT", "GCAT", "C151", "C1511", "M141", "GSPORT")  # other levels, and no topic at all


def corpus():
    """Topics and tokens of 200 articles by number: counts that tell them apart, and ties in how common tokens are."""
    rng, topics, tokens = np.random.default_rng(1), {}, {}
    for number in rng.permutation(np.arange(2286, 2486)).tolist():
        drawn = rng.choice([*SECOND_LEVEL, *DROPPED * 8, *OTHERS * 3], rng.integers(1, 5))
        topics[number] = set(drawn.tolist())
        chosen = rng.integers(0, 20, rng.integers(20, 60)) ** 2 // 20  # the first tokens are more common
        tokens[number] = [f"stem{'abcdefghijklmnopqrst'[token]}" for token in chosen] + [f"rare{number}"]
        if number % 3 == 0:
            tokens[number] += ["often"] * 40  # many occurrences in fewer articles
    return topics, tokens


def write(folder, topics, tokens):
    """A topics file and two files of tokens, one of which, and the first, are compressed."""
    lines = [f"{topic} {number} 1\n" for number in sorted(topics) for topic in sorted(topics[number])]
    (folder / "topics.qrels.gz").write_bytes(gzip.compress("".join(lines).encode()))
    texts = ["", ""]
    for place, (number, words) in enumerate(tokens.items()):
        rows = "\n".join(" ".join(words[start:start + 9]) for start in range(0, len(words), 9))
        texts[place % 3 == 0] += f".I {number}\n.W\n{rows}\n\n"
    (folder / "pt0.dat").write_text(texts[0])
    (folder / "pt1.dat.gz").write_bytes(gzip.compress(texts[1].encode()))
    return folder / "topics.qrels.gz", [folder / "pt0.dat", folder / "pt1.dat.gz"]
