"""Small faults that people make in Python, as edits of a module's text.

An edit replaces the bytes of one syntax node by others, so that the line which a traceback shows is the faulty one.
Replacing a statement keeps the number of lines; expressions over several lines are left alone.
"""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CONVERSIONS: frozenset[str] = frozenset(
    {"str", "int", "list", "tuple", "len", "iter", "dict", "set", "float", "bytes", "sorted"}
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
OPPOSITE: dict[str, str] = {
    "==": "!=",
    "<": "<=",
    ">": ">=",
    "<=": "<",
    ">=": ">",
    "+": "-",
    "-": "+",
    "and": "or",
    "or": "and",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes ``start:end`` of the module become ``text``; ``line`` counts from 1, ``function`` is the innermost one."""

    start: int
    end: int
    text: str
    line: int
    function: str
    operator: str


class SourceModule:
    """One module's source and the byte offset at which each of its lines begins."""

    def __init__(self, source: bytes) -> None:
        """Parse; raises SyntaxError and ValueError as ``ast.parse`` does."""
        self.source = source
        self.tree = ast.parse(source)
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def edits(self, function: str, first_line: int, draw: random.Random) -> list[Edit]:
        """Every edit inside the outermost function that begins (decorators included) at ``first_line``."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, FunctionNode) and node.name == function]
        for node in found:
            if min([node.lineno, *(d.lineno for d in node.decorator_list)]) == first_line:
                return list(self._inside(node, draw))
        return []

    def applied(self, edit: Edit) -> bytes:
        """The module's source with the fault in it."""
        return self.source[: edit.start] + edit.text.encode() + self.source[edit.end :]

    def _inside(self, function: FunctionNode, draw: random.Random) -> Iterator[Edit]:
        body = function.body[1:] if ast.get_docstring(function) else function.body
        scope = LexicalScope.of(function, draw)
        for statement in body:
            yield from self._walk(statement, scope)

    def _walk(self, node: ast.AST, scope: LexicalScope) -> Iterator[Edit]:
        if isinstance(node, FunctionNode):
            scope = LexicalScope.of(node, scope.draw)
        for operator, make in OPERATORS.items():
            for target, text in make(node, self, scope):
                edit = self._edit(target, text, scope.function, operator)
                if edit is not None:
                    yield edit
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.JoinedStr):  # positions inside f-strings are not exact before Python 3.12
                yield from self._walk(child, scope)

    def _edit(self, target: ast.expr | ast.stmt, text: str, function: str, operator: str) -> Edit | None:
        start, end = self.span(target)
        lines = (target.end_lineno or target.lineno) - target.lineno
        if lines and not isinstance(target, ast.stmt):
            return None
        padded = text + "\n" * lines
        return (
            None if self.source[start:end] == padded.encode() else Edit(start, end, padded, target.lineno, function, operator)
        )

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The node's first byte and the one after its last."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[end_line - 1] + end_column

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The node as written."""
        start, end = self.span(node)
        return self.source[start:end].decode()


@dataclass(frozen=True, slots=True)
class LexicalScope:
    """What an operator may draw on: the innermost function, its local names, and chance."""

    function: str
    names: tuple[str, ...]
    draw: random.Random

    @classmethod
    def of(cls, function: FunctionNode, draw: random.Random) -> LexicalScope:
        """The scope of a function's body."""
        arguments = function.args
        given = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        bound = [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        return cls(function.name, tuple(sorted({*given, *bound} - {"self", "cls"})), draw)


Change = tuple["ast.expr | ast.stmt", str]
Operator = Callable[[ast.AST, SourceModule, LexicalScope], Iterator[Change]]


def ret_none(node: ast.AST, module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A function that forgets to give its value."""
    if isinstance(node, ast.Return) and node.value is not None:
        yield (
            node,
            scope.draw.choice(["return None", "return", f"{module.text(node.value)}" if _one_line(node) else "return None"]),
        )


def ret_wrong(node: ast.AST, module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A value of the wrong type."""
    if isinstance(node, ast.Return) and node.value is not None and _one_line(node):
        value = module.text(node.value)
        yield (
            node,
            scope.draw.choice([f"return [{value}]", f"return ({value},)", "return ''", "return 0", "return {}", "return []"]),
        )


def drop_arg(node: ast.AST, module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A call that forgets one argument."""
    if isinstance(node, ast.Call) and _one_line(node) and (node.args or node.keywords):
        parts = [module.text(argument) for argument in node.args]
        parts += [f"{k.arg}={module.text(k.value)}" if k.arg else f"**{module.text(k.value)}" for k in node.keywords]
        parts.pop(scope.draw.randrange(len(parts)))
        yield node, f"{module.text(node.func)}({', '.join(parts)})"


def none_arg(node: ast.AST, _module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A call that passes None."""
    if isinstance(node, ast.Call) and node.args:
        target = scope.draw.choice(node.args)
        if not isinstance(target, ast.Starred):
            yield target, "None"


def swap_args(node: ast.AST, module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A call with its first two arguments the wrong way round."""
    if isinstance(node, ast.Call) and len(node.args) >= 2 and _one_line(node) and not node.keywords:
        texts = [module.text(argument) for argument in node.args]
        texts[0], texts[1] = texts[1], texts[0]
        yield node, f"{module.text(node.func)}({', '.join(texts)})"


def typo_attr(node: ast.AST, module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A misspelt or wrong attribute."""
    if isinstance(node, ast.Attribute) and _one_line(node) and isinstance(node.ctx, ast.Load):
        yield node, f"{module.text(node.value)}.{_misspelt(node.attr, scope.draw)}"


def typo_name(node: ast.AST, _module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A misspelt name."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and len(node.id) > 2 and scope.draw.random() < 0.02:
        yield node, _misspelt(node.id, scope.draw)


def wrong_name(node: ast.AST, _module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """Another local variable than the one meant."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope.names and len(scope.names) > 1:
        yield node, scope.draw.choice([name for name in scope.names if name != node.id])


def idx_off(node: ast.AST, module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """An index one too far."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice | ast.Tuple):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
            yield node.slice, str(node.slice.value + 1)
        elif not isinstance(node.slice, ast.Constant) and _one_line(node):
            yield node.slice, f"{module.text(node.slice)} + 1"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and _one_line(node):
        last = node.args[min(1, len(node.args) - 1)]
        yield last, f"{module.text(last)} + {scope.draw.choice([1, 2])}"


def neg_cond(node: ast.AST, module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A condition the wrong way round."""
    if isinstance(node, ast.If | ast.IfExp | ast.While) and _one_line(node.test):
        test = node.test
        positive = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        yield test, module.text(test.operand) if isinstance(test, ast.UnaryOp) and positive else f"not ({module.text(test)})"


def drop_check(node: ast.AST, _module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A guard that is missing: the early way out is never taken."""
    if (
        isinstance(node, ast.If)
        and not node.orelse
        and isinstance(node.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
    ):
        yield node, "pass"


def drop_part(node: ast.AST, module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """Half of a condition is missing."""
    if isinstance(node, ast.BoolOp) and _one_line(node):
        yield node, module.text(scope.draw.choice(node.values))


def drop_assign(node: ast.AST, _module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A variable or attribute that is never set."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        yield node, "pass"


def drop_call(node: ast.AST, _module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A step that is left out."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node, "pass"


def wrong_key(node: ast.AST, _module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A key that is not there."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        yield node.slice, repr(_misspelt(node.slice.value, scope.draw) if node.slice.value.isidentifier() else "")


def no_default(node: ast.AST, module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """``d.get(k)`` and ``getattr(o, n, default)`` without their safety."""
    if not isinstance(node, ast.Call) or not _one_line(node) or node.keywords:
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "pop", "setdefault"} and node.args:
        yield node, f"{module.text(node.func.value)}[{module.text(node.args[0])}]"
    elif isinstance(node.func, ast.Name) and node.func.id in {"getattr", "next"} and len(node.args) > 1:
        yield node, f"{node.func.id}({', '.join(module.text(a) for a in node.args[:-1])})"


def no_conversion(node: ast.AST, module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A value used without being converted, or a method that is named and not called."""
    if not isinstance(node, ast.Call) or not _one_line(node) or node.keywords:
        return
    if isinstance(node.func, ast.Name) and node.func.id in CONVERSIONS and len(node.args) == 1:
        yield node, module.text(node.args[0])
    elif isinstance(node.func, ast.Attribute) and not node.args:
        yield node, module.text(node.func)


def wrong_const(node: ast.AST, _module: SourceModule, scope: LexicalScope) -> Iterator[Change]:
    """A constant of another value or type."""
    if isinstance(node, ast.Constant) and _one_line(node):
        if isinstance(node.value, bool) or node.value is None:
            yield node, str({True: False, False: True, None: scope.draw.choice(["''", "0", "()"])}[node.value])
        elif isinstance(node.value, int):
            yield node, scope.draw.choice([str(node.value + 1), "None", repr(str(node.value))])
        elif isinstance(node.value, str):
            yield node, scope.draw.choice(["None", "''", "0", repr(node.value.encode("ascii", "replace"))])


def wrong_op(node: ast.AST, module: SourceModule, _scope: LexicalScope) -> Iterator[Change]:
    """A neighbouring operator."""
    if isinstance(node, ast.Compare | ast.BinOp) and _one_line(node):
        left = node.left
        right = node.comparators[0] if isinstance(node, ast.Compare) else node.right
        between = module.source[module.span(left)[1] : module.span(right)[0]].decode().strip()
        if between in OPPOSITE and (isinstance(node, ast.BinOp) or len(node.comparators) == 1):
            yield node, f"{module.text(left)} {OPPOSITE[between]} {module.text(right)}"


OPERATORS: dict[str, Operator] = {
    make.__name__: make
    for make in (
        ret_none, ret_wrong, drop_arg, none_arg, swap_args, typo_attr, typo_name, wrong_name, idx_off, neg_cond, drop_check,
        drop_part, drop_assign, drop_call, wrong_key, no_default, no_conversion, wrong_const, wrong_op,
    )
}  # fmt: skip


def _one_line(node: ast.expr | ast.stmt) -> bool:
    return node.lineno == node.end_lineno


def _misspelt(name: str, draw: random.Random) -> str:
    """Another spelling: a letter dropped, doubled or swapped with the next, or an ending added."""
    if len(name) < 3 or name in vars(builtins):
        return name + "_"
    at = draw.randrange(1, len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    chosen = draw.choice(
        [name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:], swapped, name + "s", name.rstrip("s") or name]
    )
    return chosen if chosen != name and chosen.isidentifier() else name + "_"
