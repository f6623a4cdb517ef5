"""The codebook against published facts: counts per length, the shared code, international Morse."""

from collections import Counter

from sw.morse.codebook import CLASSES, CODES, MAX_ELEMENTS, NAMES, SYMBOLS, codeword_length

INTERNATIONAL = dict(zip(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    (".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
     ".-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.").split(),
    strict=True))


def findings(symbols):
    """What is wrong with a codebook, as a list of sentences."""
    names, codes = [name for name, _ in symbols], [code for _, code in symbols]
    wrong = []
    if sorted(Counter(map(len, codes)).items()) != [(1, 2), (2, 4), (3, 8), (4, 16), (5, 22),
                                                    (6, 12)]:
        wrong.append("counts per length")
    if len(set(names)) != 64:
        wrong.append("names are not unique")
    shared = [index for index, code in enumerate(codes) if codes.count(code) > 1]
    if shared != [1, 10]:
        wrong.append(f"classes that share a code: {shared}")
    wrong += [f"{name} is {code}" for name, code in symbols
              if name in INTERNATIONAL and code != INTERNATIONAL[name]]
    return wrong


def test_codebook():
    assert findings(SYMBOLS) == []
    assert (CLASSES, MAX_ELEMENTS) == (64, 6)
    assert set(INTERNATIONAL) <= set(NAMES)
    assert (NAMES[0], NAMES[1], NAMES[10], NAMES[34], NAMES[63]) == ("J^", "H^", "(", "E", "R")


def test_codebook_planted_faults():
    def with_entry(index, entry):
        return (*SYMBOLS[:index], entry, *SYMBOLS[index + 1:])

    assert findings(with_entry(30, ("A", "-."))) == [
        "classes that share a code: [1, 10, 30, 45]", "A is -."]
    assert findings(with_entry(1, ("(", "-.--."))) == ["names are not unique"]
    assert findings(with_entry(10, ("(", "-.--"))) == [
        "counts per length", "classes that share a code: [10, 52]"]


def test_longest_codeword_of_the_baseline():
    lengths = {name: codeword_length(code, 3, 9, 3) for name, code in SYMBOLS}
    assert max(lengths.values()) == 57
    assert {name for name, length in lengths.items() if length == 57} == {"!", "'", ")", ",", "0"}
    assert codeword_length(CODES[34], 2, 9, 3) == 2  # E: one dot, no space
