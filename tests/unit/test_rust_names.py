"""Demangling of Rust symbols, compared with the output of binutils for the same symbols."""

from __future__ import annotations

import pytest

from graph.parsing.native.rust_symbols import demangle_rust


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("_RNvNtCs9jEwPDbx20M_4core9panicking9panic_fmt", "core::panicking::panic_fmt"),
        ("_RNvXs1_Cs7_6ledgerNtB5_4BookNtNtCs8_6kernel4misc6Device4mmap", "<ledger::Book as kernel::misc::Device>::mmap"),
        ("_RINvNtC3std3mem8align_offE", "std::mem::align_of::<f32>"),
        ("_RNCNvC4main3run0", "main::run::{closure#0}"),
        ("_RNCNvC4main3runs_0", "main::run::{closure#1}"),
        ("_RINvC1a4swapKj4_Kb1_E", "a::swap::<4, true>"),
        ("_RINvC1a4loopReAhj3_TmEE", "a::loop::<&str, [u8; 3], (u32,)>"),
        ("_RNvMs_NtC1a1bINtB4_4BookRShE4open", "<a::b::Book<&[u8]>>::open"),
    ],
)
def test_demangling(symbol: str, name: str) -> None:
    assert demangle_rust(symbol) == name


@pytest.mark.parametrize(
    "symbol", ["ledger_sync", "_Z3runv", "_R", "_RNv", "_RB_", "_RNvC1a9short", "_RINvC1a1bFEuE", "_R" + "N" * 1_900]
)
def test_unsupported_symbols_are_returned_unchanged(symbol: str) -> None:
    assert demangle_rust(symbol) == symbol


def test_nested_back_references_terminate() -> None:
    assert len(demangle_rust("_RIC1a" + "TB1_B1_" * 200 + "E" * 201)) < 3_000
