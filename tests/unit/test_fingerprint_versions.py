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

HASHES_OF = "2026-11-30"
HASHES = {
    "python": "63216c220e7b 4820b97fe561",
    "numbers": "d205a5a97199 b1ccb399c91f",
    "paths": "0c82ca32ca33 b2b5d12227a5",
    "java": "4d2d231b08bd 0d216625e4c1",
    "kotlin": "2d1fed431280 1c8da2490576",
    "native": "a6e3bcf6c1fe 7136a97a4a0c",
    "rust": "d48e9c3bd9d0 0d7d7b672e9e",
    "go": "1c51831c153f 580d1f7c0daa",
    "dotnet": "c48cd186d2ba dd76ea6ae7ae",
    "javascript": "ad656dc5f1a1 937e79766cc3",
    "ruby": "a8150305552b 45e092653b19",
    "php": "4e334a03c2e0 f2b1ae5adc3b",
    "kernel": "e5e316bee73a 0a75fd29f52c",
    "smalltalk": "2e9ea8684bd3 eb832f596478",
    "recursion": "a4b79e10f4f4 fd6e543dee98",
    "culprit": "0a401b2616ef fb2d61b09461",
    "no stack": "fc2a4aab8efa 843447705b14",
    "nothing": "8cfd95377f6a 0ac92c82eaa9",
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
