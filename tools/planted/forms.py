"""Forms in which products write their secrets: files, headers, addresses, commands."""

from __future__ import annotations

import base64
import random
import string
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.planted.makers import Make, letters

MARK = "@@SECRET@@"
BASE64 = string.ascii_letters + string.digits + "./"
VALUES: dict[str, Make] = {
    "password": lambda rng: rng.choice(("Hunter{}zq", "tr0ub4dor.{}", "x{}!Kq", "plumWagon{}")).format(rng.randint(100, 9999)),
    "token": lambda rng: letters(rng, 40),
    "token33": lambda rng: letters(rng, 33),
    "hex": lambda rng: letters(rng, 32, "0123456789abcdef"),
    "base64": lambda rng: base64.b64encode(rng.randbytes(30)).decode(),
    "crypt53": lambda rng: letters(rng, 53, BASE64),
    "crypt86": lambda rng: letters(rng, 86, BASE64),
    "age": lambda rng: letters(rng, 58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form with the shape of its secret."""

    name: str
    shape: str
    template: str

    def value(self, rng: random.Random) -> str:
        """A secret of its shape."""
        return VALUES[self.shape](rng)

    def text(self, value: str) -> str:
        """The form with a secret."""
        return self.template.replace(MARK, value)


def forms() -> list[Form]:
    """All forms."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return [Form(one["name"], one["value"], one["text"]) for one in content["form"]]
