"""Files, folders, gzip, standard input, encodings, and unreadable input."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model.errors import InvalidInputError
from graph.sources import files as sources
from graph.sources.encoding import text_of
from graph.sources.files import ReadOptions, file_hash, read_path
from graph.sources.submission import Submission

TRACE = 'Traceback (most recent call last):\n  File "größe.py", line 1, in f\nKeyError: 1\n'


def all_of(path: Path | str, options: ReadOptions | None = None) -> list[Submission]:
    return list(read_path(path, options))


def test_a_file_is_one_submission(tmp_path: Path) -> None:
    file = tmp_path / "crash.log"
    file.write_bytes(TRACE.encode() * 2)
    (one,) = all_of(file, ReadOptions(site="north", product="shop", version="1", format="python"))
    assert (one.report, one.error) == (TRACE * 2, None)
    assert (one.source, one.file_name, one.ordinal) == (str(file), "crash.log", 0)
    assert one.file_hash == hashlib.sha256(file.read_bytes()).hexdigest() == file_hash(file)
    assert (one.site, one.product, one.version, one.format) == ("north", "shop", "1", "python")


def test_line_ends_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\r\ntwo\n")
    assert all_of(tmp_path / "a")[0].report == "one\r\ntwo\n"


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/c.txt", ".hidden", ".git/config", "a/.x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [one.report for one in all_of(tmp_path)] == ["a/c.txt", "a/z.txt", "b.txt"]
    assert all_of(tmp_path / ".hidden")[0].report == ".hidden"


def test_gzipped_files(tmp_path: Path) -> None:
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(TRACE.encode()))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"report":"x"}\n\n{"report":"y"}\n'))
    (tmp_path / "c.dat").write_bytes(gzip.compress(b"packed without the name"))
    found = all_of(tmp_path)
    assert [one.report for one in found] == [TRACE, "x", "y", "packed without the name"]
    assert found[0].file_hash == hashlib.sha256((tmp_path / "a.log.gz").read_bytes()).hexdigest()


@pytest.mark.slow
def test_a_damaged_gzip_file_keeps_its_readable_part(tmp_path: Path) -> None:
    data = gzip.compress(TRACE.encode() * 100_000)
    (tmp_path / "cut.gz").write_bytes(data[: len(data) // 2])
    *good, last = all_of(tmp_path / "cut.gz")
    assert len(good) > 10_000
    assert {one.report for one in good[:-1]} == {TRACE}
    assert "cannot be read to its end" in (last.error or "")
    (tmp_path / "short.gz").write_bytes(gzip.compress(TRACE.encode())[:-20])
    (one,) = all_of(tmp_path / "short.gz")
    assert "cannot be read to its end" in (one.error or "")
    assert (one.report or "").startswith("Traceback")
    lines = b"".join(b'{"report":"%d"}\n' % number for number in range(200_000))
    data = gzip.compress(lines)
    (tmp_path / "cut.jsonl.gz").write_bytes(data[: len(data) // 2])
    *good, last = all_of(tmp_path / "cut.jsonl.gz")
    assert good
    assert all(one.error is None for one in good)
    assert "cannot be read to its end" in (last.error or "")
    assert last.ordinal == len(good)


def test_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"report":"a"}\r\n   \nbroken\n{"report":"b","site":"south"}')
    found = all_of(file, ReadOptions(site="north"))
    assert [(one.report, one.site, one.ordinal) for one in found] == [
        ("a", "north", 0),
        ("broken", "north", 1),
        ("b", "south", 2),
    ]
    assert found[1].error is not None
    assert found[1].error.startswith("line 3: the text is not JSON")
    assert {one.file_hash for one in found} == {file_hash(file)}
    assert len(all_of(file, ReadOptions(jsonl=False))) == 1
    other = tmp_path / "in.txt"
    other.write_bytes(b'{"report":"a"}\n')
    assert all_of(other)[0].report == '{"report":"a"}\n'
    assert all_of(other, ReadOptions(jsonl=True))[0].report == "a"


def test_json_lines_from_windows_shells(tmp_path: Path) -> None:
    file = tmp_path / "in.ndjson"
    file.write_bytes('{"report":"ä"}\r\n{"report":"b"}\r\n'.encode("utf-16"))
    assert [one.report for one in all_of(file)] == ["ä", "b"]


def test_a_line_over_the_limit_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LINE_LIMIT", 1 << 20)
    monkeypatch.setattr(sources, "KEPT", 100)
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"report":"' + b"x" * (3 << 20) + b'"}\n{"report":"after"}\n')
    first, second = all_of(file)
    assert (first.error or "").startswith("line 1: longer than 1 MiB")
    assert len(first.report or "") == 100
    assert (second.report, second.ordinal) == ("after", 1)


@pytest.mark.slow
def test_a_long_text_without_a_report_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "big.gz"
    file.write_bytes(gzip.compress(b"a" * (20 << 20)))
    (one,) = all_of(file)
    assert "no known format" in (one.error or "")
    assert one.report == "a" * (sources.WHOLE_LIMIT + 1)
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 5_000)
    assert "binary" in (all_of(tmp_path / "noise")[0].error or "")


def test_each_report_of_a_long_text_is_a_submission(tmp_path: Path) -> None:
    file = tmp_path / "long.log"
    filling = "2026-01-02 10:00:00 INFO [x] nothing to see\n" * 2_000
    file.write_text((filling + TRACE) * 4, encoding="utf-16")
    found = all_of(file, ReadOptions(site="north"))
    assert [(one.report, one.format, one.site, one.error) for one in found] == [(TRACE, "python", "north", None)] * 4
    assert [one.ordinal for one in found] == [len(filling) + at * len(filling + TRACE) for at in range(4)]
    assert {one.file_hash for one in found} == {file_hash(file)}


@pytest.mark.slow
def test_a_long_text_is_read_in_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "huge.log"
    line = b"2026-01-02 10:00:00 INFO [x] nothing to see, nothing to tell, nothing to do at all\n"
    with file.open("wb") as stream:
        for _ in range(24):
            stream.write(line * 26_000 + TRACE.encode())
    tracemalloc.start()
    try:
        assert sum(one.report == TRACE for one in read_path(file)) == 24
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < file.stat().st_size


def test_a_long_stream_is_identified_by_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    data = TRACE.encode() * 5_000
    keys = []
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        keys.append([(one.file_hash, one.ordinal) for one in all_of("-")])
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 5_000


def test_empty_and_binary_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(bytes(range(256)) * 20)
    empty, binary = all_of(tmp_path)
    assert (empty.report, empty.error) == ("", None)
    assert "binary" in (binary.error or "")
    assert binary.report


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TRACE.encode())))
    (one,) = all_of("-")
    assert (one.source, one.report, one.file_name) == ("-", TRACE, None)
    assert one.file_hash == hashlib.sha256(TRACE.encode()).hexdigest()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"report":"a"}\n{"report":"b"}\n')))
    assert [one.ordinal for one in all_of("-", ReadOptions(jsonl=True))] == [0, 1]


def test_missing_and_forbidden_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInputError, match=r"missing\.txt: there is no such file or folder"):
        all_of(tmp_path / "missing.txt")
    file = tmp_path / "locked"
    file.write_text("x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (one,) = all_of(file)
    assert one.error == "cannot be read: Permission denied"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    text, reason = text_of(TRACE.encode(encoding))
    assert (text, reason) == (TRACE, None)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Ошибка: не удалось открыть базу данных, повторите попытку позже\n"),
        ("cp932", "データベースに接続できませんでした。もう一度お試しください。\n"),
        ("cp1253", "Σφάλμα: δεν ήταν δυνατή η σύνδεση με τη βάση δεδομένων του προγράμματος\n"),
    ],
)
def test_guessed_encodings(encoding: str, words: str) -> None:
    assert text_of((TRACE.replace("größe", "x") + words * 4).encode(encoding))[0].endswith(words)


def test_broken_utf8_loses_nothing() -> None:
    data = "été ".encode() * 5 + b"\xff\xfe then " + "é".encode()
    text, reason = text_of(data)
    assert reason is None
    assert "\\xff\\xfe then é" in text


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes_are_accepted(data: bytes) -> None:
    text, _ = text_of(data)
    text.encode("utf-8")
    assert bool(text) == bool(data) or data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
