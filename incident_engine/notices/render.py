"""The sandbox in which every notice template runs: what it may say is a short closed list.

A template is read as a tree before anything of it runs, and refused whole when it holds a call,
arithmetic, an assignment, a macro, an include or a loop in a loop in a loop. So nothing is left
that could reach Python or another file (CVE-2016-10745, CVE-2024-56326 and their kin all need a
call or a filter that is not on the list). Values are plain text, numbers, lists and tables only.
What two loops over long lists can still take in time and memory, `cage` limits.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from incident_engine.domain.errors import BadInput
from incident_engine.notices import markup as html

LARGEST_SOURCE = 64 * 1024  # characters; the longest shipped one has a tenth of it
DEEPEST_LOOPS = 2
FILTERS = frozenset({"join", "length"})
TESTS = frozenset({"defined", "none"})
LOOP_PARTS = frozenset({"index", "first", "last", "length"})

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.For, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test,
)  # fmt: skip


@dataclass(frozen=True)
class Ready:
    """A template that was read and found harmless, with the slots that each line of it reads."""

    name: str  # the file named in faults
    template: Template
    reads: Mapping[int, tuple[str, ...]]


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own sandbox, with nothing in it but two filters, no arithmetic and no methods."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> NoReturn:
        raise SecurityError(f"{operator} is not for templates")

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP_PARTS:
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)


@lru_cache(maxsize=256)  # one notice is worded for many groups of readers
def compile_template(
    source: str,
    *,
    name: str,
    slots: frozenset[str],
    markup: bool = False,
    finalize: Callable[[Any], Any] | None = None,
) -> Ready:
    """The template of that text. `name` is the file named in faults, `slots` all it may use.

    `markup` escapes every value for HTML and refuses slots where that does not help. Raises
    BadInput with file, line and slot.
    """
    sandbox = _sandbox(markup, finalize)
    tree = _read(sandbox, source, name)
    _check(tree, name, slots, frozenset(), 0)
    if markup:
        _check_markup(tree, name)
    try:
        return Ready(name, sandbox.from_string(tree), _slots_by_line(tree))
    except RecursionError:
        raise _too_deep(name) from None


def render(ready: Ready, values: Mapping[str, object]) -> str:
    """The template with its slots filled. Raises BadInput naming file, line and slot."""
    _must_be_plain(values, "slots")
    try:
        return ready.template.render(values)
    except (UndefinedError, SecurityError, TypeError) as error:
        line = _line_of(error)
        read = ", ".join(ready.reads.get(line, ()))
        found = f"{error}, in {read}" if read else str(error)
        raise _bad(ready.name, line, found, "only slots that exist") from error


@lru_cache(maxsize=256)
def slots_used(source: str, *, name: str, slots: frozenset[str]) -> frozenset[str]:
    """The slots that a template reads. Raises BadInput where it cannot be read as one."""
    tree = _read(_sandbox(False, None), source, name)
    _check(tree, name, slots, frozenset(), 0)
    try:
        return frozenset(meta.find_undeclared_variables(tree))
    except RecursionError:
        raise _too_deep(name) from None


def _read(sandbox: _Sandbox, source: str, name: str) -> nodes.Template:
    if len(source) > LARGEST_SOURCE:
        raise _bad(name, 0, f"is {len(source)} characters long", f"at most {LARGEST_SOURCE}")
    try:
        return sandbox.parse(source, name)
    except TemplateSyntaxError as error:
        raise _bad(name, error.lineno, error.message or "cannot be read", "a template") from error
    except RecursionError:
        raise _too_deep(name) from None


def _check_markup(tree: nodes.Template, name: str) -> None:
    """What is printed for HTML, with a mark for each slot, read as a mail program would."""
    lines: list[int] = []
    page: list[str] = []
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                page.append(node.data.replace(html.MARK, ""))
            else:
                page.append(html.MARK)
                lines.append(node.lineno)
    for marks, found, expected in html.faults("".join(page)):
        line = lines[min(marks, len(lines) - 1)] if lines else 0
        raise _bad(name, line, found, expected)


def _slots_by_line(tree: nodes.Template) -> dict[int, tuple[str, ...]]:
    """What each line prints, as it is written: `contact.name`."""
    found: dict[int, list[str]] = {}
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
        if written := _written(node):
            found.setdefault(node.lineno, []).append(written)
    return {
        line: tuple(each for each in all_of_it if not _is_begun(each, all_of_it))
        for line, all_of_it in found.items()
    }


def _written(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name) if node.ctx == "load":
            return str(name)
        case nodes.Getattr(node=inner, attr=part) if written := _written(inner):
            return f"{written}.{part}"
        case nodes.Getitem(node=inner, arg=nodes.Const(value=part)) if written := _written(inner):
            return f"{written}[{part!r}]"
    return ""


def _is_begun(written: str, others: list[str]) -> bool:
    return any(each.startswith((f"{written}.", f"{written}[")) for each in others)


def _sandbox(markup: bool, finalize: Callable[[Any], Any] | None) -> _Sandbox:
    sandbox = _Sandbox(
        autoescape=markup,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: _printable(finalize(value) if finalize else value),
    )
    sandbox.globals.clear()
    sandbox.filters = {each: sandbox.filters[each] for each in FILTERS}
    sandbox.tests = {each: sandbox.tests[each] for each in TESTS}
    return sandbox


def _printable(value: Any) -> Any:
    if isinstance(value, str | int | Undefined):
        return value
    raise SecurityError(f"prints a {type(value).__name__} whole")


def _check(
    node: nodes.Node, name: str, slots: frozenset[str], local: frozenset[str], loops: int
) -> None:
    if not isinstance(node, _ALLOWED):
        kind = type(node).__name__
        raise _bad(name, _line(node), f"uses {kind}", "slots, if, for and the listed filters")
    for fault in _faults(node, slots | local):
        raise _bad(name, node.lineno, *fault)
    if isinstance(node, nodes.For):
        loops += 1
        local |= {each.name for each in node.target.find_all(nodes.Name)} | {"loop"}
        if isinstance(node.target, nodes.Name):
            local |= {node.target.name}
        if loops > DEEPEST_LOOPS or node.recursive:
            raise _bad(name, node.lineno, "has loops in loops", f"at most {DEEPEST_LOOPS} deep")
    for child in node.iter_child_nodes():
        _check(child, name, slots, local, loops)


def _line(node: nodes.Node) -> int:
    # Jinja gives some blocks no line; what stands in them has one.
    return node.lineno or next((n.lineno for n in node.find_all(nodes.Node) if n.lineno), 0)


def _faults(node: nodes.Node, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    match node:
        case nodes.Name(name=slot) if node.ctx == "load" and slot not in known:
            yield (
                f"uses the slot {slot}, which does not exist",
                f"one of {', '.join(sorted(known))}",
            )
        case nodes.Getattr(attr=part) if part.startswith("_"):
            yield f"reads {part}", "a part of a slot"
        case nodes.Getitem(arg=argument) if not isinstance(argument, nodes.Const):
            yield "computes which part it reads", "a part by its name"
        case nodes.Getitem(arg=nodes.Const(value=str(part))) if part.startswith("_"):
            yield f"reads {part}", "a part of a slot"
        case nodes.Filter(name=used) if used not in FILTERS:
            yield f"uses the filter {used}", f"one of {', '.join(sorted(FILTERS))}"
        case nodes.Test(name=used) if used not in TESTS:
            yield f"uses the test {used}", f"one of {', '.join(sorted(TESTS))}"


def _too_deep(name: str) -> BadInput:
    return _bad(name, 0, "is nested too deeply", "a few levels")


def _must_be_plain(value: object, place: str) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _must_be_plain(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _must_be_plain(inner, f"{place}[{index}]")
    elif type(value) not in (str, int, bool):
        raise BadInput("not-plain", place, f"holds a {type(value).__name__}",
                       expected="text, whole numbers, lists and tables")  # fmt: skip


def _line_of(error: Exception) -> int:
    lines = [
        frame.lineno or 0
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "<template>"
    ]
    return lines[-1] if lines else 0


def _bad(name: str, line: int, found: str, expected: str) -> BadInput:
    place = f"{name}, line {line}" if line else name
    return BadInput("bad-template", place, found, expected=expected,
                    next_step="Correct the template, then repeat the command.")  # fmt: skip
