""".NET errors: inner exceptions, groups, Mono, Unity, other languages, the event log, logs, truncated ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear
from reading import names

from graph.model.report import ParsedReport
from graph.parsing.dotnet.frames import parse_frame
from graph.parsing.dotnet.parser import DotnetParser

# Made with Mono 6.8.
MONO = """
Unhandled Exception:
System.AggregateException: One or more errors occurred. (outer
second) ---> System.InvalidOperationException: outer
second ---> System.Collections.Generic.KeyNotFoundException: The given key 'x' was not present in the dictionary.
  at System.Collections.Generic.Dictionary`2[TKey,TValue].get_Item (TKey key) [0x00021] in <12b418a7818c4ca0>:0\x20
  at Shop.Cart.Get (System.Collections.Generic.Dictionary`2[TKey,TValue] d, System.String k) [0x00003] in /srv/t.cs:3\x20
   --- End of inner exception stack trace ---
  at Shop.Cart.A () [0x0006c] in /srv/t.cs:5\x20
  at (wrapper managed-to-native) System.Reflection.RuntimeMethodInfo.InternalInvoke(System.Reflection.RuntimeMethodInfo,object)
   --- End of inner exception stack trace ---
  at System.Threading.Tasks.Task.Wait () [0x00000] in <12b418a7818c4ca0>:0\x20
  at Shop.Cart.Main (System.String[] a) [0x0002f] in /srv/t.cs:9\x20
---> (Inner Exception #0) System.InvalidOperationException: outer
second ---> System.Collections.Generic.KeyNotFoundException: The given key 'x' was not present in the dictionary.
  at System.Collections.Generic.Dictionary`2[TKey,TValue].get_Item (TKey key) [0x00021] in <12b418a7818c4ca0>:0\x20
   --- End of inner exception stack trace ---
  at Shop.Cart.A () [0x0006c] in /srv/t.cs:5 <---

---> (Inner Exception #1) System.FormatException: b
  at Shop.Cart.<Main>m__1 () [0x00006] in /srv/t.cs:10 <---

"""


def parsed(text: str) -> list[ParsedReport]:
    return list(DotnetParser().parse(text))


def only(text: str) -> ParsedReport:
    assert DotnetParser().sniff(text) > 0
    [report] = parsed(text)
    return report


def test_a_mono_aggregate_exception() -> None:
    report = only(MONO)
    assert (report.error_type, report.message) == ("System.AggregateException", "One or more errors occurred. (outer\nsecond)")
    assert names(report) == ["System.Threading.Tasks.Task.Wait", "Shop.Cart.Main"]
    assert [(frame.file, frame.line, frame.in_app) for frame in report.frames] == [(None, None, False), ("/srv/t.cs", 9, None)]
    assert report.culprit == report.frames[1]
    assert [(one.relation, one.error_type, len(one.frames)) for one in report.causes] == [
        ("cause", "System.InvalidOperationException", 2),
        ("cause", "System.Collections.Generic.KeyNotFoundException", 2),
        ("member", "System.FormatException", 1),
    ]
    assert report.causes[0].message == "outer\nsecond"
    assert report.span == (1, len(MONO) - 1)


def test_an_error_that_mono_prints_twice_is_one_report() -> None:
    error = MONO.removeprefix("\nUnhandled Exception:\n")
    assert only(f"{MONO}[ERROR] FATAL UNHANDLED EXCEPTION: {error}").span[1] > len(MONO)


def test_a_dotnet_8_error() -> None:
    text = (
        "Unhandled exception. System.AggregateException: One or more errors occurred. (a) (b)\n"
        " ---> System.ArgumentException: a\n"
        "   at Program.<>c.<<Main>$>b__0_0() in /src/Program.cs:line 3\n"
        "   --- End of inner exception stack trace ---\n"
        "   at System.Threading.Tasks.Task.WaitAllCore(Task[] tasks, Int32 millisecondsTimeout)\n"
        "   at Program.<Main>$(String[] args) in /src/Program.cs:line 2\n"
        " ---> (Inner Exception #1) System.FormatException: b\n"
        "   at Program.<>c.<<Main>$>b__0_1() in /src/Program.cs:line 4<---\n\nAborted (core dumped)\n"
    )
    report = only(text)
    assert names(report)[1] == "Program.<Main>$"
    assert [(one.relation, one.message, [frame.line for frame in one.frames]) for one in report.causes] == [
        ("cause", "a", [3]),
        ("member", "b", [4]),
    ]
    assert text[report.span[1] :].strip() == "Aborted (core dumped)"


def test_an_asynchronous_stack_in_a_log() -> None:
    text = (
        "2024-05-01 10:00:00.123 +02:00 [ERR] Failed to pay\n"
        'Npgsql.PostgresException (0x80004005): 23505: duplicate key violates "pk"\n\nDETAIL: redacted\n'
        "   at Npgsql.Internal.Connector.ReadMessageLong(Boolean async, DataRowLoadingMode mode)\n"
        "--- End of stack trace from previous location ---\n"
        "   at Shop.Store.SaveAsync(Cart cart) in C:\\a b\\Shop\\Store.cs:line 77\n"
        "   at Shop.Checkout.<Pay>d__5.MoveNext() in C:\\Shop\\Checkout.cs:line 9\n"
        "  Exception data:\n    Severity: ERROR\n2024-05-01 10:00:00.123 +02:00 [INF] ok\n"
    )
    report = only(text)
    assert (report.error_type, report.extra) == ("Npgsql.PostgresException", {"error_code": "0x80004005"})
    assert report.message == '23505: duplicate key violates "pk"\n\nDETAIL: redacted'
    assert (report.frame_count, report.frames[1].file, report.frames[1].line) == (3, "C:\\a b\\Shop\\Store.cs", 77)
    assert report.frames[2].module == "Shop.Checkout.<Pay>d__5"


@pytest.mark.parametrize(
    ("begin", "frame", "end"),
    [
        (
            "Unbehandelte Ausnahme: ",
            "   bei {}() in C:\\s\\Cart.cs:Zeile 12.",
            "--- Ende der internen Ausnahmestapelüberwachung ---",
        ),
        (
            "Exception non gérée : ",
            "   à {}() dans C:\\s\\Cart.cs:ligne 12",
            "--- Fin de la trace de la pile d'exception interne ---",
        ),
        ("", "   en {}() en C:\\s\\Cart.cs:línea 12", "--- Fin del seguimiento de la pila de la excepción interna ---"),
        ("", "   в {}() в C:\\s\\Cart.cs:строка 12", "--- Конец трассировки внутреннего стека исключений ---"),
        ("", "   場所 {}() 場所 C:\\s\\Cart.cs:行 12", "--- 内部例外スタック トレースの終わり ---"),
        ("", "   在 {}() 位置 C:\\s\\Cart.cs:行号 12", "--- 内部异常堆栈跟踪的结尾 ---"),
    ],
)
def test_other_languages(begin: str, frame: str, end: str) -> None:
    inner, outer = frame.format("Shop.Cart.Get"), frame.format("Shop.Cart.Outer")
    report = only(
        f"{begin}System.InvalidOperationException: außen ---> System.ArgumentException: innen\n{inner}\n   {end}\n{outer}\n"
    )
    assert (report.error_type, report.message, names(report)) == (
        "System.InvalidOperationException",
        "außen",
        ["Shop.Cart.Outer"],
    )
    assert (report.frames[0].file, report.frames[0].line) == ("C:\\s\\Cart.cs", 12)
    assert [(one.message, one.frames[0].qualified) for one in report.causes] == [("innen", "Shop.Cart.Get")]


def test_the_windows_event_log() -> None:
    report = only(
        "Application: Shop.exe\nCoreCLR Version: 6.0.1221.52206\n.NET Version: 6.0.12\n"
        "Description: The process was terminated due to an unhandled exception.\n"
        "Exception Info: System.NullReferenceException: Object reference not set.\n"
        "   at Shop.Cart.Get(String k)\n   at Shop.Program.Main()\n"
    )
    assert (report.product, report.environment, report.span[0]) == ("Shop", {"runtime": ".NET 6.0.12"}, 0)
    assert (report.error_type, report.culprit) == ("System.NullReferenceException", report.frames[0])


def test_recursion_counted_by_the_runtime() -> None:
    report = only(
        f"Stack overflow.\nRepeat 24101 times:\n{'-' * 32}\n   at Shop.Program.Rec(Int32)\n{'-' * 32}\n"
        "   at Shop.Program.Main(System.String[])\n"
    )
    assert (report.error_type, report.frame_count, [frame.repeated for frame in report.frames]) == (
        "Stack overflow",
        24102,
        [24101, 1],
    )


@pytest.mark.parametrize(
    ("head", "error_type", "message"),
    [
        ("Process terminated. Assertion failed.\ncart open", "Process terminated", "Assertion failed.\ncart open"),
        (
            "Fatal error. System.AccessViolationException: Attempted to read",
            "System.AccessViolationException",
            "Attempted to read",
        ),
        ("Fatal error. Internal CLR error. (0x80131506)", "Fatal error", "Internal CLR error. (0x80131506)"),
        ("fail: Shop[13]\n      Unhandled.\n   Shop.CartException", "Shop.CartException", ""),
        ("ERROR worker died: System.IO.IOException: disk", "System.IO.IOException", "disk"),
        ("System.ServiceModel.FaultException`1[Shop.Detail]: no", "System.ServiceModel.FaultException`1[Shop.Detail]", "no"),
        ("Shop.Problem: no", "Shop.Problem", "no"),
    ],
)
def test_headers(head: str, error_type: str, message: str) -> None:
    report = only(f"{head}\n   at System.Foo.Fail(String a)\n   at Shop.Cart.Get(String k) in /s/Cart.cs:line 3\n")
    assert (report.error_type, report.message, report.culprit) == (error_type, message, report.frames[1])


def test_unity() -> None:
    report = only(
        "NullReferenceException: Object reference not set to an instance of an object\n"
        "Shop.Player.Update () (at Assets/Scripts/Player.cs:12)\nUnityEngine.Foo:Bar(Object) (at /x/Foo.cs:3)\n\nnext\n"
    )
    assert [(frame.qualified, frame.line) for frame in report.frames] == [
        ("Shop.Player.Update", 12),
        ("UnityEngine.Foo.Bar", 3),
    ]


@pytest.mark.parametrize("prefix", ["web_1  | ", "2024-05-01T10:00:00.123456789Z stderr F ", "    "])
def test_a_prefix_on_every_line_is_removed(prefix: str) -> None:
    example = DotnetParser().example
    plain, prefixed = only(example), only("".join(f"{prefix}{line}\n" for line in example.splitlines()) + "next\n")
    assert (plain.error_type, plain.message, plain.frames) == (prefixed.error_type, prefixed.message, prefixed.frames)
    assert [one.frames for one in plain.causes] == [one.frames for one in prefixed.causes]


@pytest.mark.parametrize(
    ("line", "module", "function", "place"),
    [
        ("at Shop.Cart..ctor(String s)", "Shop.Cart", ".ctor", (None, None)),
        ("at Shop.Cart.Get[T](T x) in /s/a:b.cs:line 3", "Shop.Cart", "Get[T]", ("/s/a:b.cs", 3)),
        ("at Shop.Cart.<>c__DisplayClass1_0.<M>b__0(Object x)", "Shop.Cart.<>c__DisplayClass1_0", "<M>b__0", (None, None)),
        ("at Shop.Cart.M(String) + 0x1f in /s/a.cs:line 3", "Shop.Cart", "M", ("/s/a.cs", 3)),
        ("at lambda_method(Closure , Object )", "", "lambda_method", (None, None)),
    ],
)
def test_frame(line: str, module: str, function: str, place: tuple[str | None, int | None]) -> None:
    frame = parse_frame(line)
    assert frame is not None
    assert (frame.module, frame.function, (frame.file, frame.line)) == (module, function, place)


@pytest.mark.parametrize(
    "line",
    [
        "at foo (/srv/a.js:1:2)",
        "at Object.bar(file.js:1:3)",
        "at Array.map (native)",
        "at new Promise (<anonymous>)",
        "at shop.Cart.add(Cart.java:4)",
        "at shop.Cart.add(Native Method)",
        "at noon (see below)",
        "at f(x)",
    ],
)
def test_lines_that_are_not_frames(line: str) -> None:
    assert parse_frame(line) is None


def test_truncated_at_either_end() -> None:
    end = only("System.InvalidOperationException: x\n   at Shop.Cart.Get(String k) in /s/Cart.cs:line 3\n   at Shop.Cart.Ge")
    assert (end.truncated, end.frame_count, end.error_type) == (True, 1, "System.InvalidOperationException")
    start = only("   at Shop.Cart.Get(String k) in /s/Cart.cs:line 3\n   at Shop.Cart.Put(String k) in /s/Cart.cs:line 4\n")
    assert (start.truncated, start.frame_count, start.error_type) == (True, 2, "")
    assert parsed("We met at Foo.Bar(x) and at Baz(y).\n") == []


HOSTILE = {
    "at": lambda n: "at " * 6 * n,
    "open": lambda n: "   at A.B(" * 2 * n,
    "flat": lambda n: "System.X: y" + " at Shop.A.B(String x)" * n,
    "inner": lambda n: "System.Exception: y" + " ---> System.Exception: z" * n + "\n   at A.B()\n" * 2,
    "ends": lambda n: "System.Exception: y\n   at A.B()\n" + "   --- End of inner exception stack trace ---\n" * n,
    "members": lambda n: (
        "System.Exception: y\n   at A.B()\n" + " ---> (Inner Exception #1) System.Exception: b\n   at A.B()\n" * (n // 4)
    ),
    "unity": lambda n: "A.B () (at x:1)" * n,
}


def parse_all(text: str) -> None:
    for report in parsed(text):
        assert 0 <= report.span[0] < report.span[1] <= len(text)


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 16_000)


def test_odd_characters_do_not_raise() -> None:
    parse_all("System.\u202eException\x00: \ud800y\n   at Shop.\u2066A.B()\n   at C.D()\n")
