"""Python exceptions printed apart from their traceback, through a logger piece by piece, from Java, or in another's message."""

from __future__ import annotations

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.python.parser import PythonParser
from graph.parsing.read import read

FRAMES = '  File "/var/task/till.py", line 31, in open_till\n    total = shelf[key]\n'
HEADER = "Traceback (most recent call last):\n"


def only(text: str) -> ParsedReport:
    [report] = PythonParser().parse(text)
    return report


@pytest.mark.parametrize("mark", ["[ERROR] ", "[CRITICAL] ", "ERROR: ", "[ERROR]: "])
@pytest.mark.parametrize(
    ("raised", "message"),
    [("KeyError: 'blue'", "'blue'"), ("till.Closed: by kim\nsince: May", "by kim\nsince: May"), ("Timeout: 3 s", "3 s")],
)
def test_type_and_message_above_the_traceback(mark: str, raised: str, message: str) -> None:
    text = f"START RequestId: 3f0c Version: 5\n{mark}{raised}\n{HEADER}{FRAMES}END RequestId: 3f0c\n"
    report = only(text)
    assert (report.error_type, report.message) == (raised.partition(":")[0], message)
    assert (report.frame_count, report.truncated) == (1, False)
    assert text[slice(*report.span)] == f"{mark}{raised}\n{HEADER}{FRAMES}"


def test_an_exception_above_a_traceback_without_frames() -> None:
    text = (
        f"[ERROR] Runtime.ImportModuleError: Unable to import module 'till': No module named 'x'\n{HEADER}\nEND RequestId: 3\n"
    )
    report = only(text)
    assert (report.error_type, report.frames) == ("Runtime.ImportModuleError", ())
    assert report.message == "Unable to import module 'till': No module named 'x'"
    assert list(PythonParser().parse(f"It prints this:\n{HEADER}\nnothing else\n")) == []


def test_the_record_above_names_the_exception() -> None:
    report = only(f"2026-03-05 10:15:22,123 ERROR shop.till: order 5 failed: KeyError: 'blue'\n{HEADER}{FRAMES}\n")
    assert (report.error_type, report.message) == ("KeyError", "'blue'")


@pytest.mark.parametrize("at", [" at /tills/5", ""])
def test_a_report_of_django(at: str) -> None:
    below = f"Exception Type: KeyError{at}\nException Value: 'blue'\nRequest information:\n"
    text = f"KeyError{at}\n'blue'\n\nRequest Method: GET\n\n{HEADER}{FRAMES}\n{below}"
    report = only(text)
    assert (report.error_type, report.message, report.truncated) == ("KeyError", "'blue'", False)


@pytest.mark.parametrize(
    "prefix",
    ["[2026-03-05 10:15:22,49{n}: WARNING/ForkPoolWorker-4] ", "2026-03-05 10:15:22,49{n} ERROR stderr: ", "{n}|stderr| "],
)
def test_a_traceback_redirected_to_a_logger_in_pieces(prefix: str) -> None:
    pieces = [
        "Traceback (most recent call last):",
        '  File "/srv/shop/flock.py", line 17, in home\n    till.open(item)',
        '  File "/srv/shop/till.py", line 33, in open\n    egg = shelf["egg"]',
        "KeyError: 'egg'",
    ]
    text = "".join(prefix.format(n=number) + piece + "\n" for number, piece in enumerate(pieces))
    [report] = read(text).reports
    assert (report.error_type, report.message, report.frame_count) == ("KeyError", "'egg'", 2)
    assert report.frames[0].qualified == "till.open"


SPARK = """Traceback (most recent call last):
  File "/srv/shop/job.py", line 41, in main
    frame.count()
  File "/opt/spark/python/lib/pyspark.zip/pyspark/sql/dataframe.py", line 804, in count
  File "/opt/spark/python/lib/py4j-0.10.9.7-src.zip/py4j/java_gateway.py", line 1322, in __call__
  File "/opt/spark/python/lib/py4j-0.10.9.7-src.zip/py4j/protocol.py", line 328, in get_return_value
py4j.protocol.Py4JJavaError: An error occurred while calling o77.count.
: org.apache.spark.SparkException: Job aborted: Task 2 failed{first}
{worker}	at org.apache.spark.scheduler.DAGScheduler.failJob(DAGScheduler.scala:2672)
	at java.base/java.lang.Thread.run(Thread.java:840)
Caused by: {cause}
	at shop.Sums.add(Sums.scala:12)
	... 1 more

"""
WORKER = """Traceback (most recent call last):
  File "/srv/shop/parse.py", line 12, in parse
    return rows[0]
IndexError: list index out of range

"""


def test_an_error_from_java_is_one_crash_with_its_causes() -> None:
    text = SPARK.format(first="", worker="", cause="java.io.IOException: disk is full")
    report = only_read(text + "26/03/05 10:15:22 INFO SparkContext: stopped\n")
    assert (report.error_type, report.message) == ("py4j.protocol.Py4JJavaError", "An error occurred while calling o77.count.")
    assert [(cause.relation, cause.error_type, len(cause.frames)) for cause in report.causes] == [
        ("cause", "org.apache.spark.SparkException", 2),
        ("cause", "java.io.IOException", 1),
    ]
    assert text[report.span[1] :].strip() == ""


@pytest.mark.parametrize("place", ["message", "cause"])
def test_a_traceback_of_a_worker_within_an_error_from_java(place: str) -> None:
    first, cause = (
        ": " + WORKER if place == "message" else "",
        "org.apache.spark.api.python.PythonException: " + WORKER.rstrip(),
    )
    text = SPARK.format(first=first, worker="", cause=cause if place == "cause" else "java.io.IOException: x")
    report = only_read(text * 2, count=2)
    assert report.causes[0].error_type == "org.apache.spark.SparkException"
    last = report.causes[-1]
    assert (last.error_type, last.message, last.frames[0].qualified) == ("IndexError", "list index out of range", "parse.parse")


def only_read(text: str, count: int = 1) -> ParsedReport:
    reports = read(text).reports
    assert [report.format for report in reports] == ["python"] * count
    return reports[0]


@pytest.mark.parametrize(
    ("message", "header"),
    [
        ("Caught KeyError in worker process 0.\n", "Original Traceback (most recent call last):\n"),
        ("process 1 terminated with the following error:\n", HEADER),
        ("\n  An exception was thrown from the worker. Please see the stack trace below.\n", HEADER),
    ],
)
def test_a_traceback_within_a_message_is_the_cause(message: str, header: str) -> None:
    report = only(f"{HEADER}{FRAMES}RuntimeError: {message}{header}{FRAMES}KeyError: 'blue'\n\n")
    assert report.error_type == "RuntimeError"
    assert [(cause.relation, cause.error_type, len(cause.frames)) for cause in report.causes] == [("cause", "KeyError", 1)]


def test_tracebacks_printed_one_after_another_stay_apart() -> None:
    reports = list(PythonParser().parse(f"{HEADER}{FRAMES}KeyError: 'a'\n{HEADER}{FRAMES}KeyError: 'b'\n"))
    assert [report.message for report in reports] == ["'a'", "'b'"]


def test_an_error_of_a_task_in_another_process() -> None:
    report = only(
        f"{HEADER}{FRAMES}ray.exceptions.RayTaskError(KeyError): ray::sum() (pid=4242, ip=10.0.0.7)\n"
        '  File "/srv/shop/sums.py", line 8, in add\n    return a[b]\nKeyError: 1\n'
    )
    assert (report.error_type, report.message) == ("ray.exceptions.RayTaskError", "ray::sum() (pid=4242, ip=10.0.0.7)")
    assert [(cause.error_type, cause.frames[0].qualified) for cause in report.causes] == [("KeyError", "sums.add")]


def test_a_native_stack_in_a_message() -> None:
    text = (
        f"{HEADER}{FRAMES}RuntimeError: out of memory\nTry less.\n"
        "Exception raised from malloc at ../c10/Allocator.cpp:44 (most recent call first):\n"
        "frame #0: c10::Error::Error(std::string) + 0x57 (0x7f1b0a in /opt/libc10.so)\n"
        "frame #1: <unknown function> + 0x64 (0x7f1b0c in /opt/libc10.so)\n\n"
    )
    report = only_read(text)
    assert (report.message, report.frame_count) == ("out of memory\nTry less.", 1)
    assert text[report.span[1] :] == "\n"


def test_the_paragraphs_of_tensorflow() -> None:
    message = (
        "Graph execution error:\n\nDetected at node 'a/MatMul' defined at (most recent call last):\n"
        "    File \"/srv/shop/train.py\", line 4, in <module>\n      fit(x)\nNode: 'a/MatMul'\nsizes differ"
    )
    report = only(f"{HEADER}{FRAMES}tensorflow.errors.InvalidArgumentError: {message}\n")
    assert report.message == message.replace(":\n\n", ":\n")


def test_an_error_of_a_logging_handler_with_its_call() -> None:
    text = (
        f"--- Logging error ---\n{HEADER}"
        '  File "/usr/lib/python3.9/logging/__init__.py", line 1083, in emit\n    msg = self.format(record)\n'
        "TypeError: not all arguments converted during string formatting\nCall stack:\n"
        '  File "/srv/shop/till.py", line 3, in <module>\n    main()\n'
        '  File "/srv/shop/till.py", line 2, in main\n    log.info("a", 1)\n'
        "Message: 'a'\nArguments: (1,)\n"
    )
    report = only_read(text)
    assert [frame.qualified for frame in report.frames] == ["logging.emit", "till.main", "till.<module>"]
    assert report.culprit == report.frames[1]


@pytest.mark.parametrize(
    ("raised", "below"),
    [
        ("OSError: [Errno 2] ENOENT", "MicroPython v1.22.0 on 2024-01-01; Pico with RP2040\n>>> \n"),
        ("ImportError: no module named 'x'", "\nCode done running.\n"),
        ("NameError: name 'x' is not defined", "Python 3.11.2 (main, Mar  5 2026) [GCC] on linux\n>>> \n"),
    ],
)
def test_small_interpreters(raised: str, below: str) -> None:
    report = only(f'{HEADER}  File "main.py", line 3, in <module>\n  File "till.py", line 9, in open_till\n{raised}\n{below}')
    assert (report.error_type, report.message) == tuple(raised.split(": ", 1))
    assert report.frames[0].qualified == "till.open_till"


def test_number_signs_of_maya() -> None:
    report = only(f"# {HEADER}#   File \"C:/shop/till.py\", line 4, in open_till\n#     x = y['blue']\n# KeyError: 'blue' # \n")
    assert (report.error_type, report.message) == ("KeyError", "'blue'")


@pytest.mark.parametrize("source", ["", "    x = y['blue']\n"])
@pytest.mark.parametrize("end", ["", "...\n(3 additional frame(s) were not displayed)\n"])
def test_frames_below_their_error_are_innermost_first(source: str, end: str) -> None:
    report = only(
        f"Issue 5\n\nKeyError: 'blue'\n  File \"shop/till.py\", line 3, in open_till\n{source}"
        f'  File "shop/main.py", line 9, in main\n{source}{end}'
    )
    assert (report.error_type, report.message) == ("KeyError", "'blue'")
    assert [frame.qualified for frame in report.frames] == ["till.open_till", "main.main"]


def test_frames_of_a_truncated_traceback_are_outermost_first() -> None:
    report = only(
        '  File "shop/main.py", line 9, in main\n    x()\n  File "shop/till.py", line 3, in open_till\n    y()\nKeyError: 1\n'
    )
    assert [frame.qualified for frame in report.frames] == ["till.open_till", "main.main"]


HOSTILE = {
    "errors from java": SPARK.format(first="", worker="", cause="a.B: c"),
    "levels": f"[ERROR] a.B: c\n{HEADER}",
    "announced": f"{HEADER}{FRAMES}RuntimeError: a:\n",
    "records": f"2026-03-05 ERROR a.b.Error.Error\n{HEADER}{FRAMES}\n",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly(piece: str) -> None:
    assert_linear(lambda text: list(read(text, "python").reports), lambda count: piece * count, 400)
