"""Known reports keep their hashes within one version of the normalisation.

If a test here fails, the change altered hashes: add a version to ``CHANGELOG`` in ``graph/fingerprint/normalisation`` that
describes the change, and write the new hashes (``python tests/unit/test_fingerprint_versions.py`` prints them).
"""

from __future__ import annotations

import pytest

from graph.fingerprint.compute import VERSION, fingerprint
from graph.model.report import ParsedReport, StackFrame


def report(kind: str, message: str, *frames: str | StackFrame, blame: int = 0) -> ParsedReport:
    made = tuple(StackFrame(frame) if isinstance(frame, str) else frame for frame in frames)
    return ParsedReport("x", kind, message, made, culprit=made[blame] if made else None)


REPORTS = {
    "python": report("KeyError", "'NZ'", StackFrame("price_of", "shop.pricing"), StackFrame("pay", "shop.checkout")),
    "numbers": report("ValueError", "order 12 of 2026-11-21T10:11:12Z at 10.0.0.1 is 0x7f3c2a10b5d0", "shop.total"),
    "paths": report("FileNotFoundError", "/srv/shop/spool/x.csv, C:\\data\\y.csv, https://a.example/b", "shop.load"),
    "java": report(
        "java.lang.IllegalStateException", "Cart@1b6d3586", StackFrame("lambda$total$0", "shop.Cart$$Lambda$14/0x01f")
    ),
    "kotlin": report("kotlin.KotlinNullPointerException", "", StackFrame("total$lambda$0", "shop.CartKt")),
    "native": report(
        "Heap-use-after-free", "", "std::vector<int, std::allocator<int> >::at", "shop::{lambda(int)#1}::operator()"
    ),
    "rust": report("panic", "index 5 out of range", "shop::cart::{{closure}}::h0123456789abcdef"),
    "go": report("runtime error", "index out of range [5] with length 3", "main.run.func1", "main.main"),
    "dotnet": report("System.InvalidOperationException", "", StackFrame("MoveNext", "Shop.Cart+<Total>d__5")),
    "javascript": report("TypeError", "t is not a function", StackFrame("t", file="https://x.example/main.4f3a2b1c.js")),
    "ruby": report("NoMethodError", "undefined method 'total' for nil", "block (2 levels) in Cart#total"),
    "php": report("Error", "Call to undefined function", "Shop\\{closure}"),
    "kernel": report("KASAN: use-after-free Read", "", "ext4_readpage.isra.0+0x1f/0x40", "do_syscall_64"),
    "smalltalk": report("MessageNotUnderstood", "#total", "[] in [] in Cart>>total"),
    "recursion": report("RecursionError", "too deep", *["a", "b"] * 40, "main"),
    "culprit": report("AssertionError", "", "assert_that", "shop.total", "shop.pay", "shop.main", blame=1),
    "no stack": report("Timeout", "no answer in 30 s"),
    "nothing": report("", ""),
}

HASHES_OF = "2026-11-21.2"
HASHES = {
    "python": "2259dfd045a7 6d2046aae4fe",
    "numbers": "18b716f023bd eb6e341a9408",
    "paths": "a5dad75c4d4a b40c87a5f118",
    "java": "03da718ca4cd 37d3c6ba8d2a",
    "kotlin": "e6a6162f1c4e 020e93469f07",
    "native": "f8cc631a30f7 2c39572c552d",
    "rust": "de0376c7ca1a 29feae8c2244",
    "go": "7a7ec05a75b1 cb4764a2deb1",
    "dotnet": "087ad1cf3537 f316374a6f91",
    "javascript": "6bec95de0f97 f2feb768e2d3",
    "ruby": "26342a8407dc 6ab8c0f5c880",
    "php": "184e02534415 4a24b759fe10",
    "kernel": "11c30e74ada3 6738ad8c5ed7",
    "smalltalk": "52c4cad80a24 6e8c81f18ce4",
    "recursion": "1f9cddd03c1f 0ced11db2161",
    "culprit": "0da6c0ded041 fedf224d7e14",
    "no stack": "d8c04bdf9c65 399f915bddd8",
    "nothing": "795ad19f6921 1ef8d535a829",
}


@pytest.mark.parametrize("name", REPORTS)
def test_known_reports_keep_their_hashes(name: str) -> None:
    assert hashes(name) == HASHES[name]


def test_the_hashes_are_of_the_version_in_use() -> None:
    assert HASHES_OF == VERSION


def hashes(name: str) -> str:
    made = fingerprint(REPORTS[name])
    return f"{made.exact[:12]} {made.structural[:12]}"


if __name__ == "__main__":
    print(f'HASHES_OF = "{VERSION}"')  # noqa: T201
    print("HASHES = {" + "\n".join(f'    "{name}": "{hashes(name)}",' for name in REPORTS) + "}")  # noqa: T201
