"""Normalisation removes what varies between crashes of one bug and keeps what distinguishes bugs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.fingerprint.normalisation import CHANGELOG, VERSION, normalise_message, normalise_symbol, tokens, words
from graph.fingerprint.normalisation.message import message_hints
from graph.fingerprint.normalisation.symbol import symbol_hints


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 1234 is late", "order 98 is late"),
        ("<Order object at 0x7f3c2a10b5d0> has no lines", "<Order object at 0x7fffe1> has no lines"),
        ("no row 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "no row 6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("cannot open /srv/a/spool/x.csv", "cannot open /var/tmp/y.csv"),
        (r"cannot open C:\data\x.csv", r"cannot open D:\other\y.csv"),
        (r"cannot open C:\data\x.csv", r"cannot open \\files\share\y.csv"),
        ("cannot open C:/data/x.csv", "cannot open D:/other/deep/y.csv"),
        ("cannot load file:///srv/a.js", "cannot load file:/home/me/b.js"),
        ("bad day 2026-11-21", "bad day 2025-01-02"),
        ("bad day 2026-11-21T10:01:02.123Z", "bad day 2025-01-02 11:12:13+01:00"),
        ("bad day 20261121", "bad day 20250102T101112Z"),
        ("bad day 21.11.2026", "bad day 1/2/2025 10:12 PM"),
        ("bad day Sat, 21 Nov 2026 10:12:33 GMT", "bad day Nov 3, 2025"),
        ("bad day Sat Nov 21 10:12:33 UTC 2026", "bad day 1 May 2025"),
        ("at 12:30:01.5 too late", "at 08:00 too late"),
        ("GET https://a.example/x?y=1 failed", "GET https://b.example/ failed"),
        ("commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "commit e83c5163316f89bfbde7d9ab23ca2e25604af290"),
        ("mail to <email:3f2a9c> bounced", "mail to <email:77aa01> bounced"),
        ("mail to a.b+c@shop.example bounced", "mail to someone@else.example.org bounced"),
        ("no route to 10.0.0.1", "no route to 192.168.100.7:8080"),
        ("no route to fe80::1ff:fe23:4567:890a", "no route to 2001:db8::1"),
        ("card 00:1a:2b:3c:4d:5e is down", "card aa-bb-cc-dd-ee-0f is down"),
        ("took 1.5 s", "took 12,7 s"),
        ("unknown token 'a8Kx92mQ4'", "unknown token 'zz77Pq01x'"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 lost", "trace 00f067aa0ba902b7 lost"),
        ("session q7Wm2kX9pL4vB8nT expired", "session a1Bc2Dd3Ee4Ff5Gg6Hh expired"),
        ("shop.Cart@1b6d3586 is closed", "shop.Cart@4554617c is closed"),
        (
            "class shop.Cart$$Lambda$14/0x0000000800c8 cannot be cast",
            "class shop.Cart$$Lambda/0x00007f00a4 cannot be cast",
        ),
        ("no bean shop.Cart$$EnhancerBySpringCGLIB$$1a2b3c4d", "no bean shop.Cart$$EnhancerBySpringCGLIB$$ffee1122"),
    ],
)
def test_messages_that_differ_in_variable_parts_are_equal(one: str, other: str) -> None:
    assert normalise_message(one) == normalise_message(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("missing key region", "missing key currency"),
        ("UNIQUE constraint failed", "FOREIGN KEY constraint failed"),
        ("a < b", "a > b"),
        ("unknown encoding 'ascii'", "unknown encoding 'latin'"),
        ("no member std::max", "no member std::min"),
        ("internationalisation failed", "counterrevolutionary failed"),
        ("option --no-colour-at-all is unknown", "option --with-all-the-trimmings is unknown"),
        ("column may be null", "column jan be null"),
    ],
)
def test_messages_with_different_meanings_stay_different(one: str, other: str) -> None:
    assert normalise_message(one) != normalise_message(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("outer.<locals>.inner", "outer.inner"),
        ("core::fmt::h0123456789abcdef", "core::fmt::hfedcba9876543210"),
        ("core::fmt::h0123456789abcdef", "core::fmt"),
        ("_ZN4core3fmt17h0123456789abcdefE", "_ZN4core3fmt17hfedcba9876543210E"),
        ("shop[1a2b3c4d5e6f7081]::cart::{closure#0}", "shop::cart::{closure#3}"),
        ("shop::cart::{{closure}}", "shop::cart::{closure#1}"),
        ("lambda_12", "lambda_7"),
        ("Proxy1234", "Proxy98765"),
        ("com.shop.Cart$$Lambda$14/0x00007f1234", "com.shop.Cart$$Lambda/0x0000000801c8a000"),
        ("com.shop.Cart$$Lambda$14/1078694789", "com.shop.Cart$$Lambda$22/0x0000000801c8a000"),
        ("com.shop.Cart$1", "com.shop.Cart$2"),
        ("lambda$process$0", "lambda$process$12"),
        ("com.shop.Cart$$EnhancerBySpringCGLIB$$abc12", "com.shop.Cart$$EnhancerBySpringCGLIB$$99ff01"),
        ("com.shop.Cart$$SpringCGLIB$$0", "com.shop.Cart$$SpringCGLIB$$1"),
        ("com.shop.Cart$HibernateProxy$a1B2c3D4", "com.shop.Cart$HibernateProxy$Zz9Yy8Xx"),
        ("com.sun.proxy.$Proxy12", "com.sun.proxy.$Proxy7"),
        ("jdk.proxy2.$Proxy34", "jdk.proxy3.$Proxy35"),
        ("jdk.internal.reflect.GeneratedMethodAccessor12", "jdk.internal.reflect.GeneratedMethodAccessor3"),
        ("java.lang.invoke.LambdaForm$DMH/0x00007f3a", "java.lang.invoke.LambdaForm$DMH/0x000000080"),
        ("shop.Cart$anonfun$main$1", "shop.Cart$anonfun$main$4"),
        ("shop.CartKt$total$lambda$0", "shop.CartKt$total$lambda$3"),
        ("shop.Cart$$ExternalSyntheticLambda0", "shop.Cart$$ExternalSyntheticLambda14"),
        ("shop::total(int)::{lambda(int)#1}::operator()", "shop::total(int)::{lambda(int)#2}::operator()"),
        ("shop::total()::$_0::operator()", "shop::total()::$_3::operator()"),
        ("(anonymous namespace)::total", "`anonymous namespace'::total"),
        ("{anonymous}::total", "(anonymous namespace)::total"),
        ("std::vector<int, std::allocator<int> >::at", "std::vector<shop::Row, std::allocator<shop::Row> >::at"),
        ("std::map<int, std::vector<int>>::operator[]", "std::map<char, long>::operator[]"),
        ("<alloc::vec::Vec<u8> as core::ops::Drop>::drop", "<alloc::vec::Vec<shop::Row> as core::ops::Drop>::drop"),
        ("shop::parse::<u8>", "shop::parse::<i64>"),
        ("main.run.func1", "main.run.func2"),
        ("main.run.func1.2.1", "main.run.func3"),
        ("github.com/shop/cart@v1.2.3/total.Sum", "github.com/shop/cart@v1.10.0/total.Sum"),
        ("static/js/main.4f3a2b1c.js", "static/js/main.99aabb00.js"),
        ("index-BvX9q2kL.js", "index-Zz8Yq1mN.js"),
        ("2.1c3a9b7d.chunk.js", "2.77aa88bb.chunk.js"),
        ("https://shop.example/static/app.js?v=12", "http://localhost:3000/static/app.js?v=99"),
        ("/home/me/src/shop/cart.js", "/srv/app/cart.js"),
        (r"C:\work\shop\cart.js", "/srv/app/cart.js"),
        ("async total", "total"),
        ("Cart.total [as sum]", "Cart.total"),
        ("(anonymous)", "<anonymous>"),
        ("render/</<", "render/<"),
        ("<Total>b__0_1", "<Total>b__2_0"),
        ("Shop.Cart+<Total>d__5", "Shop.Cart+<Total>d__11"),
        ("<>c__DisplayClass5_0", "<>c__DisplayClass12_1"),
        ("<Total>g__Sum|0_1", "<Total>g__Sum|4_0"),
        ("block (2 levels) in total", "block in total"),
        ("{closure:Shop\\Cart::total():12}", "{closure:Shop\\Cart::total():99}"),
        ("[] in [] in Cart>>total", "[] in Cart>>total"),
        ("ext4_readpage.isra.0", "ext4_readpage.constprop.3"),
        ("ext4_readpage.part.0.cold", "ext4_readpage"),
        ("ext4_readpage+0x1f/0x40", "ext4_readpage+0x2f/0x50"),
        ("ext4_readpage+0x1f/0x40 [ext4]", "ext4_readpage"),
        ("memcpy@GLIBC_2.14", "memcpy@@GLIBC_2.17"),
        ("puts@plt", "puts"),
        ("shop::total[abi:cxx11]", "shop::total"),
        ("libshop.so.1.2.3", "libshop.so.2"),
        ("cart-1.2.3.jar", "cart-1.10.0-SNAPSHOT.jar"),
        ("java.base@17.0.1/java.lang.Thread", "java.base@21/java.lang.Thread"),
        ("__34-[Cart total:]_block_invoke_2", "__34-[Cart total:]_block_invoke"),
        ("shop::total.llvm.1234567890", "shop::total.llvm.99"),
    ],
)
def test_generated_names_are_equal(one: str, other: str) -> None:
    assert normalise_symbol(one) == normalise_symbol(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("parse_v2", "parse_v3"),
        ("sha256_update", "sha512_update"),
        ("Foo.<init>", "Foo.<clinit>"),
        ("Cart::operator<", "Cart::operator>"),
        ("Cart::operator<<", "Cart::operator<="),
        ("Cart::operator->", "Cart::operator*"),
        ("std::vector<int>::at", "std::vector<int>::push_back"),
        ("<T as Read>::get", "<T as Write>::get"),
        ("Object.clone", "Object.copy"),
        ("app.component1.js", "app.component2.js"),
        ("libshop.so.1", "libcart.so.1"),
        ("shop.func", "shop.fund"),
        ("<lambda>", "<module>"),
        ("Hash#each", "Hash#map"),
        ("block in total", "total"),
    ],
)
def test_names_of_different_things_stay_different(one: str, other: str) -> None:
    assert normalise_symbol(one) != normalise_symbol(other)


@pytest.mark.parametrize(
    "name",
    [
        "shop.cart.Cart.total",
        "Foo.<init>",
        "Cart::operator<<",
        "Cart#total",
        "Cart>>total:with:",
        "a->b",
        "std::less<",
        "x < y",
    ],
)
def test_plain_names_are_kept(name: str) -> None:
    assert normalise_symbol(name) == name


def test_words_split_at_case_and_punctuation() -> None:
    assert words("shop.CartItem.add_line") == "shop cart item add line"
    assert words("HTTPServer") == "http server"


def test_tokens_keep_placeholders() -> None:
    assert tokens("Order <n> of Ánna") == {"order", "<n>", "of", "ánna"}


def test_steps_give_hints() -> None:
    hints = message_hints("order 12 of a@b.example at https://x.example on 2026-11-21, in /srv/x/y")
    assert hints == [
        "URL replaced",
        "e-mail address replaced",
        "date replaced",
        "path replaced",
        "number replaced",
    ]
    assert message_hints("nothing varies") == []
    assert symbol_hints("com.shop.Cart$$Lambda$14/0x00007f") == ("generated lambda name",)
    assert symbol_hints("core::fmt::h0123456789abcdef") == ("symbol hash cut",)
    assert symbol_hints("ext4_readpage.part.0+0x1f/0x40") == ("offset cut", "build suffix cut")


def test_versions_are_dated_and_newest_first() -> None:
    versions = [change.version for change in CHANGELOG]
    assert versions == sorted(versions, reverse=True)
    assert len(set(versions)) == len(versions)
    assert versions[0] == VERSION
    assert all(version.changes for version in CHANGELOG)


@given(st.text(max_size=300))
def test_normalisation_is_idempotent(text: str) -> None:
    once = normalise_message(text)
    assert normalise_message(once) == once


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    normalise_message(text)
    normalise_symbol(text)
    words(text)
    tokens(text)


@pytest.mark.parametrize(
    "bait",
    [
        "a",
        "0",
        "f",
        "/",
        "-",
        ":",
        ".",
        "@",
        "<",
        ">",
        "$",
        "\\",
        "a.",
        "/a",
        "0:",
        "a-",
        "1a",
        "::h",
        "$1",
        "[] in ",
        "{{",
        "_$$_",
        "$anonfun$",
        "$a$A1",
        "::$_0",
        "@anonymous ",
        "__1_2",
        "_a1b2c_Impl",
        "closure #1 ",
    ],
)
def test_hostile_names_take_linear_time(bait: str) -> None:
    def seconds(length: int) -> float:
        text = (bait * length)[:length] + "\n"
        begin = time.perf_counter()
        normalise_symbol(text)
        return time.perf_counter() - begin

    seconds(1_000)
    small, large = min(seconds(20_000) for _ in range(3)), min(seconds(200_000) for _ in range(2))
    assert large < max(40 * small, 0.5), (small, large)
    normalise_message(bait * 100_000)
