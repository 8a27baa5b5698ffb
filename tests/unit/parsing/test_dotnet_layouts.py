""".NET errors without indentation, in other languages, with messages like headers, on error pages, and of PowerShell."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import names, only_report

from graph.parsing.dotnet.parser import DotnetParser

only = partial(only_report, "dotnet")


ERRORS = {
    "plain": "System.InvalidOperationException: till is closed\n{0}{1}",
    "unhandled": "Unhandled exception. System.InvalidOperationException: till is closed\n{0}{1}",
    "log": "2026-03-05 10:15:22 ERROR failed\nSystem.InvalidOperationException: till is closed\n{0}{1}10:15:23 INFO x\n",
}
FRAMES = (
    (
        "at Shop.Till.Open(Int32 egg) in /src/Till.cs:line 31\n",
        "at Shop.Program.Main(String[] args) in /src/Program.cs:line 14\n",
    ),
    ("at Shop.Till.Open(Int32 egg)\n", "at Shop.Program.Main()\n"),
    ("at Shop.Till.Open(Int32 egg) in C:\\src\\Till.cs:line 31\r\n", "at Shop.Program.Main(String[] args)\r\n"),
)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("frames", FRAMES)
def test_lost_indentation(error: str, frames: tuple[str, str]) -> None:
    report = only(ERRORS[error].format(*frames))
    assert (report.error_type, report.message) == ("System.InvalidOperationException", "till is closed")
    assert names(report) == ["Shop.Till.Open", "Shop.Program.Main"]


def test_lost_indentation_of_a_chain() -> None:
    report = only(
        "System.Exception: outer ---> System.IO.IOException: inner\nat Shop.Till.Open(Int32 egg)\n"
        "--- End of inner exception stack trace ---\nat Shop.Program.Main(String[] args)\n"
    )
    assert (report.message, names(report)) == ("outer", ["Shop.Program.Main"])
    assert [(cause.error_type, len(cause.frames)) for cause in report.causes] == [("System.IO.IOException", 1)]


@pytest.mark.parametrize("word", ["bei", "à", "en", "em", "in", "в", "w", "v", "på", "vid", "場所", "在", "於", "위치:"])
def test_other_languages_without_source_locations(word: str) -> None:
    report = only(
        f"System.InvalidOperationException: zu\n   {word} Shop.Till.Open(Int32 egg, String a)\n   {word} Shop.Program.Main()\n"
    )
    assert (report.error_type, names(report)) == ("System.InvalidOperationException", ["Shop.Till.Open", "Shop.Program.Main"])


@pytest.mark.parametrize(
    "end", ["Ende der internen Ausnahmestapelüberwachung", "Fin de la trace de la pile d'exception interne"]
)
def test_other_languages_with_an_inner_exception(end: str) -> None:
    report = only(
        "System.TypeInitializationException: Fehler ---> System.IO.IOException: weg\n   bei Shop.Config..cctor()\n"
        f"   --- {end} ---\n   bei Shop.Program.Main(String[] args)\n"
    )
    assert names(report) == ["Shop.Program.Main"]
    assert [(cause.error_type, len(cause.frames)) for cause in report.causes] == [("System.IO.IOException", 1)]


@pytest.mark.parametrize(
    "message",
    [
        "bad till\nParameter name: till",
        "Assert.Equal() Failure\nExpected: 3\nActual:   4",
        "columns\nShop.Thing.Error: none",
        "2 errors\nSystem.IO.IOException: gone\nShop.TillException: closed",
        "a\nInner error: x\nError: y",
        "2 errors\n\nSystem.IO.IOException: gone\n\nShop.TillException: closed",
        "V2 failed\n----\nSQL State  : 42601\nMessage    : ERROR: near x",
        "bad grammar\nERROR: no column\n  Hint: none",
        "Output differs:\n2026-03-05 10:15:22 INFO Till - opened\nExpected: closed",
    ],
)
@pytest.mark.parametrize("before", ["", "[10:15:22 ERR] failed\n", "2026-03-05 10:15:22,1 ERROR x\n"])
def test_lines_of_a_message_are_no_exception(message: str, before: str) -> None:
    report = only(f"{before}Shop.OrderException: {message}\n   at Shop.Till.Open(Int32 egg) in /src/Till.cs:line 31\n")
    assert (report.error_type, report.message) == ("Shop.OrderException", message)


def test_a_message_of_several_lines_in_a_log_with_a_margin() -> None:
    report = only(
        "fail: Shop.Web[1]\n      An unhandled exception has occurred.\n      System.InvalidOperationException: closed\n"
        "      size: 3\n         at Shop.Till.Open(Int32 egg) in /src/Till.cs:line 31\n"
        "      --- End of stack trace from previous location ---\n         at Shop.Program.Main()\n"
    )
    assert (report.message, names(report)) == ("closed\nsize: 3", ["Shop.Till.Open", "Shop.Program.Main"])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_error_page_of_aspnet(newline: str) -> None:
    text = (
        "Exception Details: System.IO.IOException: disk is full\n\nStack Trace:\n\n[IOException: disk is full]\n"
        "   Shop.Disk.Write(Byte[] x) in c:\\src\\Disk.cs:31\n   System.Web.UI.Page.ProcessRequest(Boolean a) +95\n\n"
        "[HttpUnhandledException (0x80004005): Exception of type 'x' was thrown.]\n"
        "   System.Web.UI.Page.HandleError(Exception e) +11780593\n\n-----\nVersion Information: 4.0\n"
    )
    report = only(text.replace("\n", newline))
    assert (report.error_type, report.extra) == ("HttpUnhandledException", {"error_code": "0x80004005"})
    [cause] = report.causes
    assert (cause.error_type, cause.message, cause.frames[0].qualified) == (
        "System.IO.IOException",
        "disk is full",
        "Shop.Disk.Write",
    )
    assert (cause.frames[0].file, cause.frames[0].line, report.culprit) == ("c:\\src\\Disk.cs", 31, cause.frames[0])


def test_an_error_of_windows_powershell() -> None:
    report = only(
        "PS C:\\shop> .\\till.ps1\n\nOpen-Till : The till is closed,\nask Kim.\n"
        "At C:\\shop\\till.ps1:5 char:12\n+     Open-Till $name\n"
        "+     ~~~~~~~~~\n    + CategoryInfo          : InvalidData: (:) [Open-Till], TillClosedException\n"
        "    + FullyQualifiedErrorId : Closed,Open-Till\n\nPS C:\\shop>\n"
    )
    assert (report.error_type, report.message) == ("TillClosedException", "The till is closed,\nask Kim.")
    assert (report.frames[0].file, report.frames[0].line) == ("C:\\shop\\till.ps1", 5)
    assert report.extra == {"category": "InvalidData", "command": "Open-Till", "error_id": "Closed,Open-Till"}


def test_an_error_of_powershell_7() -> None:
    report = only(
        "Exception: /shop/till.ps1:5\nLine |\n   5 |      throw 'closed'\n"
        "     |      ~~~~~~~~~~~~~~\n     | The till is closed,\n     | ask Kim.\n"
    )
    assert (report.error_type, report.message) == ("Exception", "The till is closed,\nask Kim.")
    assert (report.frames[0].file, report.frames[0].line) == ("/shop/till.ps1", 5)


HOSTILE = {
    "flush": "at a.b(c d)\n",
    "local": "   bei a.b(c d)\n",
    "page": "[AException: a\n   b.c() +1\n",
    "page with frames": "[AException: a]\n   b.c() +1\n",
    "category": "a : b\nAt c:1 char:1\n    + CategoryInfo : D: (:) [], E\n",
    "concise": "A: b:1\nLine |\n  1 | x\n",
    "headers": "A.BException: c\n",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly(piece: str) -> None:
    assert_linear(lambda text: list(DotnetParser().parse(text)), lambda count: piece * count + "   at a.b(c d)\n" * 2, 8_000)
