"""How far work has come: lines in a log, one line on a terminal."""

import io

from sw.common.progress import ElapsedLine, ProgressLine


def test_progress_is_lines_off_a_terminal(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("sw.common.progress.time.perf_counter", lambda: now[0])
    stream = io.StringIO()
    line = ProgressLine("training", stream=stream)
    for second in range(25):
        now[0] = 100.0 + second
        line(second * 100, 10_000)
    line.close()
    assert stream.getvalue() == (
        "training: 1,000 of 10,000 samples, 100 per second, 90 s left\n"
        "training: 2,000 of 10,000 samples, 100 per second, 80 s left\n"
    )


def test_elapsed_time_is_lines_in_a_log(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("sw.common.progress.time.perf_counter", lambda: now[0])
    stream = io.StringIO()
    line = ElapsedLine("synthesis", 25.0, stream)
    for seconds in range(40):
        now[0] = 100.0 + seconds
        line("map", float(seconds))
    line.close()
    assert stream.getvalue() == (
        "synthesis: map, 10 s, roughly 15 s left (estimate from the design's size)\n"
        "synthesis: map, 20 s, roughly 5 s left (estimate from the design's size)\n"
        "synthesis: map, 30 s, longer than estimated (estimate from the design's size)\n"
    )


def test_elapsed_time_is_one_line_on_a_terminal(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("sw.common.progress.time.perf_counter", lambda: now[0])
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    line = ElapsedLine("s", 9.0, stream)
    now[0] += 1
    line("one", 1.0)
    line.close()
    shown, cleared = stream.getvalue().split("\r")[1:3]
    assert shown == "s: one, 1 s, roughly 8 s left (estimate from the design's size)"
    assert cleared == " " * len(shown)
