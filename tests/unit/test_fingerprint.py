"""Crashes of one bug share fingerprints."""

from dataclasses import replace

from graph.fingerprint.compute import fingerprint
from graph.fingerprint.normalisation.stack import STORED_FRAMES
from graph.model.report import ParsedReport, StackFrame

FRAMES = (
    StackFrame("raw_decode", "json.decoder", in_app=False, line=355),
    StackFrame("load", "shop.orders", in_app=True, line=12),
    StackFrame("run", "shop.jobs", in_app=True, line=80),
    StackFrame("main", "shop.cli", in_app=True, line=9),
    StackFrame("<module>", "shop.cli", in_app=True, line=1),
)
REPORT = ParsedReport("python", "ValueError", "order 12 has no lines", FRAMES, culprit=FRAMES[1])


def test_line_numbers_and_ids_do_not_matter() -> None:
    moved = tuple(replace(frame, line=(frame.line or 0) + 40) for frame in FRAMES)
    other = replace(REPORT, message="order 77 has no lines", frames=moved, culprit=moved[1])
    assert fingerprint(other).exact == fingerprint(REPORT).exact


def test_frames_count_from_the_culprit() -> None:
    deeper = (StackFrame("scan_once", "json.scanner", in_app=False), *FRAMES)
    assert fingerprint(replace(REPORT, frames=deeper)).exact == fingerprint(REPORT).exact
    elsewhere = (FRAMES[0], replace(FRAMES[1], function="store"), *FRAMES[2:])
    assert fingerprint(replace(REPORT, frames=elsewhere, culprit=elsewhere[1])).exact != fingerprint(REPORT).exact


def test_another_message_shares_the_structure_only() -> None:
    other = fingerprint(replace(REPORT, message="customer has no address"))
    assert other.exact != fingerprint(REPORT).exact
    assert other.structural == fingerprint(REPORT).structural


def test_another_module_shares_the_structure_only() -> None:
    frames = tuple(replace(frame, module=frame.module.replace("shop", "store")) for frame in FRAMES)
    other = fingerprint(replace(REPORT, frames=frames, culprit=frames[1]))
    assert other.exact != fingerprint(REPORT).exact
    assert other.structural == fingerprint(REPORT).structural


def test_depth_of_recursion_does_not_matter() -> None:
    again = StackFrame("walk", "shop.tree")
    shallow = replace(REPORT, frames=(again, again, *FRAMES), culprit=again)
    deep = replace(REPORT, frames=(*[again] * 900, *FRAMES), culprit=again)
    assert fingerprint(shallow).exact == fingerprint(deep).exact


def test_stored_frames_are_bounded() -> None:
    frames = tuple(StackFrame(f"f{chr(97 + i % 26)}{chr(97 + i // 26)}") for i in range(500))
    assert len(fingerprint(replace(REPORT, frames=frames, culprit=None)).frames) == STORED_FRAMES


def test_title_names_the_type_and_the_place() -> None:
    assert fingerprint(REPORT).title == "ValueError in shop.orders.load"
    assert fingerprint(replace(REPORT, frames=(), culprit=None)).title == "ValueError: order <n> has no lines"


def test_parts_do_not_run_into_each_other() -> None:
    one = ParsedReport("x", "A", "b c", ())
    two = ParsedReport("x", "A: b", "c", ())
    assert fingerprint(one).structural != fingerprint(two).structural


def stack(*names: str) -> tuple[StackFrame, ...]:
    return tuple(StackFrame(name) for name in names)


def keys(*names: str) -> list[str]:
    found = fingerprint(ParsedReport("x", "E", "", stack(*names)))
    return [frame.key for frame in found.frames]


def test_recursion_through_several_functions_is_folded() -> None:
    assert keys("a", "b", "a", "b", "a", "b", "main") == ["a", "b", "main"]
    assert keys("x", "a", "b", "a", "b", "a", "main") == ["x", "a", "b", "a", "main"]
    eight = list("abcdefgh")
    assert keys(*eight * 5, "main") == [*eight, "main"]
    assert keys("a", "b", "c", "a", "c", "b") == ["a", "b", "c", "a", "c", "b"]


def test_depth_of_mutual_recursion_does_not_matter() -> None:
    def deep(times: int) -> str:
        names = [*["parse", "term", "factor"] * times, "main"]
        return fingerprint(ParsedReport("x", "RecursionError", "", stack(*names))).exact

    assert deep(2) == deep(300)


def test_a_long_recursion_does_not_push_its_caller_out() -> None:
    assert keys(*["a", "b"] * 500, "main")[-1] == "main"


def test_inlined_frames_count_for_exact_only() -> None:
    inlined = StackFrame("fast_path", inlined=True)
    plain = ParsedReport("x", "E", "", stack("total", "pay", "main"))
    other_build = replace(plain, frames=(inlined, *plain.frames), culprit=inlined)
    assert fingerprint(plain).structural == fingerprint(other_build).structural
    assert fingerprint(plain).exact != fingerprint(other_build).exact


def test_a_stack_of_inlined_frames_alone_still_has_a_structure() -> None:
    one, other = (ParsedReport("x", "E", "", (StackFrame(name, inlined=True),)) for name in ("total", "pay"))
    assert fingerprint(one).structural != fingerprint(other).structural


def test_comprehension_frames_do_not_matter() -> None:
    inner = StackFrame("<listcomp>", "shop.orders", in_app=True, line=12)
    older = replace(REPORT, frames=(inner, *FRAMES[1:]), culprit=inner)
    newer = replace(REPORT, frames=FRAMES[1:], culprit=FRAMES[1])
    assert fingerprint(older).exact == fingerprint(newer).exact
    assert fingerprint(older).title == "ValueError in shop.orders.load"


def test_a_state_machine_is_its_method() -> None:
    machine = ParsedReport("x", "E", "", (StackFrame("MoveNext", "Shop.Cart+<Total>d__5"),))
    method = ParsedReport("x", "E", "", (StackFrame("Total", "Shop.Cart"),))
    assert fingerprint(machine).exact == fingerprint(method).exact


def test_minified_names_do_not_matter() -> None:
    def built(name: str, file: str) -> str:
        return fingerprint(ParsedReport("x", "TypeError", "", (StackFrame(name, file=file),))).exact

    assert built("t", "https://x.example/main.4f3a2b1c.js") == built("n.e", "https://x.example/main.99aabbcc.js")
    assert built("t", "src/cart.js") != built("n", "src/cart.js")
