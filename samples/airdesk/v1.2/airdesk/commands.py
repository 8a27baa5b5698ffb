"""What a planner can ask for, by name, and how badly it matters when it fails."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airdesk import clock
from airdesk.catalogue import feeds, series
from airdesk.catalogue.titles import Catalogue
from airdesk.exchange import publish, receive
from airdesk.planning import breaks, promos, rules
from airdesk.planning.grid import Grid
from airdesk.playout import gateway, labels, playlist
from airdesk.reports import archive, daily, guide
from airdesk.rights import licences
from airdesk.traffic import bookings, invoices, ratings

if TYPE_CHECKING:
    from airdesk.desk import Desk


def add_title(desk: Desk, house_id: str, name: str, runtime: int, language: str) -> None:
    Catalogue(desk.database).add(house_id, name, runtime, language)


def import_titles(desk: Desk, path: Path, charset: str = "utf-8") -> int:
    catalogue = Catalogue(desk.database)
    if path.suffix == ".xml":
        return feeds.import_xml(catalogue, path)
    return feeds.import_csv(catalogue, path, charset)


def classify_titles(desk: Desk, codes: list[str]) -> list[str]:
    return feeds.classify(codes)


def copy_season(desk: Desk, series_id: str, new_id: str) -> str:
    return series.copy_season(desk.database, desk.folder, series_id, new_id)


def show_series(desk: Desk, series_id: str) -> str:
    return " > ".join(series.breadcrumb(desk.database, series_id))


def enter_licence(desk: Desk, **fields: str) -> float:
    return licences.cost_per_run(licences.read_licence(fields))


def check_licence(desk: Desk, forms: list[dict[str, str]], title: str, day: datetime) -> str:
    held = [licences.read_licence(form) for form in forms]
    return licences.window_for(held, title, day).end.isoformat()


def plan_day(desk: Desk, channel: str, slots: list[tuple[str, datetime]]) -> int:
    desk.settings.channel(channel)
    grid = Grid(Catalogue(desk.database))
    for house_id, start in slots:
        rules.allowed(desk.folder, house_id, start.hour)
        grid.place(house_id, start)
    return len(grid.slots)


def show_gaps(desk: Desk, slots: list[tuple[str, datetime]], through_last: bool = False) -> list[int]:
    grid = Grid(Catalogue(desk.database))
    for house_id, start in slots:
        grid.place(house_id, start)
    return [grid.gap_after(index) for index in range(len(slots) - (not through_last))]


def value_break(desk: Desk, prices: list[str], audience: list[float]) -> tuple[Decimal, float]:
    return breaks.price_break(prices), breaks.average_rating(audience)


def fit_spot(desk: Desk, spots: list[int], length: int) -> int:
    return breaks.position_for(spots, length)


def plan_promo(desk: Desk, trailers: list[str], start: datetime) -> str:
    return promos.plan_promo(Catalogue(desk.database), trailers, start)


def publish_programme(desk: Desk, path: Path, shows: list[dict[str, Any]]) -> int:
    return publish.publish(path, shows)


def receive_programme(desk: Desk, path: Path, partner: str) -> list[str]:
    return receive.receive(path, partner)


def export_playlist(desk: Desk, items: list[dict[str, Any]]) -> int:
    return playlist.export(desk.folder / "playlist.json", items)


def resume_playout(desk: Desk) -> None:
    playlist.resume(desk.folder / "playlist.json", desk.player)


def log_as_run(desk: Desk) -> dict[str, Any]:
    return desk.player.log_as_run(clock.now())


def store_label(desk: Desk, channel: str, text: str, width: int) -> None:
    labels.store_label(desk.folder / "labels" / f"{channel}.bin", text, width)


def show_label(desk: Desk, channel: str) -> str:
    return labels.read_label(desk.folder / "labels" / f"{channel}.bin")


def upload(desk: Desk, files: list[Path]) -> int:
    return gateway.upload_all(desk.settings, files)


def import_bookings(desk: Desk, path: Path) -> int:
    return bookings.import_bookings(desk.database, path)


def confirm_booking(desk: Desk, customer: str, address: str) -> str:
    return bookings.confirm(desk.database, customer, address)


def run_invoices(desk: Desk, prices: list[str]) -> Decimal:
    return invoices.tax_on(desk.settings, invoices.run_invoices(desk.pool, prices))


def number_invoice(desk: Desk, prefix: str) -> str:
    return invoices.number_invoice(desk.folder, prefix)


def read_panel(desk: Desk, path: Path) -> float:
    return breaks.average_rating(ratings.read_panel(path))


def export_ratings(desk: Desk, values: list[float]) -> None:
    ratings.to_workbook(desk.folder / "ratings.xlsx", values)


def daily_report(desk: Desk, day: str) -> None:
    count = daily.count_bookings(desk.pool, day)
    daily.replace_report(desk.folder, "latest.txt", f"{day}: {count} spots\n")


def export_day(desk: Desk, name: str, counts: dict[str, int]) -> None:
    daily.export_counts(desk.folder, name, counts)


def archive_report(desk: Desk, lines: list[str]) -> None:
    archive.keep(desk.folder, lines)


def replace_report(desk: Desk, name: str, text: str) -> None:
    daily.replace_report(desk.folder, name, text)


def print_guide(desk: Desk, house_ids: list[str]) -> str:
    catalogue = Catalogue(desk.database)
    return "\n".join(guide.guide_line(catalogue, house_id) for house_id in house_ids)


def print_page(desk: Desk, title: str, text: str) -> None:
    guide.write_page(desk.folder, title, text)


def print_symbol(desk: Desk, name: str) -> str:
    return guide.symbol(name)


CRITICAL = {resume_playout, log_as_run, upload}
"""The screen goes black, or nobody can prove that it did not."""
MINOR = {
    print_symbol, print_guide, replace_report, archive_report, daily_report, export_ratings, read_panel, show_series,
    show_gaps, add_title, enter_licence, check_licence, value_break, fit_spot,
}  # fmt: skip
"""Whoever is at the desk can try again or correct what was typed."""
COSMETIC = {print_page, show_label}

COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (
        add_title, import_titles, classify_titles, copy_season, show_series, enter_licence, check_licence, plan_day,
        show_gaps, value_break, fit_spot, export_playlist, resume_playout, log_as_run, store_label, show_label, upload,
        import_bookings, confirm_booking, run_invoices, number_invoice, read_panel, export_ratings, daily_report,
        archive_report, replace_report, print_guide, print_page, print_symbol,
        plan_promo, publish_programme, receive_programme, export_day,
    )
}  # fmt: skip


def level_of(command: Any) -> int:
    """The level at which a failure of the command is logged."""
    if command in CRITICAL:
        return logging.CRITICAL
    if command in MINOR:
        return logging.WARNING
    return logging.INFO if command in COSMETIC else logging.ERROR


LEVELS = {name: level_of(command) for name, command in COMMANDS.items()}
