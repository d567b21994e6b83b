"""A pattern that several laws share, said once: a base file, and what each law says otherwise.

A law file names its `base`. Tables are laid over those of the base, key by key; obligations,
exceptions, benefits, retention and examples are matched by id (examples by name); everything else
that the law says replaces what the base says, whole. `without` leaves out what does not apply.
Words in angle brackets (`<days>`) stand for what the law, or else the base, says under [fill].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from incident_engine.domain.errors import BadFile, Fault

# Where a table is one statement rather than a set of keys: replaced whole.
_WHOLE = frozenset({"when", "roll_when", "due"})
_NAMED_BY = {
    "obligation": "id", "exception": "id", "extension": "id", "benefit": "id", "retention": "id",
    "example": "name",
}  # fmt: skip
_WORD = re.compile(r"<([a-z][a-z0-9_]*)>", re.ASCII)
_OWN_WORDS = ("id", "place", "zone", "from")

Origin = tuple[str, str]  # the file, and the path in it


@dataclass
class Merged:
    """A whole law document, and for each path in it the file and path it came from."""

    document: dict[str, Any]
    origin: dict[str, Origin] = field(default_factory=dict)

    def came_from(self, path: str) -> Origin | None:
        """Where a path was written, told from the nearest table around it that is known."""
        around = path
        while around:
            if around in self.origin:
                file, inner = self.origin[around]
                return file, inner + path[len(around) :]
            cut = re.search(r"(\.[^.\[\]]*|\[\d+\])$", around)
            around = around[: cut.start()] if cut else ""
        return None


@dataclass(frozen=True)
class Base:
    """A pattern as its file holds it: the document, the file's name, every `<word>` in it."""

    document: Mapping[str, Any]
    name: str
    words: frozenset[str]


def lay_over(pattern: Base, own: Mapping[str, Any], *, place: str) -> Merged:
    """The document of a law: its own words over those of its base, every `<word>` filled in.

    `place` names the law's file. Raises BadFile for a word without a meaning, a word nobody uses,
    and a `without` that names nothing.
    """
    base, above = pattern.document, pattern.name
    laying = _Laying(place, above, set(_texts(own.get("without", ()))))
    rest = {key: value for key, value in own.items() if key not in ("without", "fill")}
    shared = {key: value for key, value in base.items() if key != "fill"}
    if isinstance(shared.get("example"), list):
        shared["example"] = list(_still_true(shared["example"], laying.without))
    document = laying.table(shared, rest, _At())
    if unknown := laying.without - laying.dropped:
        raise _bad(place, "without", "unknown-name", sorted(unknown)[0],
                   'what the base has: "obligation", "obligation/exception/id"')  # fmt: skip
    words = {name: rest[name] for name in _OWN_WORDS if name in rest}
    mine = _fill(own, place)
    filling = _Filling(place, {**_fill(base, above), **mine, **words})
    filled = filling.of(document)
    strange = set(mine) - filling.used - pattern.words
    if strange:
        raise BadFile([_unused(place, name, pattern.words) for name in sorted(strange)])
    return Merged(filled, laying.origin)


def _unused(place: str, name: str, words: frozenset[str]) -> Fault:
    close = get_close_matches(name, words, n=1, cutoff=0.5)
    return Fault(
        place=f"{place}: fill.{name}", code="unused-word", found="a word that the base never uses",
        expected=f"one of {', '.join(sorted(words))}",
        next_step=f"Did you mean {close[0]}?" if close else "",
    )  # fmt: skip


def _fill(document: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    found = document.get("fill", {})
    if not isinstance(found, Mapping):
        raise _bad(place, "fill", "wrong-kind", "not a table", "a table of words")
    return found


def words_in(found: Any) -> Iterator[str]:
    """Every `<word>` anywhere in a document."""
    if isinstance(found, str):
        yield from _WORD.findall(found)
    elif isinstance(found, Mapping):
        for key, value in found.items():
            yield from words_in(str(key))
            yield from words_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from words_in(value)


def _still_true(examples: list[Any], without: set[str]) -> Iterator[Any]:
    """The examples of a base that a law without some of its parts can still be asked."""
    for example in examples:
        expect = example.get("expect") if isinstance(example, Mapping) else None
        if not isinstance(expect, Mapping):
            yield example
            continue
        left = {k: v for k, v in expect.items() if k.partition(" in ")[0] not in without}
        if left and not any(_exception_of(k, v) in without for k, v in left.items()):
            yield {**example, "expect": left}


def _exception_of(duty: str, expected: Any) -> str:
    name = str(expected).partition(";")[0].partition(":")[2].strip()
    return f"{duty.partition(' in ')[0]}/exception/{name}"


def _texts(found: object) -> Iterator[str]:
    if isinstance(found, Sequence) and not isinstance(found, str):
        yield from (str(text) for text in found)


@dataclass(frozen=True)
class _At:
    """A place in the documents: the path in the whole, in each file, and by names."""

    path: str = ""
    base: str = ""
    own: str = ""
    names: tuple[str, ...] = ()

    def key(self, name: str) -> _At:
        part = f".{name}" if self.path else name
        names = self.names if name == "obligation" and not self.names else (*self.names, name)
        return _At(
            self.path + part, self.base + (f".{name}" if self.base else name),
            self.own + (f".{name}" if self.own else name), names,
        )  # fmt: skip

    def item(self, place: int, base: int | None, own: int | None, name: str) -> _At:
        return _At(
            f"{self.path}[{place}]", f"{self.base}[{base}]", f"{self.own}[{own}]",
            (*self.names, name),
        )  # fmt: skip

    @property
    def last(self) -> str:
        return self.names[-1] if self.names else "obligation"


@dataclass
class _Laying:
    place: str
    above: str
    without: set[str]
    dropped: set[str] = field(default_factory=set)
    origin: dict[str, Origin] = field(default_factory=dict)

    def table(self, base: Mapping[str, Any], own: Mapping[str, Any], at: _At) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in dict.fromkeys((*base, *own)):
            here = at.key(key)
            if key not in own:
                if not self._is_out(here):
                    self.origin[here.path] = (self.above, here.base)
                    found[key] = self._kept(base[key], here)
                continue
            self.origin[here.path] = (self.place, here.own)
            found[key] = self._over(base.get(key), own[key], here, key)
        return found

    def _over(self, base: Any, own: Any, at: _At, key: str) -> Any:
        whole = key in _WHOLE or at.path.startswith("terms.")
        if isinstance(base, Mapping) and isinstance(own, Mapping) and not whole:
            return self.table(base, own, at)
        if key in _NAMED_BY and isinstance(base, list) and isinstance(own, list):
            return self._items(base, own, at, _NAMED_BY[key])
        return own

    def _kept(self, base: Any, at: _At) -> Any:
        """What the law leaves as the base has it, less what it leaves out."""
        if isinstance(base, Mapping):
            return self.table(base, {}, at)
        last = at.path.rpartition(".")[2]
        if last in _NAMED_BY and isinstance(base, list):
            return self._items(base, [], at, _NAMED_BY[last])
        return base

    def _items(self, base: list[Any], own: list[Any], at: _At, by: str) -> list[Any]:
        named = {_name(item, by): (i, item) for i, item in enumerate(own)}
        found: list[Any] = []
        for index, item in enumerate(base):
            name = _name(item, by)
            mine = named.pop(name, None)
            here = at.item(len(found), index, mine[0] if mine else None, name)
            if self._is_out(here):
                continue
            self.origin[here.path] = (self.place, here.own) if mine else (self.above, here.base)
            found.append(self.table(item, mine[1] if mine else {}, here))
        for index, item in named.values():
            here = at.item(len(found), None, index, _name(item, by))
            self.origin[here.path] = (self.place, here.own)
            found.append(self.table({}, item, here) if isinstance(item, Mapping) else item)
        return found

    def _is_out(self, at: _At) -> bool:
        name = "/".join(at.names)
        if name in self.without:
            self.dropped.add(name)
            return True
        return False


def _name(item: Any, by: str) -> str:
    return str(item.get(by, "")) if isinstance(item, Mapping) else ""


@dataclass
class _Filling:
    place: str
    words: Mapping[str, Any]
    used: set[str] = field(default_factory=set)
    open: tuple[str, ...] = ()  # the words being looked up: one may stand for another

    def of(self, found: Any) -> Any:
        if isinstance(found, str):
            return self._text(found)
        if isinstance(found, Mapping):
            return {str(self._text(str(key))): self.of(value) for key, value in found.items()}
        if isinstance(found, list):
            return [self.of(value) for value in found]
        return found

    def _text(self, text: str) -> Any:
        """A text with its words filled in; a text that is one word is what the word stands for."""
        if "<" not in text:
            return text
        only = _WORD.fullmatch(text)
        return self._word(only[1]) if only else _WORD.sub(lambda m: str(self._word(m[1])), text)

    def _word(self, name: str) -> Any:
        if name not in self.words:
            raise _bad(self.place, "fill", "unknown-word", f"<{name}> has no meaning",
                       f"{name} under [fill]")  # fmt: skip
        if name in self.open:
            around = " > ".join((*self.open, name))
            raise _bad(self.place, "fill", "cycle", around, "words that end")
        self.used.add(name)
        self.open += (name,)
        found = self.of(self.words[name])
        self.open = self.open[:-1]
        return found


def _bad(place: str, key: str, code: str, found: str, expected: str) -> BadFile:
    return BadFile([Fault(place=f"{place}: {key}", code=code, found=found, expected=expected)])
