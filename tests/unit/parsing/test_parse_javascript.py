"""JavaScript errors: output of Node 20 for small failing programs, and the layouts of other runtimes and browsers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.model.report import ParsedReport
from graph.parsing.javascript.frames import gecko_frame, module_of, v8_frame
from graph.parsing.read import read

only = partial(only_report, "javascript")


def functions(report: ParsedReport) -> list[str]:
    return [frame.function for frame in report.frames]


MAP = """/srv/shop/src/a.js:2
class Cart { constructor() { this.items = []; } total() { return this.items.map(i => i.price.amount); } }
                                                                                             ^

TypeError: Cannot read properties of undefined (reading 'amount')
    at /srv/shop/src/a.js:2:94
    at Array.map (<anonymous>)
    at Cart.total (/srv/shop/src/a.js:2:77)
    at add (/srv/shop/src/a.js:3:48)
    at Object.each (/srv/shop/node_modules/lib/index.js:1:59)
    at run (/srv/shop/src/a.js:4:40)
    at async Promise.all (index 0)
    at async main (/srv/shop/src/a.js:5:25)

Node.js v20.20.2
"""


def test_node_frames() -> None:
    report = only(MAP)
    assert (report.error_type, report.message) == ("TypeError", "Cannot read properties of undefined (reading 'amount')")
    assert functions(report) == ["<anonymous>", "Array.map", "Cart.total", "add", "Object.each", "run", "Promise.all", "main"]
    assert [frame.in_app for frame in report.frames] == [True, False, True, True, False, True, False, True]
    assert (report.frames[0].file, report.frames[0].line) == ("/srv/shop/src/a.js", 2)
    assert report.frames[4].qualified == "lib/index.Object.each"
    assert report.environment == {"runtime": "Node.js v20.20.2"}
    assert report.extra == {"position": "2:94"}
    assert report.span == (0, len(MAP))
    assert blamed(report) == "a.<anonymous>"


CAUSES = """/srv/shop/src/cause.js:3
function outer() { throw x; }
                   ^

RangeError: outer
    at outer (/srv/shop/src/cause.js:3:58)
    at Object.<anonymous> (/srv/shop/src/cause.js:4:1)
    ... 5 lines matching cause stack trace ...
    at node:internal/main/run_main_module:28:49 {
  code: 'EOUTER',
  info: { a: 1, b: [ 1, 2 ] },
  [cause]: Error: cannot load
  second line
      at load (/srv/shop/src/cause.js:2:80)
      at outer (/srv/shop/src/cause.js:3:26)
      ... 5 lines matching cause stack trace ...
      at node:internal/main/run_main_module:28:49 {
    [cause]: Error: ENOENT: no such file or directory, open '/nonexistent/x'
        at Object.openSync (node:fs:573:18)
        at load (/srv/shop/src/cause.js:2:28) {
      errno: -2,
      code: 'ENOENT',
      syscall: 'open'
    }
  }
}

Node.js v20.20.2
"""


def test_causes_in_the_property_block() -> None:
    report = only(CAUSES)
    assert (report.error_type, report.message, report.extra["error_code"]) == ("RangeError", "outer", "EOUTER")
    assert functions(report) == ["outer", "Object.<anonymous>", "<anonymous>"]
    assert [(cause.relation, cause.error_type, cause.message) for cause in report.causes] == [
        ("cause", "Error", "cannot load\nsecond line"),
        ("cause", "Error", "ENOENT: no such file or directory, open '/nonexistent/x'"),
    ]
    assert [frame.function for frame in report.causes[1].frames] == ["Object.openSync", "load"]
    assert report.span == (0, len(CAUSES))


MEMBERS = """node:internal/process/promises:391
    triggerUncaughtException(err, true /* fromPromise */);
    ^

[AggregateError: All promises were rejected] {
  [errors]: [
    TypeError: bad 1
        at f (/srv/shop/src/agg.js:1:29)
        at node:internal/main/run_main_module:28:49,
    TypeError: bad 2
        at f (/srv/shop/src/agg.js:1:29)
        at node:internal/main/run_main_module:28:49
  ]
}

Node.js v20.20.2
"""


def test_members_of_an_aggregate_error() -> None:
    report = only(MEMBERS)
    assert (report.error_type, report.message, report.frames) == ("AggregateError", "All promises were rejected", ())
    assert [(one.relation, one.message, len(one.frames)) for one in report.causes] == [
        ("member", "bad 1", 2),
        ("member", "bad 2", 2),
    ]


ASSERTION = """node:assert:90
  throw new AssertionError(obj);
  ^

AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

1 !== 2

    at check (/srv/shop/src/as.js:1:58)
    at Object.<anonymous> (/srv/shop/src/as.js:1:78)
    at Module._compile (node:internal/modules/cjs/loader:1521:14) {
  generatedMessage: true,
  code: 'ERR_ASSERTION',
  actual: 1,
  expected: 2,
  operator: 'strictEqual'
}

Node.js v20.20.2
"""


def test_a_message_with_several_paragraphs_and_a_code() -> None:
    report = only(ASSERTION)
    assert report.error_type == "AssertionError"
    assert report.message == "Expected values to be strictly equal:\n\n1 !== 2"
    assert report.extra["error_code"] == "ERR_ASSERTION"
    assert blamed(report) == "as.check"


def test_a_syntax_error_is_blamed_on_its_file() -> None:
    report = only(
        "/srv/shop/src/syn.js:1\nlet x = ;\n        ^\n\nSyntaxError: Unexpected token ';'\n"
        "    at wrapSafe (node:internal/modules/cjs/loader:1464:18)\n"
        "    at Module._compile (node:internal/modules/cjs/loader:1495:20)\n\nNode.js v20.20.2\n"
    )
    assert report.culprit is not None
    assert (report.culprit.file, report.culprit.line, report.culprit.in_app) == ("/srv/shop/src/syn.js", 1, True)


@pytest.mark.parametrize(
    ("value", "error_type", "message"),
    [
        ("a string\n(Use `node --trace-uncaught ...` to show where the exception was thrown)", "Uncaught", "a string"),
        ("{ code: 3 }", "Uncaught", "{ code: 3 }"),
        (
            "[Error: ENOENT: no such file or directory, open '/x'] {\n  errno: -2,\n  code: 'ENOENT'\n}",
            "Error",
            "ENOENT: no such file or directory, open '/x'",
        ),
    ],
)
def test_a_value_thrown_without_a_stack(value: str, error_type: str, message: str) -> None:
    text = f"\n/srv/shop/src/str.js:1\nfunction f() {{ throw x; }}\n               ^\n{value}\n\nNode.js v20.20.2\n"
    report = only(text)
    assert (report.error_type, report.message) == (error_type, message)
    assert report.culprit is not None
    assert (report.culprit.file, report.culprit.line) == ("/srv/shop/src/str.js", 1)


def test_the_stack_of_an_emitted_event_is_not_a_second_error() -> None:
    report = only(
        "node:events:502\n      throw er; // Unhandled 'error' event\n      ^\n\nError: connect ECONNREFUSED 127.0.0.1:1\n"
        "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\n"
        "Emitted 'error' event on Socket instance at:\n"
        "    at emitErrorNT (node:internal/streams/destroy:169:8)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {\n"
        "  errno: -111,\n  code: 'ECONNREFUSED'\n}\n\nNode.js v20.20.2\n"
    )
    assert functions(report) == ["TCPConnectWrap.afterConnect"]
    assert (report.extra["error_code"], report.environment["runtime"]) == ("ECONNREFUSED", "Node.js v20.20.2")


def test_a_rejection_printed_with_its_promise_is_one_report() -> None:
    stack = "at z (/srv/shop/src/ur.js:1:146)"
    text = f"Unhandled Rejection at: Promise {{\n  <rejected> Error: zz\n      {stack}\n}} reason: Error: zz\n    {stack}\n"
    report = only(text)
    assert (report.error_type, report.message, functions(report)) == ("Error", "zz", ["z"])


def test_a_child_process_error_in_its_parents_message_is_one_report() -> None:
    report = only(
        "Error: Command failed: node child.js\n/srv/shop/child.js:1\nthrow x\n^\n\n"
        "TypeError: inner\n    at f (/srv/shop/child.js:1:7)\n\n"
        "Node.js v20.20.2\n\n    at genericNodeError (node:internal/errors:984:15)\n    at run (/srv/shop/parent.js:1:39)\n"
    )
    assert (report.error_type, report.message) == ("TypeError", "inner")


def test_evaluated_code_has_the_location_of_the_eval() -> None:
    found = v8_frame("at g (eval at f (/srv/shop/src/ev.js:1:15), <anonymous>:1:21)")
    assert found is not None
    assert (found.frame.function, found.frame.file, found.frame.line, found.column) == ("g", "/srv/shop/src/ev.js", 1, 15)


@pytest.mark.parametrize(
    ("line", "function", "file", "place"),
    [
        ("at new Cart (file:///srv/shop/src/cart.mjs:1:54)", "new Cart", "file:///srv/shop/src/cart.mjs", (1, 54)),
        ("at async pay (C:\\shop\\src\\cart.js:10:3)", "pay", "C:\\shop\\src\\cart.js", (10, 3)),
        ("at Layer.handle [as handle_request] (/a/layer.js:95:5)", "Layer.handle", "/a/layer.js", (95, 5)),
        ("at #load (/a b/(c)/x.js:9:5)", "#load", "/a b/(c)/x.js", (9, 5)),
        ("at eval (webpack-internal:///./src/a.js:12:9)", "eval", "webpack-internal:///./src/a.js", (12, 9)),
        ("at wasm://wasm/0a1b2c3d:wasm-function[12]:0x1a2b", "wasm-function[12]", "wasm://wasm/0a1b2c3d", (None, None)),
        ("at anonymous (address at index.android.bundle:1:123456)", "anonymous", "index.android.bundle", (1, 123456)),
        ("at call (native)", "call", "<anonymous>", (None, None)),
    ],
)
def test_v8_frame(line: str, function: str, file: str, place: tuple[int | None, int | None]) -> None:
    found = v8_frame(line)
    assert found is not None
    assert (found.frame.function, found.frame.file) == (function, file)
    assert (found.frame.line, found.column) == place


@pytest.mark.parametrize(
    "line",
    [
        "at 10:30:45",
        "at shop.Cart.add(Cart.java:41)",
        "at Shop.Cart.Add(Int32 x) in /srv/Cart.cs:line 12",
        "at ./src/main.rs:2:65",
        "at home",
        "at f ()",
    ],
)
def test_lines_that_are_not_frames(line: str) -> None:
    assert v8_frame(line) is None


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("/srv/shop/src/cart/total.ts", "cart/total"),
        ("/srv/shop/node_modules/@scope/pkg/lib/index.js", "@scope/pkg/lib/index"),
        ("webpack:///./src/cart.js?a1b2", "cart"),
        ("node:internal/errors", "node:internal/errors"),
        ("https://shop.example.org/static/js/main.8f3a21bc.js", "main"),
        ("https://shop.example.org/assets/index-BdfQ3x_1.js", "index"),
        ("/srv/shop/src/checkout-step2024.js", "checkout-step2024"),
        ("https://shop.example.org/js/jquery-3.7.1.min.js", "jquery-3.7.1"),
    ],
)
def test_the_module_of_a_file(file: str, module: str) -> None:
    assert module_of(file) == module


def test_minified_code_is_marked_with_line_and_column() -> None:
    report = only(
        "Uncaught TypeError: Cannot read properties of undefined (reading 'id')\n"
        "    at HTMLButtonElement.onClick (https://shop.example.org/static/js/main.8f3a21bc.js:2:48213)\n"
        "    at Object.Ba (https://shop.example.org/static/js/main.8f3a21bc.js:2:9921)\n"
    )
    assert report.extra == {"minified": "true", "position": "2:48213"}
    assert blamed(report) == "main.HTMLButtonElement.onClick"


def test_firefox() -> None:
    report = only(
        'TypeError: can\'t access property "x", a is undefined\n'
        "f@https://shop.example.org/app/cart.js:12:5\ng/<@https://shop.example.org/app/cart.js:20:9\n"
        "async*h@https://shop.example.org/app/order.js:3:1\n@https://shop.example.org/:9:1\n"
    )
    assert functions(report) == ["f", "g/<", "h", "<anonymous>"]
    assert (report.message, report.frames[0].line) == ('can\'t access property "x", a is undefined', 12)


def test_safari() -> None:
    report = only(
        "TypeError: undefined is not an object (evaluating 'a.x')\n"
        "f@https://shop.example.org/app/cart.js:12:5\n[native code]\n"
        "https://shop.example.org/app/cart.js:20:9\nglobal code@https://shop.example.org/:9:1\n"
        "promiseReactionJob@[native code]\n"
    )
    assert functions(report) == ["f", "<anonymous>", "<anonymous>", "global code", "promiseReactionJob"]
    assert [frame.in_app for frame in report.frames] == [True, False, True, True, False]


def test_an_email_address_is_not_a_frame() -> None:
    assert gecko_frame("someone@example.org:12:5") is None


def test_deno_with_a_cause() -> None:
    report = only(
        'error: Uncaught (in promise) Error: no price\n  throw new Error("no price");\n        ^\n    at pay (file:///srv/shop/cart.ts:3:9)\n'
        "Caused by: TypeError: bad tariff\n    at tariff (file:///srv/shop/tariff.ts:2:9)\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("Error", "no price", "tariff.tariff")
    assert [(cause.error_type, cause.message) for cause in report.causes] == [("TypeError", "bad tariff")]


def test_bun() -> None:
    report = only(
        '1 | function f() {\n2 |   throw new Error("no price");\n                ^\n'
        "error: no price\n      at f (/srv/shop/cart.ts:2:13)\n"
        "      at /srv/shop/main.ts:5:1\n\nBun v1.1.8 (Linux x64)\n"
    )
    assert (report.error_type, report.message, report.environment["runtime"]) == ("Error", "no price", "Bun v1.1.8")


@pytest.mark.parametrize("prefix", ["2024-05-01T10:00:00.000Z web_1  | ", "[41] ", "app[web.1]: "])
def test_a_prefix_on_every_line_is_removed(prefix: str) -> None:
    lines = ["TypeError: x is not a function", "    at f (/srv/shop/src/cart.js:1:2)", "    at g (/srv/shop/src/cart.js:3:4)"]
    report = only("".join(f"{prefix}{line}\n" for line in lines))
    assert (report.error_type, report.message, functions(report)) == ("TypeError", "x is not a function", ["f", "g"])


def test_log_records_are_separate_reports() -> None:
    text = (
        "2024-05-01 10:00:00 ERROR request failed TypeError: x\n    at f (/srv/shop/src/cart.js:1:2)\n"
        "2024-05-01 10:00:01 INFO ok\n"
        "2024-05-01 10:00:02 ERROR other MyProblem: y\n    at g (/srv/shop/src/cart.js:7:2)\n"
    )
    assert [(one.error_type, one.message) for one in read(text).reports] == [("TypeError", "x"), ("MyProblem", "y")]


def test_a_component_stack_is_not_a_second_error() -> None:
    report = only(
        "Error: boom\n    at Cart (http://localhost:3000/static/js/bundle.js:41:11)\n\n"
        "The above error occurred in the <Cart> component:\n\n"
        "    at Cart (http://localhost:3000/static/js/bundle.js:41:11)\n    at div\n"
        "    at App (http://localhost:3000/static/js/bundle.js:99:3)\n"
    )
    assert (report.message, functions(report)) == ("boom", ["Cart"])


def test_a_fuzzer() -> None:
    report = only(
        "==14== Uncaught Exception: Jazzer.js: Welcome\nError: Welcome\n    at check (/out/example/a.js:27:9)\n"
        "    at /out/example/node_modules/@jazzer.js/core/core.ts:112:38\nMS: 1 ChangeByte-\n"
    )
    assert (report.error_type, report.message, blamed(report), report.span[0]) == ("Error", "Welcome", "a.check", 0)


def test_recursion_is_folded() -> None:
    report = only("RangeError: Maximum call stack size exceeded\n" + "    at rec (/srv/shop/src/rec.js:1:26)\n" * 10)
    assert (len(report.frames), report.frame_count) == (1, 10)


OUT_OF_MEMORY = """
<--- Last few GCs --->

[8337:0x171a8d80]      223 ms: Mark-Compact 39.9 (72.9) -> 39.9 (72.7) MB, 7.43 / 0.00 ms allocation failure


<--- JS stacktrace --->

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
 2: 0xee8300 v8::Utils::ReportOOMFailure(v8::internal::Isolate*, char const*, v8::OOMDetails const&) [node]
 3: 0x10fb205  [node]
"""


def test_a_fatal_error_of_the_runtime() -> None:
    report = only(OUT_OF_MEMORY)
    assert (report.error_type, report.severity) == ("Out-of-memory", "critical")
    assert report.message == "Reached heap limit Allocation failed - JavaScript heap out of memory"
    assert [frame.qualified for frame in report.frames] == [
        "node::OOMErrorHandler",
        "v8::Utils::ReportOOMFailure",
        "node.+0x10fb205",
    ]
    assert report.span == (1, len(OUT_OF_MEMORY))


def test_a_stack_without_its_error_is_marked_truncated() -> None:
    report = only("    at f (/srv/shop/src/a.js:1:2)\n    at g (/srv/shop/src/a.js:3:4)\n")
    assert (report.error_type, report.truncated) == ("", True)


HOSTILE = {
    "frames": lambda n: "Error: x\n" + "    at f (/srv/a.js:1:2)\n" * n,
    "causes": lambda n: (
        "Error: x\n    at f (/srv/a.js:1:2) {\n" + "  [cause]: Error: y\n    at g (/srv/a.js:1:2) {\n" * (n // 2)
    ),
    "words": lambda n: "at " * 6 * n + ".js:",
    "gecko": lambda n: "f@https://x/a.js:1:2\n" * n,
    "runtimes": lambda n: "Node.js v20\n" * n,
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(partial(read, format="javascript"), text_of, 16_000)
