# ruff: noqa: D103 - the name of an act is its description
"""Titles, series and feeds."""

from __future__ import annotations

from pathlib import Path

from samples.drive.acts.declare import act, after
from samples.drive.scene import Scene

WORDS = ("North", "Harbour", "Winter", "Lost", "Paper", "Glass", "Garden", "Night", "River", "Silent", "Blue", "Last")
KINDS = ("Story", "Road", "Letters", "Kitchen", "Detectives", "Coast", "Choir", "Summer", "Island", "Museum")
MARKUP = (
    "<script>alert(1)</script>",
    "<script>alert('news')</script>",
    "<b>Live</b> from the Dome",
    'Tom & Jerry\'s "Best"',
    "<img src=x onerror=alert(2)>",
)
LETTERS = ("Café Société", "Größe zählt", "São João do Porto", "Øya i havet")


def a_name(scene: Scene) -> str:
    """A made-up title."""
    return f"{scene.rng.choice(WORDS)} {scene.rng.choice(KINDS)}"


def feed_path(scene: Scene, ending: str) -> Path:
    """Where a distributor's new list is put."""
    return scene.folder / "inbox" / f"{scene.rng.choice(('aurora', 'borealis', 'contour'))}-{scene.now:%m%d-%H%M}{ending}"


def write_csv(scene: Scene, duration: str, name: str, charset: str = "utf-8") -> Path:
    """A list with the given duration and name in its last title."""
    path = feed_path(scene, ".csv")
    good = [f"H{1000 + number},{a_name(scene)},{scene.rng.randint(20, 110)},en" for number in range(scene.rng.randint(1, 4))]
    lines = ["id,name,duration,lang", *good, f"H{scene.rng.randint(2000, 2999)},{name},{duration},en"]
    path.write_bytes("\r\n".join(lines).encode(charset))
    return path


def write_xml(scene: Scene, duration: str) -> Path:
    """A list of one title."""
    path = feed_path(scene, ".xml")
    number = scene.rng.randint(100_000, 999_999)
    title = f'<title id="H{number}" duration="{duration}" lang="en">{a_name(scene)}</title>'
    path.write_text(f"<list>\n{title}\n</list>\n", "utf-8")
    return path


def odd_duration(scene: Scene) -> str:
    """A duration that the program does not understand, in one of its versions at least."""
    minutes = scene.rng.randint(21, 58)
    return scene.rng.choice((f"PT{minutes}M", f"0:{minutes}:30", f"ca. {minutes} min"))


@act(0.85, batch=True)
def feed_with_odd_duration(scene: Scene) -> None:
    """The same trouble by way of XML and of CSV."""
    duration = odd_duration(scene)
    path = write_xml(scene, duration) if scene.rng.random() < 0.6 else write_csv(scene, duration, a_name(scene))
    scene.perform("import-titles", path=path)


@act(0.5, batch=True)
def feed_in_latin1(scene: Scene) -> None:
    scene.perform("import-titles", path=write_csv(scene, "45", scene.rng.choice(LETTERS), "latin-1"))


@act(0.15)
def feed_with_unknown_charset(scene: Scene) -> None:
    charset = scene.rng.choice(("cp-1252x", "utf-8-mac", "ansi", "latin-99"))
    scene.perform("import-titles", path=write_csv(scene, "45", a_name(scene)), charset=charset)


@act(0.17, batch=True)
def feed_with_long_synopsis(scene: Scene) -> None:
    synopsis = f"{a_name(scene)} {'and so on ' * 450}"
    scene.perform("import-titles", path=write_csv(scene, "45", synopsis))


@act(0.3, batch=True)
def feed_not_well_formed(scene: Scene) -> None:
    path = feed_path(scene, ".xml")
    lines = ["<list>"] * scene.rng.randint(1, 9)
    path.write_text("\n".join([*lines, f"<title>{a_name(scene)} & {a_name(scene)}</title>"]), "utf-8")
    scene.perform("import-titles", path=path)


@after("database-locked", chance=0.9, low=1, high=20)
def others_write(scene: Scene) -> None:
    """Whoever wants to store something meanwhile cannot."""
    for minutes in range(scene.rng.randint(1, 2)):
        scene.later(minutes, minutes + 1.5, write_something)


def write_something(scene: Scene) -> None:
    """A title, a booking list or a season: each needs the database."""
    number = scene.rng.randint(100_000, 999_999)
    kind = scene.rng.random()
    if kind < 0.5:
        scene.perform("add-title", house_id=f"H{number}", name=a_name(scene), runtime=52, language="en")
    elif kind < 0.7:
        scene.perform("import-titles", path=write_xml(scene, "52"))
    elif kind < 0.85:
        scene.perform("import-titles", path=write_csv(scene, "52", a_name(scene)))
    else:
        scene.perform("copy-season", series_id="S2", new_id=f"S{number}")


@act(0.4)
def title_without_language(scene: Scene) -> None:
    name = scene.rng.choice(MARKUP) if scene.rng.random() < 0.5 else a_name(scene)
    scene.perform("add-title", house_id=f"H{scene.rng.randint(3000, 9999)}", name=name, runtime=25, language="")


@act(0.25)
def title_entered_twice(scene: Scene) -> None:
    scene.perform("add-title", house_id=f"H{scene.rng.randint(1000, 1050)}", name=a_name(scene), runtime=25, language="en")


@act(0.35)
def unknown_genre(scene: Scene) -> None:
    code = scene.rng.choice(("SIT.COM", "REA", "QUZ.GAM", "MUS.LIV", "TEL"))
    scene.perform("classify-titles", codes=["DOC.NAT", "DRA", code, "SPO.SKI"])


@act(0.45)
def series_in_a_circle(scene: Scene) -> None:
    """Looked at, or copied: the second leaves a lock behind."""
    if scene.rng.random() < 0.4:
        scene.perform("show-series", series_id="S8")
    else:
        scene.perform("copy-season", series_id=scene.rng.choice(("S8", "S9")), new_id=f"S{scene.rng.randint(100, 999)}")


@after("catalogue-locked", low=2, high=25)
def copy_while_locked(scene: Scene) -> None:
    scene.perform("copy-season", series_id="S2", new_id=f"S{scene.rng.randint(100, 999)}")
    if scene.rng.random() < 0.4:
        scene.later(0.5, 1.0, lambda then: then.perform("copy-season", series_id="S3", new_id="S77"))
