"""Function in a symbol and location of a frame, as debuggers and sanitizers print them."""

from __future__ import annotations

import pytest
from growth import assert_linear
from hypothesis import given
from hypothesis import strategies as st

from graph.parsing.native.names import frame_of, function_of, place_of
from graph.rules.culprit import culprit

SYMBOLS = {
    "main": "main",
    "parse(char const*)": "parse",
    "void shop::Cart<int>::add(int) const": "shop::Cart<int>::add",
    "operator new(unsigned long)": "operator new",
    "operator new[](unsigned long)": "operator new[]",
    "shop::Less::operator()(int, int) const": "shop::Less::operator()",
    "bool operator< <int>(Box<int> const&, Box<int> const&)": "operator< <int>",
    "std::ostream& operator<<(std::ostream&, Box const&)": "operator<<",
    "Box::operator std::vector<int, std::allocator<int> >() const": "Box::operator std::vector<int, std::allocator<int> >",
    "Box::operator bool() const": "Box::operator bool",
    "Box::operator->() const": "Box::operator->",
    "std::function<void (int)>::operator()(int) const": "std::function<void (int)>::operator()",
    "run(int) const::{lambda(int)#1}::operator()(int) const": "run::{lambda(int)#1}::operator()",
    "auto run()::'lambda'(int)::operator()(int) const": "run::'lambda'::operator()",
    "run()::$_0::operator()() const": "run::$_0::operator()",
    "void (anonymous namespace)::step(int)": "(anonymous namespace)::step",
    "shop::(anonymous namespace)::step((anonymous namespace)::State)": "shop::(anonymous namespace)::step",
    "`anonymous namespace'::step(int)": "`anonymous namespace'::step",
    "Cart::`vector deleting destructor'(unsigned int)": "Cart::`vector deleting destructor'",
    "public: virtual void __cdecl shop::Cart::add(int)": "shop::Cart::add",
    "std::enable_if<(1 > 0), int>::type pick<3>(int)": "pick<3>",
    "decltype(auto) shop::get<int>(int&&) [clone .isra.0]": "shop::get<int>",
    "name[abi:cxx11](int)": "name",
    "non-virtual thunk to Cart::add(int)": "Cart::add",
    "Cart::~Cart()": "Cart::~Cart",
    "step.constprop.1.isra.0": "step",
    "memcpy@plt": "memcpy",
    "__libc_start_main@@GLIBC_2.34": "__libc_start_main",
    "step+0x1b/0x90": "step",
    "step(int, char con": "step",
    "-[Cart add:count:]": "-[Cart add:count:]",
    "<shop::Cart as core::fmt::Debug>::fmt": "<shop::Cart as core::fmt::Debug>::fmt",
    "<signal handler called>": "<signal handler called>",
    "+0x1234": "+0x1234",
    "": "",
}


@pytest.mark.parametrize(("symbol", "function"), SYMBOLS.items())
def test_function_of(symbol: str, function: str) -> None:
    assert function_of(symbol) == function


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_function_of_is_idempotent(symbol: str) -> None:
    once = function_of(symbol)
    assert function_of(once) == once


@given(st.text(alphabet="ab<>(){}[]`':&*,~ .@+0x\ud800", max_size=200))
def test_any_text_has_a_function(symbol: str) -> None:
    assert len(function_of(symbol)) <= len(symbol)


@pytest.mark.parametrize(
    "piece", ["<", "(", "a ", "operator<", "f()::", "a(b)c ", "()const", "[abi:", " [clone ", "`'", "a::b "]
)
def test_time_grows_linearly_with_a_symbol(piece: str) -> None:
    def read(symbol: str) -> None:
        function_of(symbol)
        place_of(symbol)

    assert_linear(read, lambda n: piece * (n // len(piece)), 500_000)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/src/a b/cart.cc:12:5", ("/src/a b/cart.cc", 12)),
        ("cart.c:12", ("cart.c", 12)),
        (r"C:\src\cart.cpp:12:5", (r"C:\src\cart.cpp", 12)),
        (r"C:\src\cart.cpp(12)", (r"C:\src\cart.cpp", 12)),
        (r"C:\src\cart.cpp", (r"C:\src\cart.cpp", None)),
        ("cart.c:0", ("cart.c", None)),
        ("/src/(old)/cart.c:3", ("/src/(old)/cart.c", 3)),
        ("/" + "long/" * 60 + "cart.cc:12345:67", ("/" + "long/" * 60 + "cart.cc", 12345)),
        ("", (None, None)),
    ],
)
def test_place_of(text: str, place: tuple[str | None, int | None]) -> None:
    assert place_of(text) == place


def test_a_frame_without_symbol_is_named_by_its_library() -> None:
    frame = frame_of("", library="/lib/x86_64-linux-gnu/libc.so.6", offset="0x29d90")
    assert (frame.qualified, frame.in_app) == ("libc.so.6.+0x29d90", False)
    assert frame_of("", library="/srv/shop/bin/shop", offset="0x10").qualified == "shop.+0x10"


def test_libraries_and_abort_functions_are_not_culprits() -> None:
    names = [
        "__GI_raise",
        "abort",
        "__assert_fail_base",
        "__assert_fail",
        "std::vector<int>::at(unsigned long)",
        "pay(int)",
        "main",
    ]
    blamed = culprit([frame_of(name) for name in names], "native")
    assert blamed is not None
    assert blamed.function == "pay"


@pytest.mark.parametrize(
    "name", ["free_list", "abort_task_queue_manager", "exits::count", "Cart::start", "strings::join", "recheck"]
)
def test_names_with_a_known_prefix_may_be_culprits(name: str) -> None:
    blamed = culprit([frame_of("abort"), frame_of(name), frame_of("main")], "native")
    assert blamed is not None
    assert blamed.function == name
