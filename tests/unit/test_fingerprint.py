"""Fingerprints hold together what is one bug."""

from dataclasses import replace

from graph.ingest.fingerprint import STORED_FRAMES, fingerprint
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
