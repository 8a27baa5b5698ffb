"""Names as GraphQL spells them."""


def camel(name: str) -> str:
    """``min_score`` as GraphQL spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
