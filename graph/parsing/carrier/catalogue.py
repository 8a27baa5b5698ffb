"""The carriers that are undone, each with what a program wrote to it.

None of them is recognised by its name: the list is for the documentation and the tests, which send the example of every
format through every carrier.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Carry: TypeAlias = Callable[[str], str]
CarryLine: TypeAlias = Callable[[int, str], str]

RECEIVED = 1_772_705_722_123
"""Milliseconds: 5 March 2026, 10:15:22.123 UTC."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier: what it is called, and how it writes down a text that it carries."""

    name: str
    title: str
    carry: Carry


def _each_line(carry: CarryLine) -> Carry:
    def carry_text(text: str) -> str:
        return "".join(f"{carry(number, line)}\n" for number, line in enumerate(text.rstrip("\n").split("\n")))

    return carry_text


def _prefix(prefix: str) -> Carry:
    """The carrier that puts a prefix before each line; ``{n}`` is a number that grows with each line."""
    return _each_line(lambda number, line: f"{prefix.replace('{n}', str(123 + number))}{line}")


def _nanoseconds(number: int) -> str:
    """A time with trailing zeros cut, as container runtimes write it."""
    return f"2026-03-05T10:15:22.{f'{123_456_789 + number * 4_100:09}'.rstrip('0')}Z"


def _record(fields: Callable[[int, str], dict[str, object]]) -> Carry:
    return _each_line(lambda number, line: json.dumps(fields(number, line)))


def _events(text: str) -> str:
    events = [
        {"logStreamName": "mill/7c9", "timestamp": RECEIVED + number, "message": line, "eventId": f"38{number}"}
        for number, line in enumerate(text.rstrip("\n").split("\n"))
    ]
    return json.dumps({"events": events, "searchedLogStreams": []}, indent=4) + "\n"


def _streams(text: str) -> str:
    """The newest line first, as Loki answers; it sorts lines of one program by a level that it guesses."""
    lines = list(enumerate(text.rstrip("\n").split("\n")))
    streams = [
        {
            "stream": {"app": "mill", "pod": "store-1", "detected_level": level},
            "values": [[str(RECEIVED * 1_000_000 + number), line] for number, line in reversed(lines) if number % 3 == third],
        }
        for level, third in (("error", 0), ("unknown", 1), ("info", 2))
    ]
    return json.dumps({"status": "success", "data": {"resultType": "streams", "result": streams}}) + "\n"


def _entries_newest_first(text: str) -> str:
    """What ``gcloud logging read --format=json`` prints: the time of a record is behind its text."""
    entries = [
        {
            "insertId": f"1x{number}",
            "resource": {"labels": {"pod_name": "mill-7c9"}, "type": "k8s_container"},
            "severity": "ERROR",
            "textPayload": line,
            "timestamp": f"2026-03-05T10:15:22.{123_456 + number}Z",
        }
        for number, line in enumerate(text.rstrip("\n").split("\n"))
    ]
    return json.dumps(entries[::-1], indent=2) + "\n"


def _rows(text: str) -> str:
    """The newest line first, as CloudWatch Logs Insights exports them."""
    lines = text.rstrip("\n").split("\n")
    rows = [(f"2026-03-05 10:15:22.{123 + number}", line) for number, line in enumerate(lines)]
    return _csv([("@timestamp", "@message"), *rows[::-1]])


def _cell(text: str) -> str:
    return _csv([("time", "service", "message"), ("2026-03-05 10:15:22", "mill", text.rstrip("\n"))])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)


def _interleaved(text: str) -> str:
    lines: list[str] = []
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        lines += (
            f"Mar 05 10:15:22 host mill[771]: {line}",
            f"Mar 05 10:15:22 host systemd[1]: Started Session {number} of User ann.",
        )
    return "\n".join(lines) + "\n"


def _supervised(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    header = "2026-03-05 10:15:22,{} DEBG 'mill' stderr output:\n"
    return "".join(
        f"{header.format(123 + number)}{chr(10).join(piece)}\n\n"
        for number, piece in enumerate((lines[:2], lines[2:]))
        if piece
    )


def _entries(text: str) -> str:
    return "".join(
        f"Thu 2026-03-05 10:15:22.{123_456 + number} UTC [s=7c9;i={number}]\n"
        f"    _PID=771\n    SYSLOG_IDENTIFIER=mill\n    MESSAGE={line}\n"
        for number, line in enumerate(text.rstrip("\n").split("\n"))
    )


def _exported(text: str) -> str:
    return "".join(
        f"__CURSOR=s=7c9;i={number}\n__REALTIME_TIMESTAMP={RECEIVED * 1_000 + number}\n_PID=771\nMESSAGE={line}\n\n"
        for number, line in enumerate(text.rstrip("\n").split("\n"))
    )


def _strings(text: str) -> str:
    lines = ",\n".join(f"        {json.dumps(line)}" for line in text.rstrip("\n").split("\n"))
    return f'"stderr_lines": [\n{lines}\n    ]\n'


def _pip(text: str) -> str:
    lines = "".join(f"      {line}\n" for line in text.rstrip("\n").split("\n"))
    return f"  python setup.py egg_info did not run\n  \u2570\u2500> [9 lines of output]\n{lines}      [end of output]\n"


def _octal(text: str) -> str:
    return "Mar  5 10:15:22 host mill[771]: " + text.rstrip("\n").replace("\n", "#012").replace("\t", "#011") + "\n"


def _html(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(character, entity)
    return text.replace("  ", "&nbsp; ").replace("\n", "<br>\n")


CARRIERS: tuple[Carrier, ...] = (
    Carrier("cri", "Logs of Kubernetes nodes (CRI)", _each_line(lambda n, line: f"{_nanoseconds(n)} stderr F {line}")),
    Carrier(
        "kubectl --timestamps", "kubectl and docker logs with times", _each_line(lambda n, line: f"{_nanoseconds(n)} {line}")
    ),
    Carrier("kubectl --prefix", "kubectl logs of several pods", _prefix("[pod/mill-7c9/store] ")),
    Carrier("stern", "stern and kail", _prefix("mill-6d5f9-x2k8p store ")),
    Carrier("compose", "Docker Compose", _prefix("store-1  | ")),
    Carrier("compose with colours", "Docker Compose on a terminal", _prefix("\x1b[36mstore-1  | \x1b[0m")),
    Carrier("swarm", "docker service logs", _prefix("mill_store.1.x8kq2@host    | ")),
    Carrier(
        "docker json-file",
        "Log files of Docker",
        _record(lambda n, line: {"log": f"{line}\n", "stream": "stderr", "time": _nanoseconds(n)}),
    ),
    Carrier(
        "fluentd",
        "fluentd, Fluent Bit and Vector",
        _record(lambda n, line: {"time": _nanoseconds(n), "log": line, "kubernetes": {"pod_name": "mill-7c9"}}),
    ),
    Carrier(
        "loki",
        "Grafana Loki's JSON lines",
        _record(lambda n, line: {"timestamp": str(RECEIVED * 1_000_000 + n), "line": line}),
    ),
    Carrier(
        "google cloud",
        "Google Cloud Logging",
        _record(
            lambda n, line: {
                "textPayload": line,
                "timestamp": _nanoseconds(n),
                "logName": "projects/mill/logs/stderr",
                "severity": "ERROR",
            }
        ),
    ),
    Carrier("loki query", "Answers of Loki's API, of several streams", _streams),
    Carrier("google cloud, newest first", "gcloud logging read", _entries_newest_first),
    Carrier("cloudwatch insights", "CloudWatch Logs Insights, exported as CSV", _rows),
    Carrier("csv", "CSV with a whole text in one cell", _cell),
    Carrier("cloudwatch", "aws logs tail", _prefix("2026-03-05T10:15:22.{n}000+00:00 mill/store/0a1b2c ")),
    Carrier("cloudwatch events", "aws logs filter-log-events", _events),
    Carrier(
        "cloudwatch json",
        "CloudWatch subscriptions and exports",
        _record(lambda n, line: {"timestamp": RECEIVED + n, "message": line}),
    ),
    Carrier("heroku", "heroku logs", _prefix("2026-03-05T10:15:22.{n}456+00:00 app[web.1]: ")),
    Carrier("journal", "journalctl", _prefix("Mar 05 10:15:22 host mill[771]: ")),
    Carrier("journal, interleaved", "journalctl with lines of other units between", _interleaved),
    Carrier("journal, precise", "journalctl -o short-precise", _prefix("Mar 05 10:15:22.{n}456 host mill[771]: ")),
    Carrier("journal, iso", "journalctl -o short-iso", _prefix("2026-03-05T10:15:22+0000 host mill[771]: ")),
    Carrier(
        "journal, json",
        "journalctl -o json",
        _record(
            lambda n, line: {
                "__REALTIME_TIMESTAMP": str(RECEIVED * 1_000 + n),
                "_PID": "771",
                "SYSLOG_IDENTIFIER": "mill",
                "PRIORITY": "3",
                "MESSAGE": line,
            }
        ),
    ),
    Carrier("journal, monotonic", "journalctl -o short-monotonic", _prefix("[   12.{n}456] host mill[771]: ")),
    Carrier("journal, verbose", "journalctl -o verbose", _entries),
    Carrier("journal, export", "journalctl -o export", _exported),
    Carrier("syslog", "RFC 3164", _prefix("<11>Mar  5 10:15:22 host mill[771]: ")),
    Carrier("syslog 5424", "RFC 5424", _prefix('<11>1 2026-03-05T10:15:22.{n}Z host mill 771 ID47 [meta sequenceId="{n}"] ')),
    Carrier("rsyslog", "Control characters in octal", _octal),
    Carrier("escaped", "A text of several lines in one JSON string", lambda text: json.dumps(text) + "\n"),
    Carrier(
        "php-fpm",
        "PHP-FPM's log of its workers",
        _each_line(lambda _, line: f'[05-Mar-2026 10:15:22] WARNING: [pool www] child 7 said into stderr: "{line}"'),
    ),
    Carrier("supervisord", "supervisord at level debug", _supervised),
    Carrier("celery", "Celery, output redirected to its log", _prefix("[2026-03-05 10:15:22,{n}: WARNING/ForkPoolWorker-4] ")),
    Carrier("rails", "Rails' tagged logging", _prefix("[9f0c2a9e-1111-4f7e-9b3e-aaaaaaaaaaaa] ")),
    Carrier(
        "logger", "Any logger that is given each line of a stack", _prefix("2026-03-05 10:15:22,{n} ERROR [main] mill.Store - ")
    ),
    Carrier("logcat", "Android, threadtime", _prefix("03-05 10:15:22.{n}  4120  4188 E store   : ")),
    Carrier("logcat brief", "Android, brief", _prefix("E/store   ( 4120): ")),
    Carrier("logcat time", "Android, time", _prefix("03-05 10:15:22.{n} E/store( 4120): ")),
    Carrier(
        "logcat long",
        "Android, long",
        lambda text: (
            f"[ 03-05 10:15:22.123  4120: 4188 E/store ]\n{text.rstrip()}\n\n"
            "[ 03-05 10:15:23.456  4120: 4188 I/other ]\nready\n\n"
        ),
    ),
    Carrier("github actions", "GitHub Actions", _prefix("2026-03-05T10:15:22.{n}4567Z ")),
    Carrier("github actions, errors", "GitHub Actions, annotated", _prefix("2026-03-05T10:15:22.{n}4567Z ##[error]")),
    Carrier("gh run view", "gh run view --log", _prefix("build\tRun tests\t2026-03-05T10:15:22.{n}4567Z ")),
    Carrier("gitlab", "GitLab CI", _prefix("2026-03-05T10:15:22.{n}456Z 00E ")),
    Carrier("jenkins", "Jenkins pipelines", _prefix("[pipeline] ")),
    Carrier("teamcity", "TeamCity", _prefix("[10:15:22]W:\t [Step 1/3] ")),
    Carrier("buildkite", "Buildkite", _prefix("\x1b_bk;t=1772705722{n}\x07")),
    Carrier("ansible", "Ansible's lists of output lines", _strings),
    Carrier("pip", "pip, output of a build", _pip),
    Carrier("npm", "npm", _prefix("npm ERR! ")),
    Carrier("node-gyp", "node-gyp", _prefix("gyp ERR! stack ")),
    Carrier("airflow", "Airflow's tasks", _prefix("[2026-03-05T10:15:22.{n}+0000] {subprocess.py:93} INFO - ")),
    Carrier("ray", "Ray's workers", _prefix("(weigh pid=771, ip=10.0.0.7) ")),
    Carrier("torchrun", "torchrun", _prefix("[rank0]: ")),
    Carrier("slurm", "srun --label", _prefix("3: ")),
    Carrier("mpirun", "mpirun --tag-output", _prefix("[1,0]<stderr>:")),
    Carrier("logcli", "Loki's logcli", _prefix('2026-03-05T10:15:22Z {app="mill", pod="store-1"} ')),
    Carrier("fly", "fly logs", _prefix("2026-03-05T10:15:22Z app[148e] ams [info]")),
    Carrier("foreman", "foreman and honcho", _prefix("10:15:22 web.1  | ")),
    Carrier("tilt", "Tilt", _prefix("store \u2502 ")),
    Carrier("buildkit", "docker build", _prefix("#12 3.{n} ")),
    Carrier("pm2", "PM2", _prefix("0|store    | ")),
    Carrier("quote", "Quotes in mail and chat", _prefix("> ")),
    Carrier("quote of a quote", "Quotes in quotes", _prefix("> > ")),
    Carrier("bars", "Quotes with bars", _prefix("| ")),
    Carrier("fence", "Code fences of Markdown", lambda text: f"It fails like this:\n\n```\n{text}```\n\nVersion 3.1 worked.\n"),
    Carrier("fence of a chat", "Code fences on the lines of the text", lambda text: f"Kim  10:15 AM\n```{text.rstrip()}```\n"),
    Carrier("repr", "A text of several lines as Python prints a string", lambda text: f"stderr={text!r}\n"),
    Carrier("no-break spaces", "Blanks of web pages", lambda text: text.replace("\t", "    ").replace(" ", "\u00a0")),
    Carrier("html", "HTML source", _html),
    Carrier("colours", "Terminal codes", _prefix("\x1b[31m")),
    Carrier("colours, printed", "Terminal codes as text", _each_line(lambda _, line: f"^[[31m{line}^[[0m")),
    Carrier("colours, damaged", "Terminal codes that lost their escape", _each_line(lambda _, line: f"[31m{line}[0m")),
    Carrier("zero-width", "Invisible characters", _prefix("\u200b")),
)
