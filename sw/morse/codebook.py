"""The 64 Morse classes: names, codes and the lengths of their codewords.

The class index is the position in `SYMBOLS`; the order is that of the published Morse dataset
(souryadey/morse-dataset), so that labels agree with it. Names are ASCII spellings: `^` circumflex,
`~` tilde, `..` umlaut, `C,` cedilla, `` ` `` grave, `D-` barred D, `U..` and so on.

Classes 1 (`H^`) and 10 (`(`) share one code, so 63 codes are distinct. Of two classes that are the
same a classifier guesses half of the samples wrong: with balanced classes none can be expected to
exceed 63/64 of right answers.
"""

# (name, code); the comment is the class index of the row's first entry.
SYMBOLS: tuple[tuple[str, str], ...] = (
    ("J^", ".---."),   ("H^", "-.--."),   ("N~", "--.--"),   ("CH", "----"),    # 0
    ("G^", "--.-."),   ("!", "-.-.--"),   ('"', ".-..-."),   ("'", ".----."),   # 4
    ("C,", "-.-.."),   (")", "-.--.-"),   ("(", "-.--."),    ("+", ".-.-."),    # 8
    ("-", "-....-"),   (",", "--..--"),   ("/", "-..-."),    (".", ".-.-.-"),   # 12
    ("1", ".----"),    ("0", "-----"),    ("3", "...--"),    ("2", "..---"),    # 16
    ("5", "....."),    ("4", "....-"),    ("7", "--..."),    ("6", "-...."),    # 20
    ("9", "----."),    ("8", "---.."),    (";", "-.-.-."),   (":", "---..."),   # 24
    ("=", "-...-"),    ("?", "..--.."),   ("A", ".-"),       ("@", ".--.-."),   # 28
    ("C", "-.-."),     ("B", "-..."),     ("E", "."),        ("D", "-.."),      # 32
    ("G", "--."),      ("F", "..-."),     ("I", ".."),       ("H", "...."),     # 36
    ("K", "-.-"),      ("J", ".---"),     ("M", "--"),       ("L", ".-.."),     # 40
    ("O", "---"),      ("N", "-."),       ("Q", "--.-"),     ("S", "..."),      # 44
    ("U", "..-"),      ("T", "-"),        ("W", ".--"),      ("V", "...-"),     # 48
    ("Y", "-.--"),     ("X", "-..-"),     ("Z", "--.."),     ("_", "..--.-"),   # 52
    ("U..", "..--"),   ("D-", "..--."),   ("O..", "---."),   ("S^", "...-."),   # 56
    ("P", ".--."),     ("A..", ".-.-"),   ("E`", "..-.."),   ("R", ".-."),      # 60
)

NAMES: tuple[str, ...] = tuple(name for name, _ in SYMBOLS)
CODES: tuple[str, ...] = tuple(code for _, code in SYMBOLS)
CLASSES = len(SYMBOLS)
MAX_ELEMENTS = max(len(code) for code in CODES)


def codeword_length(code: str, dot: int, dash: int, space: int) -> int:
    """Positions of `code` in a frame when every dot, dash and inner space has the given length.

    There is a space between elements and none after the last.
    """
    dots = code.count(".")
    return dots * dot + (len(code) - dots) * dash + (len(code) - 1) * space
