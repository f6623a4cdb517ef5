"""What every command does with wrong input."""

from collections.abc import Callable, Sequence


def assert_refused(main: Callable[[Sequence[str]], int], arguments: Sequence[str], message: str, capsys) -> None:
    """Status 2 and one line, which says the message."""
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error
