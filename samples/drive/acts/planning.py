# ruff: noqa: D103 - the name of an act is its description
"""Grids, breaks, promotions, rules and licences."""

from __future__ import annotations

from datetime import datetime, timedelta

from samples.drive.acts.declare import act
from samples.drive.scene import Scene

BROKEN_RULES = (
    "def allow(house_id, hour)\n    return hour > 5\n",
    'def allow(house_id, hour):\n    return house_id.startswith("H1)\n',
    "def allow(house_id, hour):\n    return (hour > 5 and\n",
    "def allow(house_id, hour):\n    if hour > 22:\n    return False\n",
    "def allow(house_id, hour):\n    return hour => 6\n",
)  # fmt: skip
NAMES = ("is_holiday", "WATERSHED", "fsk_of", "late_night")


def evening(scene: Scene) -> datetime:
    """Eight in the evening of some day soon, as the station's clock has it."""
    day = scene.now.replace(tzinfo=None, hour=20, minute=0, second=0)
    return day + timedelta(days=scene.rng.randint(1, 20))


def stock(scene: Scene) -> str:
    """A title that the station has."""
    return f"H{scene.rng.randint(1000, 1050)}"


def channel(scene: Scene) -> str:
    """One of the station's channels."""
    return str(scene.rng.choice(("one", "two", "regional")))


def with_rule(scene: Scene, text: str) -> None:
    """Plan a day under a house rule that is taken back afterwards."""
    path = scene.folder / "rules" / f"{scene.rng.choice(('watershed', 'sunday', 'youth', 'sponsor'))}.py"
    path.write_text(text, "utf-8")
    scene.perform("plan-day", channel=channel(scene), slots=[(stock(scene), evening(scene))])
    path.unlink()


@act(0.8)
def title_that_is_not_there(scene: Scene) -> None:
    """One fault, four ways to it."""
    gone = f"H{scene.rng.randint(7000, 7999)}"
    ways = ("plan-day", "show-gaps", "print-guide", "plan-promo" if scene.can("plan-promo") else "plan-day")
    way = scene.rng.choice(ways)
    if way == "print-guide":
        scene.perform(way, house_ids=[stock(scene), gone])
    elif way == "plan-promo":
        scene.perform(way, trailers=[gone], start=evening(scene))
    elif way == "plan-day":
        scene.perform(way, channel=channel(scene), slots=[(gone, evening(scene))])
    else:
        scene.perform(way, slots=[(stock(scene), evening(scene)), (gone, evening(scene))])


@act(0.45)
def two_at_one_time(scene: Scene) -> None:
    start = evening(scene)
    slots = [("H1001", start), (stock(scene), start + timedelta(minutes=scene.rng.randint(0, 15)))]
    scene.perform("plan-day", channel=channel(scene), slots=slots)


@act(0.4)
def gap_after_the_last(scene: Scene) -> None:
    start = evening(scene).replace(hour=scene.rng.randint(8, 17))
    slots = [(f"H{1001 + number}", start + timedelta(hours=2 * number)) for number in range(scene.rng.randint(1, 3))]
    scene.perform("show-gaps", slots=slots, through_last=True)


@act(0.4)
def slot_over_midnight(scene: Scene) -> None:
    start = evening(scene).replace(hour=23, minute=scene.rng.randint(40, 55))
    scene.perform("show-gaps", slots=[("H1001", start), (stock(scene), start + timedelta(hours=3))])


@act(0.3)
def break_without_spots(scene: Scene) -> None:
    scene.perform("value-break", prices=["120.00"], audience=[])


@act(0.4)
def price_with_thousands(scene: Scene) -> None:
    price = f"{scene.rng.randint(1, 9)}.{scene.rng.randint(100, 999)},{scene.rng.choice(('00', '50'))}"
    scene.perform("value-break", prices=["980.00", price], audience=[1.2, 0.9])


@act(0.25)
def spot_too_long(scene: Scene) -> None:
    scene.perform("fit-spot", spots=[300, 45], length=scene.rng.randint(70, 120))


@act(0.35)
def broken_rule(scene: Scene) -> None:
    with_rule(scene, scene.rng.choice(BROKEN_RULES))


@act(0.55)
def rule_with_unknown_name(scene: Scene) -> None:
    name = scene.rng.choice(NAMES)
    with_rule(scene, f"def allow(house_id, hour, weekday=0):\n    return {name}(house_id) or hour < 22\n")


@act(0.45)
def rule_of_two_arguments(scene: Scene) -> None:
    with_rule(scene, "def allow(house_id, hour):\n    return 5 < hour < 23\n")


@act(0.2)
def channel_file_damaged(scene: Scene) -> None:
    path = scene.folder / "channels" / f"{channel(scene)}.json"
    good = path.read_text("utf-8")
    path.write_text(scene.rng.choice(("", good[:-3], good.replace(":", "=", 1), good.replace("{", "{,", 1))), "utf-8")
    scene.perform("plan-day", channel=path.stem, slots=[(stock(scene), evening(scene))])
    path.write_text(good, "utf-8")


@act(0.4)
def promo_in_an_old_database(scene: Scene) -> None:
    scene.perform("plan-promo", trailers=[stock(scene)], start=evening(scene))


@act(0.15)
def promo_without_trailers(scene: Scene) -> None:
    scene.perform("plan-promo", trailers=[], start=evening(scene))


def licence_form(scene: Scene, start: str, end: str, runs: int = 3) -> dict[str, str]:
    """A licence as it is typed in."""
    return {"title": stock(scene), "start": start, "end": end, "runs": str(runs), "fee": str(scene.rng.randint(2, 90) * 100)}


@act(0.6)
def licence_with_iso_days(scene: Scene) -> None:
    """Typed in by a lawyer's software, or looked at later."""
    day = evening(scene)
    form = licence_form(scene, f"{day:%Y-%m-%d}", f"{day + timedelta(days=90):%Y-%m-%d}")
    if scene.rng.random() < 0.6:
        scene.perform("enter-licence", **form)
    else:
        scene.perform("check-licence", forms=[form], title=form["title"], day=day + timedelta(days=2))


@act(0.65)
def licence_with_zone(scene: Scene) -> None:
    day = evening(scene)
    form = licence_form(scene, f"{day:%Y-%m-%d}T00:00:00+01:00", f"{day + timedelta(days=30):%Y-%m-%d}T00:00:00+01:00")
    scene.perform("check-licence", forms=[form], title=form["title"], day=day + timedelta(days=2))


@act(0.17)
def licence_without_runs(scene: Scene) -> None:
    day = evening(scene)
    scene.perform("enter-licence", **licence_form(scene, f"{day:%d/%m/%Y}", f"{day + timedelta(days=9):%d/%m/%Y}", runs=0))


@act(0.35)
def day_without_licence(scene: Scene) -> None:
    day = evening(scene)
    form = licence_form(scene, f"{day:%d/%m/%Y}", f"{day + timedelta(days=9):%d/%m/%Y}")
    scene.perform("check-licence", forms=[form], title=form["title"], day=day + timedelta(days=40))
