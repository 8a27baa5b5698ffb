"""A log that grows, rotates, is truncated, and is followed again after a stop or a kill yields each report once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashgraph.commands.ingest import ingest
from graph.sources.files import ReadOptions
from graph.sources.submission import Submission
from graph.sources.tail import Follower

INFO = "2026-01-02 10:00:00 INFO [x] nothing to see\n"


def trace(name: str) -> str:
    return f'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\n    x\nValueError: {name}\n'


class Log:
    """A log, a clock, and the reports read so far."""

    def __init__(self, folder: Path, name: str = "app.log") -> None:
        self.path = folder / name
        self.folder = folder / "state"
        self.now = 0.0
        self.given: list[Submission] = []
        self.start()

    def start(self) -> None:
        self.follower = Follower(self.path, self.folder, ReadOptions(site="north"), 2.0, lambda: self.now)

    def restart(self) -> None:
        self.follower.close()
        self.start()

    def write(self, text: str) -> None:
        with self.path.open("ab") as stream:
            stream.write(text.encode())

    def poll(self, seconds: float = 0, *, keep: bool = True) -> list[str]:
        """Last lines of the reports returned within a number of seconds."""
        found: list[Submission] = []
        for _ in range(max(1, int(seconds * 2))):
            while True:
                found += self.follower.poll()
                if keep:
                    self.follower.save_position()
                if not self.follower.busy or not keep:
                    break
            self.now += 0.5
        self.given += found
        return [(one.report or "").rstrip().splitlines()[-1] for one in found]

    def keys(self) -> list[tuple[str | None, int, str | None]]:
        """The identity of a crash."""
        return [(one.file_hash, one.ordinal, one.report) for one in self.given]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path)
    yield log
    log.follower.close()


def test_a_report_is_complete_after_the_quiet_time(log: Log) -> None:
    assert log.poll(1) == []  # the log is not there yet
    log.write(INFO + trace("one"))
    assert log.poll(1.5) == []
    assert log.poll(2) == ["ValueError: one"]
    [given] = log.given
    assert (given.report, given.ordinal, given.site, given.format) == (trace("one"), len(INFO), "north", "python")
    assert log.poll(5) == []


def test_a_report_written_slowly_is_read_whole(log: Log) -> None:
    for line in trace("slow").splitlines(keepends=True):
        log.write(line)
        assert log.poll(1) == []
    assert log.poll(3) == ["ValueError: slow"]


def test_a_log_that_is_never_quiet_is_read(log: Log) -> None:
    found = []
    for number in range(20):
        log.write(trace(str(number)) + INFO)
        found += log.poll(0.5)
    assert found == [f"ValueError: {number}" for number in range(len(found))]
    assert len(found) >= 15


def test_rotation_loses_nothing(log: Log) -> None:
    log.write(trace("one"))
    log.poll(1)
    log.write(trace("two"))
    log.path.rename(log.path.with_name("app.log.1"))
    log.write(trace("one"))
    assert log.poll(8) == ["ValueError: one", "ValueError: two", "ValueError: one"]
    assert len(set(log.keys())) == 3


def test_text_appended_to_a_renamed_log_is_read(log: Log) -> None:
    log.write(trace("one"))
    assert log.poll(3) == ["ValueError: one"]
    with log.path.open("ab") as old:
        log.path.rename(log.path.with_name("app.log.1"))
        old.write(trace("late").encode())
    log.write(trace("new"))
    assert log.poll(8) == ["ValueError: late", "ValueError: new"]


@pytest.mark.parametrize("after", ["", trace("a")])
def test_a_truncated_log_is_read_from_its_beginning(log: Log, after: str) -> None:
    log.write(trace("one") + INFO * 20)
    assert log.poll(3) == ["ValueError: one"]
    os.truncate(log.path, 0)
    log.write(after)
    log.poll(0.5)
    log.write(trace("three"))
    assert log.poll(8)[-1] == "ValueError: three"
    assert len(set(log.keys())) == len(log.keys()) == 2 + bool(after)


def test_an_overwritten_longer_log_is_noticed(log: Log) -> None:
    log.write(trace("one"))
    assert log.poll(3) == ["ValueError: one"]
    log.path.write_text(INFO * 10 + trace("other") * 2)
    assert log.poll(8) == ["ValueError: other", "ValueError: other"]


def test_a_restart_continues_at_the_saved_position(log: Log) -> None:
    log.write(trace("one") + INFO + "half a ")
    assert log.poll(4) == ["ValueError: one"]
    log.restart()
    log.write("line\n" + trace("two"))
    assert log.poll(4) == ["ValueError: two"]
    log.restart()
    assert log.poll(4) == []


def test_a_kill_before_the_position_was_saved_repeats_the_same_reports(log: Log) -> None:
    log.write(trace("one"))
    assert log.poll(3, keep=False) == ["ValueError: one"]
    log.restart()
    log.write(INFO + trace("two"))
    assert log.poll(4) == ["ValueError: one", "ValueError: two"]
    first, again, _ = log.keys()
    assert first == again


def test_a_log_renamed_while_stopped_is_read_to_its_end(log: Log) -> None:
    log.write(trace("one"))
    assert log.poll(3) == ["ValueError: one"]
    log.write(trace("two"))
    log.path.rename(log.path.with_name("app.log.1"))
    log.write(trace("three"))
    log.restart()
    assert log.poll(9) == ["ValueError: two", "ValueError: three"]


def test_a_damaged_position_file_is_ignored(log: Log) -> None:
    log.write(trace("one"))
    log.poll(3)
    [file] = log.folder.iterdir()
    file.write_bytes(b"{")
    log.restart()
    assert log.poll(4) == ["ValueError: one"]


def test_encodings_and_characters_split_between_reads(log: Log) -> None:
    data = ("\ufeff" + INFO + trace("größe 漢字")).encode("utf-16-le")
    for position in range(0, len(data), 7):
        with log.path.open("ab") as stream:
            stream.write(data[position : position + 7])
        log.follower.poll()
        log.follower.save_position()
    log.restart()
    assert log.poll(4) == ["ValueError: größe 漢字"]


def test_json_lines(tmp_path: Path) -> None:
    log = Log(tmp_path, "app.jsonl")
    log.write('{"report":"a"}\n{"report":')
    assert log.poll(3) == ["a"]
    log.restart()
    log.write('"b"}\n')
    assert log.poll(3) == ["b"]
    assert [one.ordinal for one in log.given] == [0, 15]
    log.follower.close()


def test_a_report_in_two_bursts_is_one(log: Log) -> None:
    log.follower = Follower(log.path, log.folder, ReadOptions(), default_quiet_time(), lambda: log.now)
    first, second = trace("late")[:60], trace("late")[60:]
    log.write(INFO + first)
    assert log.poll(5) == []
    log.write(second)
    assert log.poll(30) == ["ValueError: late"]


def default_quiet_time() -> float:
    [option] = [one for one in ingest.params if one.name == "quiet_time"]
    assert isinstance(option.default, float)
    return option.default


def test_a_pipe_is_followed_without_waiting_for_a_writer(log: Log) -> None:
    os.mkfifo(log.path)
    assert log.poll() == []
    for name in ("one", "two"):
        with log.path.open("wb", buffering=0) as writer:
            writer.write(trace(name).encode())
            assert log.poll(5) == [f"ValueError: {name}"]
        assert log.poll(5) == []
    with log.path.open("wb", buffering=0) as writer:
        writer.write(trace("three").encode())
        assert log.poll() == []
    assert [(one.report or "").splitlines()[-1] for one in log.follower.rest()] == ["ValueError: three"]
    assert len({(one.file_hash, one.ordinal) for one in log.given}) == 2
