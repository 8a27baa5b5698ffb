"""Log records beside stacks, records of how a process ended, and lines that only contain the word error."""

from __future__ import annotations

import pytest
from growth import assert_linear

from graph.parsing.log.ending import process_end
from graph.parsing.read import read

TRACE = 'Traceback (most recent call last):\n  File "/srv/wren/song.py", line 31, in sing\n    x = notes[key]\nKeyError: 1\n'
JAVA = "java.lang.IllegalStateException: no song\n\tat org.wren.Song.sing(Song.java:31)\n\tat org.wren.Main.main(Main.java:5)\n"
SCRIPT = "TypeError: no song\n    at sing (/srv/wren/song.js:3:9)\n    at run (/srv/wren/main.js:9:1)\n"
GO = "panic: no song\n\ngoroutine 1 [running]:\nmain.sing(...)\n\t/srv/song.go:12\nmain.main()\n\t/srv/main.go:17 +0x1d\n"
STACKS = {"python": TRACE, "java": JAVA, "javascript": SCRIPT, "go": GO}

RECORDS = [
    "2026-03-05 10:15:24,000 CRITICAL [wren.web] out of memory\n",
    "2026-03-05T10:15:24.000Z ERROR 12 --- [exec-1] o.wren.Song : cannot sing\n",
    "E0305 10:15:24.123456    12 song.go:9] cannot sing\n",
    "<11>1 2026-03-05T10:15:24Z mill wren 12 - - cannot sing\n",
    "Mar  5 10:15:24 mill wren[12]: error: cannot sing\n",
    "[2026-03-05 10:15:24 +0000] [7] [ERROR] cannot sing\n",
    '{"level":"error","ts":1772705724,"msg":"cannot sing"}\n',
    'time="2026-03-05T10:15:24Z" level=fatal msg="cannot sing"\n',
    "05-14 09:12:33.120  4120  4188 E Wren    : cannot sing\n",
    '[1234:0305/101522.123:ERROR:CONSOLE(3)] "Uncaught Error: cannot sing", source: file:///opt/wren/song.js (3)\n',
]


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("language", STACKS)
def test_an_error_record_beside_a_stack_is_a_crash(language: str, record: str) -> None:
    text = "starting\nloading songs\n" + STACKS[language] + "\nstill here\n" + record + "more output\nof the program\n"
    assert [report.format for report in read(text).reports] == [language, "log"]


@pytest.mark.parametrize("record", [record for record in RECORDS if "level" not in record])
@pytest.mark.parametrize("language", STACKS)
def test_a_record_directly_above_a_stack_is_one_crash_with_it(language: str, record: str) -> None:
    reports = read(record + STACKS[language]).reports
    assert [report.format for report in reports] == [language]
    assert reports[0].span[0] == 0


@pytest.mark.parametrize("language", STACKS)
def test_a_record_of_several_lines_above_a_stack_is_one_crash_with_it(language: str) -> None:
    text = f"2026-03-05T10:15:24.000Z ERROR [wren] cannot sing\nthe song 5\n  of the wren\n{STACKS[language]}"
    assert [(report.format, report.span) for report in read(text).reports] == [(language, (0, len(text)))]


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-05 10:15:24,000 INFO [wren.web] replied ERROR 500\n",
        "2026-03-05 10:15:24,000 WARNING [wren.web] an error may follow\n",
        "ERROR: something the compiler prints\n",
        "[   12.345678] wren: error -5\n",
        "[   12.345678] init: Service wren (pid 195) killed by signal 11\n",
        "[12:34:0305/101522.123:ERROR:bus.cc(9)] no bus\n",
        "[ERROR] a word in brackets\n",
    ],
)
def test_what_is_no_certain_record_is_not_read_beside_a_stack(line: str) -> None:
    assert [report.format for report in read(f"loading\nsongs\nand notes\n{line}\n{TRACE}").reports] == ["python"]


def test_a_logger_writes_the_stacks_of_one_language() -> None:
    head = "2026-03-05 10:15:2{},000 ERROR [wren] record {}\n"
    text = "".join(head.format(at, at) + stack for at, stack in enumerate([TRACE, JAVA, TRACE, SCRIPT]))
    assert [(report.format, report.message[:8]) for report in read(text).reports] == [
        ("python", "1"),
        ("log", "record 1"),
        ("java", "no song"),
        ("python", "1"),
        ("log", "record 3"),
        ("javascript", "no song"),
    ]


@pytest.mark.parametrize(
    ("line", "error_type"),
    [
        ("LOG:  server process (PID 4411) was terminated by signal 11: Segmentation fault", "SIGSEGV"),
        ('LOG:  background worker "song sync" (PID 55) was terminated by signal 6: Aborted', "SIGABRT"),
        ("LOG:  server process (PID 5) was terminated by exception 0xC0000005", "EXCEPTION_ACCESS_VIOLATION"),
        ("[7] [CRITICAL] WORKER TIMEOUT (pid:12)", "Worker timeout"),
        ("[7] [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?", "SIGKILL"),
        ("[7] [WARNING] Worker with pid 12 was terminated due to signal 9", "SIGKILL"),
        ("DAMN ! worker 3 (pid: 12) died, killed by signal 9 :( trying respawn ...", "SIGKILL"),
        ("*** HARAKIRI ON WORKER 3 (pid: 12, try: 1) ***", "Worker timeout"),
        ("Process 'ForkPoolWorker-1' pid:12 exited with 'signal 11 (SIGSEGV)'", "SIGSEGV"),
        ("wren.service: Main process exited, code=killed, status=9/KILL", "SIGKILL"),
        ("wren.service: Main process exited, code=dumped, status=6/ABRT", "SIGABRT"),
        ("wren.service: Failed with result 'oom-kill'.", "Out of memory"),
        ("wren.service: Failed with result 'watchdog'.", "Worker timeout"),
        ("worker process 12 exited on signal 11 (core dumped)", "SIGSEGV"),
        ("      Reason:       OOMKilled", "Out of memory"),
        ("torch.distributed: failed (exitcode: -9) local_rank: 0", "SIGKILL"),
        ("Killed", "SIGKILL"),
        ("AH00052: child pid 12 exit signal Segmentation fault (11)", "SIGSEGV"),
        ("INFO exited: wren (terminated by SIGSEGV (core dumped); not expected)", "SIGSEGV"),
        ("Task exited with return code Negsignal.SIGKILL", "SIGKILL"),
        ("Error: Runtime exited with error: signal: killed", "SIGKILL"),
        ("2026-03-05T10:15:25Z 3f0c2a9e Task timed out after 3.00 seconds", "Worker timeout"),
        ("Error: Process completed with exit code 137.", "SIGKILL"),
        ("wren-1 exited with code 139", "SIGSEGV"),
        ("wren-1 exited with code 143", None),
        ("wren-1 exited with code 1", None),
        ("./run.sh: line 3:    12 Killed                  python train.py", "SIGKILL"),
        ("[1]    4711 Segmentation fault (core dumped)  ./wren", "SIGSEGV"),
        ("Segmentation fault (core dumped)", "SIGSEGV"),
        ("wren.service: Main process exited, code=killed, status=15/TERM", None),
        ("Killed the song", None),
        ("received signal 11 of the protocol", None),
        ("Worker exited normally", None),
    ],
)
def test_how_a_process_ended(line: str, error_type: str | None) -> None:
    end = process_end(line)
    assert (end.error_type if end else None) == error_type


@pytest.mark.parametrize(
    "end", ["Killed", "[2026-03-05 10:15:23 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:12)", "x: killed by signal 9"]
)
def test_the_end_of_a_worker_beside_a_stack_is_kept(end: str) -> None:
    reports = read(f"{JAVA}\n{end}\n").reports
    assert [report.format for report in reports] == ["java", "log"]


def test_a_signal_that_a_shell_prints_ends_the_error_above() -> None:
    panic = "thread 'main' panicked at src/song.rs:31:9:\nno song\n"
    assert [report.format for report in read(f"{panic}Aborted (core dumped)\n").reports] == ["rust"]
    [alone] = read("Segmentation fault (core dumped)\n").reports
    assert alone.error_type == "SIGSEGV"


def test_parts_of_a_record_of_a_database_belong_to_it() -> None:
    head = "2026-03-05 10:15:22.100 UTC [1] "
    text = (
        f"{head}LOG:  server process (PID 44) was terminated by signal 11: Segmentation fault\n"
        f"{head}DETAIL:  Failed process was running: SELECT 1\n{head}LOG:  terminating any other active server processes\n"
        f"{head}ERROR:  duplicate key value\n{head}DETAIL:  Key (id)=(5) exists.\n{head}STATEMENT:  DELETE FROM song\n"
    )
    crash, error = read(text).reports
    assert (crash.error_type, crash.message.partition(" (")[0]) == ("SIGSEGV", "server process")
    assert crash.occurred_at is not None
    assert (error.message, text[error.span[1] :].strip()) == ("duplicate key value", "")


def test_one_shortage_of_memory_is_one_crash() -> None:
    head = "Mar 05 10:15:22 mill systemd[1]: wren.service: "
    text = f"{head}A process of this unit has been killed by the OOM killer.\n{head}Failed with result 'oom-kill'.\n"
    assert [report.error_type for report in read(text).reports] == ["Out of memory"]


@pytest.mark.parametrize(
    "line",
    [
        'Mar  5 10:15:22 mill birdd[276]:  copy failed Code=-50 "query missing" (paramErr: error in user list) UserInfo={x=y}',
        "Mar  5 10:15:23 mill owl[12]: wing_callback 1977 block_invoke.434 error 22",
        "Mar  5 10:15:23 mill owl[12]: retried after error 5 times",
        "2026-03-05 10:15:23 all songs sung with error 0",
        "2026-03-05 10:15:23 mill finished the song without ERROR at all",
        "Mar  5 10:15:23 mill owl[12]: last exit status was ERROR here",
    ],
)
def test_the_word_error_in_running_text_is_no_level(line: str) -> None:
    assert read(f"{line}\nMar  5 10:15:24 mill owl[12]: all counted\n").reports == ()


def test_a_record_keeps_its_further_lines() -> None:
    text = "2026-03-05 10:15:22 ERROR [wren] validation failed:\n  note: missing\n  verse: wrong\n2026-03-05 10:15:23 INFO x\n"
    [report] = read(text).reports
    assert report.message == "validation failed\nnote: missing\nverse: wrong"


def test_an_exception_without_a_stack_and_the_components_around_it() -> None:
    text = "TypeError: no song\n\nThis error is located at:\n    in Owl (at Flock.tsx:132)\n    in StaticContainer\n"
    [report] = read(text).reports
    assert (report.format, report.error_type, report.message, report.span) == ("log", "TypeError", "no song", (0, len(text)))
    logcat = "".join(f"05-14 09:12:33.120  4120  4188 E ReactNativeJS: {line}\n" for line in text.splitlines())
    assert [(report.format, report.error_type) for report in read(logcat).reports] == [("log", "TypeError")]


@pytest.mark.parametrize(
    "line", ["Killed\n", "A: killed by signal 9 x\n", "\nThis error is located at:\n", "AError: b\n", "x (a: error b\n"]
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "log"), lambda count: line * count, 8_000)


def test_a_summary_of_an_end_is_no_second_crash() -> None:
    assert [report.error_type for report in read("Killed\nExited with code exit status 137\n").reports] == ["SIGKILL"]


def test_the_context_behind_a_message_is_no_part_of_it() -> None:
    [report] = read('[2026-03-05T10:15:22.1+00:00] app.ERROR: no song {"id":5} []\n').reports
    assert report.message == "no song"


def test_a_record_without_a_message_is_no_crash() -> None:
    assert read("F, [2026-03-05T10:15:22.123456 #12] FATAL -- :   \n").reports == ()


@pytest.mark.parametrize(
    "note",
    [
        "##[error]Process completed with exit code 1.",
        "ERROR: script returned exit code 1",
        "ERROR: Job failed: exit code 1",
        "2026-03-05 10:15:23 ERROR Bash command failed. The command returned a non-zero exit code 2.",
    ],
)
def test_an_exit_code_below_an_error_is_its_end(note: str) -> None:
    error = "2026-03-05 10:15:22 ERROR [mill] cannot grind\n"
    [report] = read(f"{error}{note}\n").reports
    assert report.message == "cannot grind"


def test_an_exit_code_alone_is_the_error() -> None:
    [report] = read("ERROR: script returned exit code 1\n").reports
    assert (report.format, report.message) == ("log", "script returned exit code 1")


def test_an_exit_code_with_a_reason_is_an_error_of_its_own() -> None:
    error = "2026-03-05 10:15:22 ERROR [mill] cannot grind\n"
    assert len(read(f"{error}2026-03-05 10:15:23 ERROR could not copy the sacks: exit code 1\n").reports) == 2


def test_a_record_beside_a_stack_may_begin_with_its_level() -> None:
    stack = 'Traceback (most recent call last):\n  File "/srv/mill.py", line 3, in grind\nKeyError: 1\n'
    text = f"ERROR 2026-03-05 10:15:22,100 log no flour\n{stack}ERROR 2026-03-05 10:15:29,100 mail no post\nmore\nmore\nmore\n"
    assert [report.format for report in read(text).reports] == ["python", "log"]
