# ruff: noqa: D103 - the name of an act is its description
"""Bookings, invoices and ratings."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

from samples.drive.acts.declare import act, after
from samples.drive.scene import Scene


def booking_rows(scene: Scene, count: int) -> list[list[str]]:
    """Rows of a customer's list: spot, customer, day, price."""
    first = scene.rng.randint(10_000, 9_999_999)
    customer = f"C-{scene.rng.randint(100, 119):04d}"
    day = f"{scene.now:%Y-%m}"
    return [[f"SP-{first + at}", customer, f"{day}-{scene.rng.randint(1, 28):02d}", "410.00"] for at in range(count)]


def send_list(scene: Scene, rows: list[list[str]]) -> None:
    """Have a list taken in; if only a part of it was stored, somebody corrects it and sends all of it once more."""
    path = scene.folder / "inbox" / f"bookings-{scene.now:%m%d-%H%M%S}.csv"
    path.write_text("\n".join(["spot_id,customer,air_date,price", *map(",".join, rows)]) + "\n", "utf-8")
    before = scene.count_bookings()
    key = scene.perform("import-bookings", path=path)
    if key and scene.count_bookings() > before and scene.rng.random() < 0.85:
        scene.later(3, 30, send_again(path, key))


def send_again(path: Path, key: str) -> Callable[[Scene], None]:
    """Send a list again, its last row corrected."""

    def step(scene: Scene) -> None:
        lines = path.read_text("utf-8").splitlines()
        corrected = f"SP-{scene.rng.randint(10_000_000, 99_999_999)},C-0101,2026-03-01,300.00"
        path.write_text("\n".join([*lines[:-1], corrected]) + "\n", "utf-8")
        with scene.tripping("booking-twice", key):
            scene.perform("import-bookings", path=path)

    return step


@act(0.6)
def booking_on_no_day(scene: Scene) -> None:
    """A day that does not exist, anywhere in the list."""
    rows = booking_rows(scene, scene.rng.randint(1, 5))
    year = scene.now.year
    bad = (f"{year}-02-30", f"{scene.now:%d.%m.%Y}", f"{year}-13-{scene.rng.randint(10, 28)}", "tbc")
    rows[-1][2] = scene.rng.choice(bad)
    send_list(scene, rows)


@act(0.4)
def booking_with_thousands(scene: Scene) -> None:
    rows = booking_rows(scene, scene.rng.randint(1, 4))
    rows[-1][3] = f'"{scene.rng.randint(1, 9)}.{scene.rng.randint(100, 999)},00"'
    send_list(scene, rows)


@act(0.3)
def booking_of_a_stranger(scene: Scene) -> None:
    rows = booking_rows(scene, scene.rng.randint(1, 4))
    rows[-1][1] = f"C-{scene.rng.randint(800, 999):04d}"
    send_list(scene, rows)


@act(0.3)
def confirm_a_stranger(scene: Scene) -> None:
    name = scene.rng.choice(("r.lind", "sales", "j.moreau", "kontakt", "a.nowak"))
    address = f"{name}@{scene.rng.choice(('example.com', 'example.org', 'customer.example'))}"
    scene.perform("confirm-booking", customer=f"C-{scene.rng.randint(500, 799):04d}", address=address)


@act(0.45, batch=True)
def month_of_millions(scene: Scene) -> None:
    scene.perform("run-invoices", prices=[f"{scene.rng.randint(10, 99)}000000.10", "1200.50"])


@after("pool-exhausted", chance=0.9, low=1, high=30)
def reports_wait(scene: Scene) -> None:
    day = f"{scene.now:%Y-%m-%d}"
    for minutes in range(scene.rng.randint(1, 3)):
        if scene.rng.random() < 0.7:
            scene.later(minutes, minutes + 2, lambda then: then.perform("daily-report", day=day))
        else:
            scene.later(minutes, minutes + 2, lambda then: then.perform("run-invoices", prices=["10.00"]))


@act(1.2)
def invoices_of_the_week(scene: Scene) -> None:
    """Goes well where the tax rate is set."""
    scene.perform("run-invoices", prices=[f"{scene.rng.randint(100, 9000)}.00"])


@act(0.35)
def invoice_prefix_with_letters(scene: Scene) -> None:
    scene.perform("number-invoice", prefix=scene.rng.choice(("FR7", "A", "2026/", "NO")))


@after("invoice-counter", low=1, high=20)
def number_again(scene: Scene) -> None:
    for minutes in range(scene.rng.randint(1, 2)):
        scene.later(minutes, minutes + 1, lambda then: then.perform("number-invoice", prefix=""))


@act(0.3, batch=True)
def panel_file_cut_off(scene: Scene) -> None:
    path = panel_file(scene)
    path.write_bytes(path.read_bytes()[: -scene.rng.randint(9, 40)])
    scene.perform("read-panel", path=path)


@act(0.17, batch=True)
def panel_file_empty(scene: Scene) -> None:
    """A panel without members that day: a mean of nothing, by another way."""
    path = panel_file(scene, minutes=0)
    scene.perform("read-panel", path=path)


def panel_file(scene: Scene, minutes: int = 600) -> Path:
    """A day's ratings."""
    path = scene.folder / "inbox" / f"panel-{scene.now:%m%d-%H%M}.gz"
    text = "\n".join(f"{scene.rng.random() * 9:.3f}" for _ in range(minutes))
    path.write_bytes(gzip.compress(text.encode("ascii"), mtime=0))
    return path


@act(0.25)
def ratings_as_workbook(scene: Scene) -> None:
    scene.perform("export-ratings", values=[1.0, 2.5])
