"""What stands behind each glued number of a chapter: records, published results and networks, read from its code.

The code is followed as data flows through it: a variable has the sources of all that it was assigned from. So no source
is missed that the code names, and one may be listed that a function then did not use.
"""

import ast
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["chapter", "trial", "sweep", "published", "network", "networks"]
Strings = frozenset[str]


@dataclass(frozen=True, order=True)
class Source:
    """One source of a number.

    `kind` is "chapter" (the results of the chapter `name`), "trial", "sweep" or "published" (what lies in `published/`
    under that name), "network" (the one of that name) or "networks" (all of the kind `name`).
    """

    kind: Kind
    name: str


Sources = frozenset[Source]
NONE: Sources = frozenset()
PUBLISHED: dict[str, Kind] = {"trial": "trial", "trial_generators": "trial", "sweep": "sweep", "results": "published"}
NETWORKS = {
    "train_classifiers": "classifier",
    "classifier": "classifier",
    "train_style_gans": "generator",
    "generator": "generator",
    "train_judges": "judge",
    "judges": "judge",
}
"""Methods of a run → the kind of networks that they give."""


@dataclass
class _Known:
    """What is known after some of the code: variables' sources and possible texts, and what this cell has glued."""

    upstream: tuple[str, ...]
    sources: dict[str, Sources] = field(default_factory=dict)
    texts: dict[str, Strings] = field(default_factory=dict)
    glued: list[tuple[ast.expr, Sources]] = field(default_factory=list)


def sources_of_glued(
    cells: Iterable[tuple[str, Collection[str]]], parameters: dict[str, Any], upstream: tuple[str, ...] = ()
) -> dict[str, Sources]:
    """Key of each glued number → its sources; none for a number that was computed from data alone.

    `cells`: the text of each code cell in order, with the keys that it glued when it ran. `parameters`: the values that
    the notebook ran with. `upstream`: the chapters whose results it may read. Raises SyntaxError where a cell is no
    Python.
    """
    known = _Known(upstream, texts={k: frozenset([value]) for k, value in parameters.items() if isinstance(value, str)})
    found: dict[str, Sources] = {}
    for text, keys in cells:
        known.glued.clear()
        _follow(ast.parse(text).body, known)
        found |= {key: _nearest(key, known.glued) for key in keys}
    return found


def _nearest(key: str, glued: list[tuple[ast.expr, Sources]]) -> Sources:
    """The sources of the calls that may have glued this key: of those alone that spell most of it out."""
    spelt = [(literal, found) for name, found in glued if (literal := _spelt(key, name)) is not None]
    most = max((literal for literal, _ in spelt), default=0)
    return NONE.union(*(found for literal, found in spelt if literal == most))


def _spelt(key: str, name: ast.expr) -> int | None:
    """How many characters of a key an expression spells out, or None if it can't be this key."""
    match name:
        case ast.Constant(value=text):
            return len(key) if text == key else None
        case ast.JoinedStr(values=values):
            parts = [str(each.value) if isinstance(each, ast.Constant) else None for each in values]
            pattern = "".join(".+" if part is None else re.escape(part) for part in parts)
            return len("".join(part or "" for part in parts)) if re.fullmatch(pattern, key) else None
        case _:
            return 0


def _follow(body: list[ast.stmt], known: _Known) -> None:
    for step in body:
        match step:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _assign(target, value, known)
            case ast.AugAssign(target=target, value=value):
                _add(target, _sources(value, known), known)
            case ast.For(target=target, iter=each, body=inner):
                _loop(target, each, known)
                _follow(inner, known)
            case ast.If(body=inner, orelse=other):
                _follow(inner + other, known)
            case ast.Expr(value=ast.Call(func=ast.Name(id="glue"), args=[key, value])):
                known.glued.append((key, _sources(value, known)))
            case _:
                pass


def _assign(target: ast.expr, value: ast.expr, known: _Known) -> None:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, part in zip(target.elts, value.elts, strict=True):
            _assign(one, part, known)
    elif isinstance(target, ast.Name):
        known.sources[target.id], known.texts[target.id] = _sources(value, known), _texts(value, known)
    else:
        _add(target, _sources(value, known), known)


def _add(target: ast.expr, found: Sources, known: _Known) -> None:
    """Gives further sources to each variable of a target, such as both of `a, b` or the `a` of `a["b"]`."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            known.sources[node.id] = known.sources.get(node.id, NONE) | found


def _loop(target: ast.expr, each: ast.expr, known: _Known) -> None:
    """A loop's variable has the sources of what it goes through, and its texts if there are some."""
    found = _sources(each, known)
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            known.sources[node.id] = found
    if isinstance(target, ast.Name):
        known.texts[target.id] = _texts(each, known)


def _texts(value: ast.AST, known: _Known) -> Strings:
    """The texts that an expression may be, or may hold: constants, and those of variables."""
    match value:
        case ast.Constant(value=str(text)):
            return frozenset([text])
        case ast.Name(id=name):
            return known.texts.get(name, frozenset())
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return frozenset().union(*(_texts(each, known) for each in parts))
        case _:
            return frozenset()


def _sources(value: ast.AST, known: _Known) -> Sources:
    """The sources of all that an expression names."""
    if isinstance(value, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        inner = _Known(known.upstream, dict(known.sources), dict(known.texts))
        for each in value.generators:
            _loop(each.target, each.iter, inner)
        return _parts(value, inner)
    if isinstance(value, ast.Name):
        return known.sources.get(value.id, NONE)
    if isinstance(value, ast.Subscript):
        held, places = _sources(value.value, known), _texts(value.slice, known)
        return frozenset(each for each in held if each.name in places) or held | _sources(value.slice, known)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return _called(value, value.func, known) | _parts(value, known)
    return _parts(value, known)


def _parts(value: ast.AST, known: _Known) -> Sources:
    return frozenset().union(*(_sources(each, known) for each in ast.iter_child_nodes(value)))


def _called(call: ast.Call, method: ast.Attribute, known: _Known) -> Sources:
    """The sources that a call of the library itself opens."""
    owner, names = ast.unparse(method.value), _texts(call.args[0], known) if call.args else frozenset()
    if owner == "published" and method.attr in PUBLISHED:
        return frozenset(Source(PUBLISHED[method.attr], name) for name in names)
    if owner == "identifier":
        return frozenset([Source("networks", "identifier"), Source("network", "auxiliary")])  # it is one of the two
    if owner == "run" and method.attr == "results":
        return frozenset(Source("chapter", name) for name in names or known.upstream)
    if owner == "run" and method.attr in NETWORKS:
        kind = NETWORKS[method.attr]
        if kind == "classifier" and names:
            return frozenset(Source("network", name) for name in names)
        return frozenset([Source("networks", kind)])
    return NONE
