"""Where a Python message ends: what another writer prints below it is no part of it, its own further lines are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.model.report import ParsedReport
from graph.parsing.python.parser import PythonParser
from graph.parsing.read import read

STACK = 'Traceback (most recent call last):\n  File "/srv/shop/till.py", line 31, in open_till\n    total = shelf[key]\n'
TAILS = {
    "airflow": "[2026-03-05, 10:15:22 UTC] {taskinstance.py:851} DEBUG - Refreshing",
    "airflow, offset": "[2026-03-05T10:15:22.123+0000] {taskinstance.py:1206} INFO - Marking task as FAILED",
    "logging": "2026-03-05 10:15:22,123 INFO shop: next",
    "logging, bare": "INFO:shop:next",
    "logging, bracket": "[INFO] next",
    "loguru": "2026-03-05 10:15:22.123 | INFO     | shop:main:3 - next",
    "syslog": "Mar  5 10:15:22 host shop[12]: next",
    "klog": "I0305 10:15:22.123456 12 till.py:3] next",
    "tornado": "[I 260305 10:15:22 web:2246] 200 GET / (127.0.0.1) 1.2ms",
    "logfmt": 'time="2026-03-05T10:15:22Z" level=info msg=next',
    "json": '{"level":"info","ts":1772705722.56,"msg":"next"}',
    "json, structlog": '{"event": "next", "logger": "shop", "level": "info"}',
    "gunicorn": "[2026-03-05 10:15:22 +0000] [7] [INFO] Worker exiting (pid: 7)",
    "uvicorn": 'INFO:     127.0.0.1:5000 - "GET / HTTP/1.1" 500 Internal Server Error',
    "access log": '127.0.0.1 - - [05/Mar/2026 10:15:22] "GET / HTTP/1.1" 500 -',
    "access log with a user": '10.1.2.3 - kim [05/Mar/2026:10:15:22 +0000] "GET / HTTP/1.1" 500 12',
    "django": '[05/Mar/2026 10:15:22] "GET / HTTP/1.1" 500 145',
    "uwsgi": "[pid: 7|app: 0|req: 1/1] 127.0.0.1 () {30 vars in 500 bytes} [Thu Mar  5 10:15:22 2026] GET /",
    "apache": "[Thu Mar 05 10:15:22.123 2026] [wsgi:error] [pid 7] next",
    "celery": "[2026-03-05 10:15:22,490: INFO/MainProcess] Task shop.sum[1] retry",
    "flask": " * Restarting with stat",
    "interpreter": ">>> ",
    "ipython": "In [3]: open_till()",
    "pdb": "(Pdb) p key",
    "shell": "$ python till.py",
    "bash": "kim@box:~/shop$ python till.py",
    "root": "root@3f0c2a9e:/app# ",
    "fedora": "[kim@box shop]$ ",
    "venv": "(venv) kim@box:~$ ls",
    "cmd": "C:\\shop>python till.py",
    "powershell": "PS C:\\shop> python till.py",
    "fish": "❯ python till.py",
    "fence": "```",
    "tilde fence": "~~~",
    "html": "</pre>",
    "details": "</details>",
    "make": "make: *** [Makefile:12: till] Error 1",
    "yarn": "error Command failed with exit code 1.",
    "npm": "npm ERR! code ELIFECYCLE",
    "pycharm": "Process finished with exit code 1",
    "kubectl": "command terminated with exit code 1",
    "sublime": "[Finished in 0.3s with exit code 1]",
    "github": "Error: Process completed with exit code 1.",
    "azure": "##[error]Bash exited with code '1'.",
    "lambda": "END RequestId: 3f0c2a9e-1111-4f7e-9b3e-bbbbbbbbbbbb",
    "slurm": "srun: error: node7: task 0: Exited with exit code 1",
    "compose": "worker-1 exited with code 1",
    "bun": "error: script failed with exit code 1",
    "runner": "--- 10:15:22 restarting ---",
    "runner, date": "=== 2026-03-05 10:15:22 starting till ===",
    "nodemon": "[nodemon] app crashed - waiting for file changes before starting...",
    "pause": "Press any key to continue . . .",
    "pause, German": "Drücken Sie eine beliebige Taste . . . ",
    "console": "Press Enter to close this window",
    "signal": "Segmentation fault (core dumped)",
    "unittest": "Ran 3 tests in 0.012s",
    "pytest": "FAILED tests/test_till.py::test_open - KeyError: 'x'",
    "rule": "=========================== short test summary info ===========================",
    "logging error": "--- Logging error ---",
    "ignored": "Exception ignored in: <function Till.__del__ at 0x7f00>",
    "asyncio": "Task exception was never retrieved",
    "warning": "/srv/shop/a.py:3: UserWarning: old",
    "traceback": "Traceback (most recent call last):",
}
MESSAGES = {
    "sqlalchemy": "(psycopg2.errors.UndefinedTable) relation does not exist\nLINE 1: SELECT id\n               ^\n\n[SQL: SELECT id\nFROM tills]\n(Background on this error at: https://example.org/e)",  # noqa: E501
    "pydantic": "2 validation errors for Till\nsize\n  Input should be greater than 0 [type=greater_than]\n    For further information visit https://example.org\nname\n  Field required",  # noqa: E501
    "notes": "[Errno 2] No such file or directory: 'a'\nwhile opening till 5\ncalled from the shop",
    "indented": "bad till:\n  size: 3\n  name: x\n\tstate: open",
    "pairs": "bad till\nsize: 3\nname: open",
    "body of a response": '400 Client Error\n{"error": {"code": 4, "message": "no till"}}',
    "class in a message": "could not open\nshop.TillError: closed",
    "list": "2 problems\n- size\n- name\n* and more",
    "code": "template failed\n<ul>\n  <li>{{ till }}</li>\n</ul>",
    "numbers": "shapes differ\n(3, 4)\n[[1 2]\n [3 4]]",
    "compiler": "command failed\ntill.c:3:10: fatal error: till.h: No such file\ncompilation terminated.",
}  # fmt: skip


def only(text: str) -> ParsedReport:
    [report] = PythonParser().parse(text)
    return report


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize(
    ("raised", "message"),
    [("KeyError: 'blue'", "'blue'"), ("shop.TillError: closed by kim", "closed by kim"), ("ValueError: a\nb: c", "a\nb: c")],
)
def test_what_another_writer_prints_ends_the_message(tail: str, raised: str, message: str) -> None:
    text = f"{STACK}{raised}\n{TAILS[tail]}\nsomething else\n"
    report = next(PythonParser().parse(text))
    assert (report.error_type, report.message) == (raised.partition(":")[0], message)
    assert text[report.span[1] :].startswith(TAILS[tail])


@pytest.mark.parametrize("message", MESSAGES)
def test_further_lines_belong_to_the_message(message: str) -> None:
    text = f"{STACK}shop.TillError: {MESSAGES[message]}\n\nText after a blank line.\n"
    assert only(text).message == MESSAGES[message]


def test_a_key_error_prints_one_line_unless_its_key_has_more() -> None:
    assert only(f"{STACK}KeyError: 'blue'\nnext till\n").message == "'blue'"
    assert only(f"{STACK}KeyError: array([[1, 2],\n       [3, 4]])\n").message == "array([[1, 2],\n       [3, 4]])"


@pytest.mark.parametrize(
    "before",
    ["<2026.3.5#7> till", "T+00012.5s worker", "[worker-3] job", "#7:12:till sum"],
)
def test_a_line_that_begins_like_the_record_above_begins_a_record(before: str) -> None:
    text = f"{before} - failed\n{STACK}shop.TillError: closed\n{before.replace('7', '8')} - next\n"
    assert only(text).message == "closed"


def test_the_time_of_airflows_record() -> None:
    text = f"[2026-03-05, 10:15:22 UTC] {{taskinstance.py:1851}} ERROR - Task failed\n{STACK}KeyError: 'blue'\n"
    [report] = read(text).reports
    assert report.occurred_at == datetime(2026, 3, 5, 10, 15, 22, tzinfo=UTC)


@pytest.mark.parametrize("record", ["INFO:shop:next", "make: *** [till] Error 1", "ERROR: next"])
def test_a_record_below_the_frames_is_no_exception(record: str) -> None:
    report = only(f"{STACK}{record}\n")
    assert (report.error_type, report.truncated) == ("", True)
