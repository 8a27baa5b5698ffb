"""What varies between crashes of one bug is gone after normalisation; what tells bugs apart stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.ingest.normalise import normalise_message, normalise_symbol, tokens, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 1234 is late", "order 98 is late"),
        ("<Order object at 0x7f3c2a10b5d0> has no lines", "<Order object at 0x7fffe1> has no lines"),
        ("no row 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "no row 6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("cannot open /srv/a/spool/x.csv", "cannot open /var/tmp/y.csv"),
        (r"cannot open C:\data\x.csv", r"cannot open D:\other\y.csv"),
        ("bad day 2026-11-21", "bad day 2025-01-02"),
        ("at 12:30:01.5 too late", "at 08:00 too late"),
        ("GET https://a.example/x?y=1 failed", "GET https://b.example/ failed"),
        ("commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "commit e83c5163316f89bfbde7d9ab23ca2e25604af290"),
        ("mail to <email:3f2a9c> bounced", "mail to <email:77aa01> bounced"),
        ("took 1.5 s", "took 12,7 s"),
    ],
)
def test_messages_that_differ_in_what_varies_are_the_same(one: str, other: str) -> None:
    assert normalise_message(one) == normalise_message(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("missing key region", "missing key currency"),
        ("UNIQUE constraint failed", "FOREIGN KEY constraint failed"),
        ("a < b", "a > b"),
    ],
)
def test_messages_that_say_different_things_stay_different(one: str, other: str) -> None:
    assert normalise_message(one) != normalise_message(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("outer.<locals>.inner", "outer.inner"),
        ("core::fmt::h0123456789abcdef", "core::fmt::hfedcba9876543210"),
        ("lambda_12", "lambda_7"),
        ("Proxy1234", "Proxy98765"),
    ],
)
def test_generated_names_are_the_same(one: str, other: str) -> None:
    assert normalise_symbol(one) == normalise_symbol(other)


def test_short_numbers_belong_to_a_name() -> None:
    assert normalise_symbol("parse_v2") != normalise_symbol("parse_v3")


def test_words_split_at_case_and_punctuation() -> None:
    assert words("shop.CartItem.add_line") == "shop cart item add line"
    assert words("HTTPServer") == "http server"


def test_tokens_keep_placeholders() -> None:
    assert tokens("Order <n> of Ánna") == {"order", "<n>", "of", "ánna"}


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise_message(text)
    assert normalise_message(once) == once


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    normalise_message(text)
    normalise_symbol(text)
    words(text)
    tokens(text)
