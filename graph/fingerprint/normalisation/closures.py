"""Closures, lambdas and state machines as a part of the method around them, in the way each compiler names them.

A compiler moves the body of a closure into a method or a class of its own; the name has the method around it and a number that
changes with the build. ``run.<lambda>`` is a closure in ``run``; a state machine or a local function is its method.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

LAMBDA = "<lambda>"

Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How one compiler names closures; tried only where one of the ``gates`` occurs in ``module.function``."""

    gates: tuple[str, ...]
    read: Callable[[str, str], Names | None]


def method_behind(module: str, function: str) -> Names:
    """Class and method around a closure, or the names as they are."""
    if "$" not in module and _MAY_BE.search(function) is None and _MAY_BE_IN_MODULE.search(module) is None:
        return module, function
    whole = f"{module}.{function}"
    for spelling in _SPELLINGS:
        if any(gate in whole for gate in spelling.gates) and (names := spelling.read(module, function)) is not None:
            return names
    return module, function


_MAY_BE = re.compile(r"[$<@]|fn/|-fun-|-anonymous-")
_MAY_BE_IN_MODULE = re.compile(r"[<@]|_closure|VB\$")


def _in(name: str) -> str:
    return f"{name}.{LAMBDA}" if name else LAMBDA


# Scala. The class of a closure of Scala 2.11: Job$$anonfun$run$1$$anonfun$apply$2; the method since: $anonfun$run$2.
_ANONFUN_CLASS = re.compile(
    r"(?P<base>[^$]++(?:\$(?!\$anonfun)[^$]*+)*?)\$?\$anonfun(?:\$(?P<name>[A-Za-z_]\w*+))?(?:\$.*)?", re.DOTALL
)
_ANONFUN = re.compile(r"\$anonfun\$(?P<name>[A-Za-z_]\w*+)(?:\$.*)?", re.DOTALL)


def _scala(module: str, function: str) -> Names | None:
    if called := _ANONFUN.fullmatch(function):
        return module.removesuffix("$"), _in(called["name"])
    if "$anonfun" in module and (of_class := _ANONFUN_CLASS.fullmatch(module)):
        return of_class["base"].removesuffix("$"), _in(of_class["name"] or "")
    return None


# Groovy: Cart$_run_closure1$_closure2.doCall
_GROOVY_CLASS = re.compile(r"(?P<base>.*?)\$(?:_(?P<name>\w*?))?_?closure\d+(?:\$.*)?", re.DOTALL)


def _groovy(module: str, function: str) -> Names | None:
    match = _GROOVY_CLASS.fullmatch(module) if function in {"doCall", "call"} else None
    return (match["base"], _in((match["name"] or "").rstrip("_"))) if match else None


# Java and Kotlin: lambda$run$0, lambda$run$1a2b3c4d$1, lambda$run$0$com-shop-Cart, run$lambda$0$lambda$1
_JAVA = re.compile(r"lambda\$(?P<name>\w+)\$(?:[0-9a-f]{6,8}\$)?\d+(?:\$[\w-]*)?")
_KOTLIN = re.compile(r"(?P<name>\w+?)(?:\$lambda(?:\$\d+|-\d+)?)+")
# Kotlin's class of a closure or a suspended function: CartKt$run$1$job$2.invokeSuspend
_KOTLIN_CLASS = re.compile(r"(?P<base>[^$]++(?:\$(?=[A-Z])[^$]*+)*+)\$(?P<name>[a-z_]\w*+)(?:\$\w*+)*+(?<=\d)", re.DOTALL)
_KOTLIN_CALLS = frozenset({"invoke", "invokeSuspend", "emit", "doResume"})


def _jvm(module: str, function: str) -> Names | None:
    match = _JAVA.fullmatch(function) or _KOTLIN.fullmatch(function)
    if match:
        return module, _in(match["name"])
    if function in _KOTLIN_CALLS and "$" in module and (of_class := _KOTLIN_CLASS.fullmatch(module)):
        return of_class["base"], _in(of_class["name"])
    return None


# The class of a function of Clojure, as in shop.core$run$fn__1234.invoke
_CLOJURE_CALLS = frozenset({"invoke", "invokeStatic", "doInvoke", "invokePrim"})
_CLOJURE_CLASS = re.compile(r"(?P<base>(?:[\w-]++\.)*+[a-z][\w-]*+)\$(?P<names>[a-zA-Z_][^$]*(?:\$[a-zA-Z_][^$]*)*)")
_CLOJURE_NUMBER = re.compile(r"__\d+(?:__auto__)?$|(?<=^eval)\d+$")


def _clojure(module: str, function: str) -> Names | None:
    match = _CLOJURE_CLASS.fullmatch(module) if function in _CLOJURE_CALLS else None
    if not match:
        return None
    names = [_CLOJURE_NUMBER.sub("", name) for name in match["names"].split("$")]
    named = next((name for name in names if name not in {"fn", "eval"}), "")
    return match["base"], named if names[-1] == named else _in(named)


# In C# closures are methods such as <Run>b__1_0 of a class <>c or <>c__DisplayClass5_0, local functions <Run>g__Sum|0_1
_CSHARP_HOLDER = re.compile(r"[.+/]?<(?:\w|[.`])*>c(?:__\w+(?:`\d+)?)?(?=[.+/]|$)")
_CSHARP_MACHINE = re.compile(
    r"(?P<base>.*?)[.+/]?<(?P<inner>[^<>]*(?:<[^<>]*>[^<>]*)?)>(?:d(?:__\d+)?|c__Iterator\w+)(?:`\d+)?", re.DOTALL
)
_CSHARP_LAMBDA = re.compile(r"<(?P<name>[^<>]*)>[bm]__\w+(?:\[[^\]]*\])?")
_CSHARP_LOCAL = re.compile(r"<(?P<name>[^<>]*)>g__(?P<local>\w+)\|\w+(?:\[[^\]]*\])?")
_TOP_LEVEL = "<Main>$"


def _csharp(module: str, function: str) -> Names | None:
    module, name = module.replace(_TOP_LEVEL, "Main"), function.replace(_TOP_LEVEL, "Main")
    machine = _CSHARP_MACHINE.fullmatch(module) if name == "MoveNext" else None
    if machine:
        module, name = machine["base"], machine["inner"]
    if body := _CSHARP_LAMBDA.fullmatch(name):
        name = _in(body["name"])
    elif local := _CSHARP_LOCAL.fullmatch(name):
        name = f"{local['name']}.{local['local']}"
    elif name == function:
        return None
    return _CSHARP_HOLDER.sub("", module), name


# Visual Basic: _Closure$__3-0._Lambda$__1, VB$StateMachine_5_Run.MoveNext
_VB_HOLDER = re.compile(r"[.+/]_Closure\$__[\w-]*")
_VB_MACHINE = re.compile(r"(?P<base>.*?)[.+/]VB\$StateMachine_\d+_(?P<name>\w+)(?:`\d+)?", re.DOTALL)


def _visual_basic(module: str, function: str) -> Names | None:
    if function.startswith("_Lambda$__"):
        return _VB_HOLDER.sub("", module), LAMBDA
    machine = _VB_MACHINE.fullmatch(module) if function == "MoveNext" else None
    return (_VB_HOLDER.sub("", machine["base"]), machine["name"]) if machine else None


# In F# a closure is a class with its line in its name, as in Cart.total@12-3.Invoke
_FSHARP_CLASS = re.compile(r"(?P<base>.*?)[.+/](?P<name>[\w ']+)@\d+(?:-\d+)?(?:`\d+)?", re.DOTALL)


def _fsharp(module: str, function: str) -> Names | None:
    match = _FSHARP_CLASS.fullmatch(module) if function in {"Invoke", "MoveNext", "GenerateNext", "Specialize"} else None
    return (match["base"], _in(match["name"])) if match else None


# Elixir and Erlang: anonymous fn/1 in run/2, -run/2-fun-0-
_ELIXIR = re.compile(r"anonymous fn(?:/\d+)? in (?P<name>\S+)(?: .*)?", re.DOTALL)
_ERLANG = re.compile(r"['\"]?-(?P<name>[^-]+)-(?:[abl]?fun|anonymous|lc|lbc|blc|mc|inlined)[^'\"]*['\"]?(?:/\d+)?")


def _erlang(module: str, function: str) -> Names | None:
    match = _ELIXIR.fullmatch(function) or _ERLANG.fullmatch(function)
    return (module, _in(match["name"])) if match else None


_SPELLINGS = (
    _Spelling(("$anonfun",), _scala),
    _Spelling(("closure",), _groovy),
    _Spelling(("$",), _jvm),
    _Spelling(("$",), _clojure),
    _Spelling(("VB$", "_Lambda$__"), _visual_basic),
    _Spelling(("<",), _csharp),
    _Spelling(("@",), _fsharp),
    _Spelling((" fn", "-fun-", "-anonymous-", "-lc", "-inlined-"), _erlang),
)
