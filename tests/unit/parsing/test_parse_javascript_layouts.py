"""JavaScript errors of consoles, test runners and WebAssembly, and unhandled rejections."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.read import read

ADVICE = (
    "(node:812) UnhandledPromiseRejectionWarning: Unhandled promise rejection. This error originated either by throwing inside "
    "of an async function without a catch block, or by rejecting a promise which was not handled with .catch().\n"
    "(node:812) [DEP0018] DeprecationWarning: Unhandled promise rejections are deprecated.\n"
)
STACK = "    at sing (/srv/wren/song.js:3:9)\n    at run (/srv/wren/main.js:9:1)\n"


only = partial(only_report, "javascript")


@pytest.mark.parametrize(
    ("head", "error_type", "message"),
    [
        ("(node:812) UnhandledPromiseRejectionWarning: TypeError: no note", "TypeError", "no note"),
        ("(node:812) UnhandledPromiseRejectionWarning: SongError [E_NOTE]: no note", "SongError", "no note"),
        ("[UnhandledPromiseRejection: TypeError: no note", "TypeError", "no note"),
        ("Uncaught (in promise) TypeError: no note", "TypeError", "no note"),
        ("song.js:3 Uncaught TypeError: no note", "TypeError", "no note"),
        ("VM123:1 Uncaught (in promise) TypeError: no note", "TypeError", "no note"),
        (" ⨯ TypeError: no note", "TypeError", "no note"),
        ("error: Uncaught (in promise) NotFound: no note", "NotFound", "no note"),
        ("Unhandled rejection TypeError: no note", "TypeError", "no note"),
        ("(node:9) MaxListenersExceededWarning: 11 listeners added", "MaxListenersExceededWarning", "11 listeners added"),
    ],
)
def test_the_error_that_nobody_caught_is_the_error(head: str, error_type: str, message: str) -> None:
    report = only(f"{head}\n{STACK}")
    assert (report.error_type, report.message, blamed(report)) == (error_type, message, "song.sing")
    assert len(read(f"{head}\n{STACK}{ADVICE}").reports) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"(node:812) UnhandledPromiseRejectionWarning: no song\n{ADVICE}",
        "[UnhandledPromiseRejection: This error originated by x, with the reason \"no song\".] {\n  code: 'X'\n}\n",
    ],
    ids=["warning", "error"],
)
def test_a_rejection_without_an_error_is_a_crash(text: str) -> None:
    report = only(text)
    assert (report.error_type, report.message, report.frames) == ("UnhandledPromiseRejection", "no song", ())


@pytest.mark.parametrize(
    ("frame", "name", "file"),
    [
        ("    at wasm-function[79]:46", "wasm-function[79]", None),
        ("    at wasm-function[79]:0x1f", "wasm-function[79]", None),
        ("    at wasm://wasm/0a1b2c3d:wasm-function[12]:0x1a2b", "wasm-function[12]", "wasm://wasm/0a1b2c3d"),
        ("    at wasm://wasm/wren-0a1b2c3d:wasm-function[12]:0x1a2b", "wren.wasm-function[12]", "wasm://wasm/wren-0a1b2c3d"),
        ("    at sing (wasm://wasm/0a1b2c3d:wasm-function[12]:0x1a2b)", "sing", "wasm://wasm/0a1b2c3d"),
        ("    at wren.wasm.sing (http://x/wren.wasm:wasm-function[14]:0x2b)", "wren.wasm.sing", "http://x/wren.wasm"),
        ("    at sing (wren.wasm:0x2b1f)", "wren.wasm.sing", "wren.wasm"),
    ],
)
def test_frames_of_webassembly(frame: str, name: str, file: str | None) -> None:
    report = only(f"Uncaught RuntimeError: memory access out of bounds\n{frame}\n    at wasm-function[401]:379\n")
    assert (report.error_type, report.message) == ("RuntimeError", "memory access out of bounds")
    assert (report.frames[0].qualified, report.frames[0].file, blamed(report)) == (name, file, name)


@pytest.mark.parametrize(
    ("frames", "names"),
    [
        (
            "wren.sing@http://x/wren.wasm:wasm-function[12]:0x1a2b\n@http://x/wren.wasm:wasm-function[13]:0x1\nrun@http://x/a.js:3:9\n",
            ["wren.wasm.wren.sing", "wren.wasm.wasm-function[13]", "a.run"],
        ),
        (
            "<?>.wasm-function[sing]@[wasm code]\n<?>.wasm-function[13]@[wasm code]\nrun@http://x/a.js:3:9\n",
            ["sing", "wasm-function[13]", "a.run"],
        ),
    ],
    ids=["firefox", "safari"],
)
def test_frames_of_webassembly_in_other_browsers(frames: str, names: list[str]) -> None:
    report = only(f"RuntimeError: index out of bounds\n{frames}")
    assert (report.message, [frame.qualified for frame in report.frames]) == ("index out of bounds", names)
    assert blamed(report) == names[0]


def test_the_machinery_that_ends_a_module_is_not_blamed() -> None:
    report = only(
        "RuntimeError: Aborted(Assertion failed: song)\n    at abort (wren.js:801:11)\n    at ___assert_fail (wren.js:1411:7)\n"
        "    at verse (wren.wasm:0x2b1f)\n    at callMain (wren.js:3412:15)\n"
    )
    assert blamed(report) == "wren.wasm.verse"


def test_the_trap_after_a_panic_is_its_end() -> None:
    trap = (
        "Uncaught RuntimeError: unreachable\n    at wren.wasm.__rust_start_panic (wasm://wasm/wren-0a1b:wasm-function[9]:0x1)\n"
        "    at wren.wasm.std::panicking::rust_panic (wasm://wasm/wren-0a1b:wasm-function[8]:0x1)\n"
    )
    [report] = read(f"panicked at src/song.rs:14:5:\nno verse\n\n{trap}").reports
    assert (report.format, report.error_type, report.message) == ("rust", "panic", "no verse")


FIREFOX = (
    "Uncaught TypeError: song is undefined\n    sing http://x/song.js:3\n    <anonymous> http://x/main.js:9:1\nsong.js:3:9\n"
)
CHROME = "song.js:3 Uncaught TypeError: song is undefined\nsing @ song.js:3\n(anonymous) @ main.js:9\n"
RUNNER = (
    " FAIL  src/song.test.ts > song > has verses\nTypeError: song is undefined\n ❯ sing src/song.ts:3:9\n"
    "      2|   verse() {\n      3|     return song;\n       |            ^\n      4|   }\n ❯ src/main.ts:9:1\n"
)


@pytest.mark.parametrize("text", [FIREFOX, CHROME, RUNNER], ids=["firefox", "chrome", "runner"])
def test_layouts_of_consoles_and_test_runners(text: str) -> None:
    report = only(text)
    assert (report.error_type, report.message) == ("TypeError", "song is undefined")
    assert [frame.qualified for frame in report.frames] == ["song.sing", "main.<anonymous>"]
    assert [frame.line for frame in report.frames] == [3, 9]


def test_a_failed_test_without_a_class() -> None:
    text = (
        "  ● song › sings\n\n    expect(received).toBe(expected) // Object.is equality\n\n    Expected: 3\n    Received: 4\n\n"
        "      8 |   it('sings', () => {\n    > 9 |     expect(verses).toBe(3);\n        |                    ^\n\n"
        "      at Object.toBe (src/song.test.js:9:10)\n\n  ● Test suite failed to run\n\n    Cannot find module './song'\n\n"
        "      at Resolver.fail (node_modules/jest-resolve/build/resolver.js:427:11)\n      at load (src/song.test.js:1:1)\n"
    )
    first, second = read(text).reports
    assert (first.error_type, first.message.splitlines()[0]) == (
        "Error",
        "expect(received).toBe(expected) // Object.is equality",
    )
    assert (second.error_type, second.message, second.frame_count) == ("Error", "Cannot find module './song'", 2)


@pytest.mark.parametrize(
    "text",
    [
        "listening on\n    http://localhost:8080/\n",
        "see ann @ mill:22\nError rate is low\n",
        "  Docs: https://x/errors/Error.html:3\n",
    ],
)
def test_addresses_are_no_frames(text: str) -> None:
    assert read(text).reports == ()


def test_components_around_the_one_that_failed_belong_to_the_error() -> None:
    components = (
        "\nThis error is located at:\n    in Owl (at Flock.tsx:132)\n    in StaticContainer\n    in View (created by Flock)\n"
    )
    text = f"TypeError: undefined is not a function\n{STACK}{components}"
    assert only(text).span == (0, len(text))


@pytest.mark.parametrize(
    "line", ["a @ b.js:1\n", " ❯ a b:1:1\n", "  f http://a/b:1\n", "(node:1) UnhandledPromiseRejectionWarning: a\n"]
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "javascript"), lambda count: "Error: a\n" + line * count, 8_000)
