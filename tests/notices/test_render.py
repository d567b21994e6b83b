"""The sandbox: whatever is not on its short list is refused before anything of it runs."""

from __future__ import annotations

import resource
import time
from typing import Any

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.notices.render import LARGEST_SOURCE, compile_template, render, slots_used

SLOTS = frozenset({"name", "lines", "table"})

ESCAPES = {
    "a01 the classes of everything": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a01 without a call": "{{ name.__class__.__mro__ }}",
    "a01 by subscript": "{{ name['__class__'] }}",
    "a01 by a computed subscript": "{{ name['__cl' ~ 'ass__'] }}",
    "a02 by the filter attr": "{{ name|attr('__class__') }}",
    "a02 by a filter that maps": "{{ lines|map(attribute='__class__')|join }}",
    "a03 by a format string": "{{ '{0.__class__}'.format(name) }}",
    "a04 by format_map": "{{ '{a.__class__}'.format_map(table) }}",
    "a05 a format kept for later": "{% set f = '{0.__class__}'.format %}{{ f(name) }}",
    "a06 the global lipsum": "{{ lipsum.__globals__ }}",
    "a06 the global cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "a06 the global namespace": "{{ namespace() }}",
    "a06 the template itself": "{{ self.__init__ }}",
    "a06 range": "{% for x in range(9) %}{% endfor %}",
    "a07 another file": "{% include '/etc/passwd' %}",
    "a07 a file above": "{% include '../words.toml' %}",
    "a07 a parent": "{% extends 'email.html' %}",
    "a08 another template": "{% import 'notice.txt' as other %}",
    "a08 a part of another": "{% from 'notice.txt' import x %}",
    "a09 a method": "{{ name.upper() }}",
    "a09 a method that changes": "{{ lines.clear() }}",
    "a09 a call block": "{% call name() %}x{% endcall %}",
    "a10 what is private": "{{ table._secret }}",
    "a10 what is private, by subscript": "{{ table['_secret'] }}",
    "a11 a giant text": "{{ 'a' * 10**9 }}",
    "a11 a giant number": "{{ 9 ** 9 ** 9 }}",
    "a11 a giant shift": "{{ 2 ** 99999999 }}",
    "a12 a giant width": "{{ '%1000000000d'|format(1) }}",
    "a12 a giant width by %": "{{ '%1000000000d' % 1 }}",
    "a12 a giant centre": "{{ name|center(1000000000) }}",
    "a13 loops in loops in loops": (
        "{% for a in lines %}{% for b in lines %}{% for c in lines %}x"
        "{% endfor %}{% endfor %}{% endfor %}"
    ),
    "a13 a loop that calls itself": "{% for a in lines recursive %}{{ loop(lines) }}{% endfor %}",
    "a14 a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a15 three thousand brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "a slice of a step": "{{ name[::2] }}",
    "a text joined": "{{ name ~ name }}",
    "a sum": "{{ 1 + 1 }}",
    "a list made here": "{{ [1, 2] }}",
    "a table made here": "{{ {'a': 1} }}",
    "an assignment": "{% set x = 1 %}",
    "an assignment of a block": "{% set x %}y{% endset %}",
    "a filter block": "{% filter upper %}x{% endfilter %}",
    "a block": "{% block x %}{% endblock %}",
    "a scope": "{% with x = 1 %}{% endwith %}",
    "escaping turned off": "{% autoescape false %}{{ name }}{% endautoescape %}",
    "a filter that trusts": "{{ name|safe }}",
    "a test that is not listed": "{% if name is string %}{% endif %}",
    "a debugger": "{% debug %}",
}


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("markup", [False, True])
@pytest.mark.attack(
    "A01",
    "A02",
    "A03",
    "A04",
    "A05",
    "A06",
    "A07",
    "A08",
    "A09",
    "A10",
    "A11",
    "A12",
    "A13",
    "A14",
    "A15",
)
def test_an_escape_is_refused_with_file_and_line_before_anything_runs(
    escape: str, markup: bool
) -> None:
    source = f"= Title\n{{{{ name }}}}\n{ESCAPES[escape]}\n"
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(BadInput) as refused:
        compile_template(source, name="en/notice.txt", slots=SLOTS, markup=markup)
    assert refused.value.code == "bad-template"
    too_deep = escape.startswith("a15") and "nested" in refused.value.found
    assert refused.value.place == "en/notice.txt" + ("" if too_deep else ", line 3")
    assert refused.value.next_step
    assert time.monotonic() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes


def test_each_of_the_first_fifteen_attacks_has_its_escapes() -> None:
    assert {each[:3].upper() for each in ESCAPES if each.startswith(("a0", "a1"))} == {
        f"A{number:02d}" for number in range(1, 16)
    }


@pytest.mark.attack("A17")
def test_a17_a_slot_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BadInput) as refused:
        compile_template("\n\n{{ nmae }}", name="en/notice.txt", slots=SLOTS)
    assert str(refused.value).startswith(
        "en/notice.txt, line 3: uses the slot nmae, which does not exist; "
        "expected one of lines, name, table."
    )


@pytest.mark.attack("A17")
def test_a17_a_part_that_a_slot_has_not_is_named_with_its_line() -> None:
    template = compile_template("a\n{{ table.nothing }}", name="en/notice.txt", slots=SLOTS)
    with pytest.raises(
        BadInput, match=r"en/notice\.txt, line 2: .*no attribute 'nothing', in table\.nothing"
    ):
        render(template, {"table": {"a": "b"}})


def test_a_template_that_cannot_be_read_is_named_with_its_line() -> None:
    for read in (
        lambda source: compile_template(source, name="n.txt", slots=SLOTS),
        lambda source: slots_used(source, name="n.txt", slots=SLOTS),
    ):
        with pytest.raises(BadInput, match=r"n\.txt, line 2: "):
            read("a\n{% for x in %}")


def test_a_template_too_long_to_be_one_is_refused_unread() -> None:
    with pytest.raises(BadInput, match=f"expected at most {LARGEST_SOURCE}"):
        compile_template("x" * (LARGEST_SOURCE + 1), name="n.txt", slots=SLOTS)


class Person:
    """Something with a method that must not be reached."""

    def delete(self) -> str:
        raise AssertionError("ran")


@pytest.mark.parametrize("value", [Person(), b"x", 1.5, {1}, None, [Person()], {"a": Person()}])
def test_only_plain_values_enter_a_template(value: Any) -> None:
    template = compile_template("{{ name }}", name="n.txt", slots=SLOTS)
    with pytest.raises(BadInput, match="expected text, whole numbers, lists and tables"):
        render(template, {"name": value})


@pytest.mark.parametrize(
    "source",
    [
        "{{ table.items }}", "{{ table.keys }}", "{{ name.upper }}", "{{ name['format'] }}",
        "{{ lines.append }}", "{{ lines }}", "{{ table }}",
        "{% for x in lines %}{{ loop }}{% endfor %}",
        "{% for x in lines %}{{ loop.cycle }}{% endfor %}",
    ],
)  # fmt: skip
def test_nothing_of_python_is_printed_for_a_reader(source: str) -> None:
    template = compile_template(f"a\n{source}", name="n.txt", slots=SLOTS)
    with pytest.raises(BadInput, match=r"n\.txt, line 2: "):
        render(template, {"table": {"a": "b"}, "name": "x", "lines": ["a"]})


def test_a_part_of_a_table_goes_before_a_method_of_that_name() -> None:
    template = compile_template("{{ table.items }}", name="n.txt", slots=SLOTS)
    assert render(template, {"table": {"items": "b"}}) == "b"


@pytest.mark.attack("A16")
def test_a16_code_in_a_value_is_text_in_every_pass() -> None:
    template = compile_template("{{ name }}", name="n.txt", slots=SLOTS)
    once = render(template, {"name": "{{ 7*7 }}{% include 'x' %}"})
    assert once == "{{ 7*7 }}{% include 'x' %}"


@pytest.mark.attack("A18")
def test_a18_markup_in_a_value_is_escaped_where_markup_is_written() -> None:
    template = compile_template('<p title="{{ name }}">', name="n", slots=SLOTS, markup=True)
    said = render(template, {"name": '"><img src=x onerror=alert(1)>'})
    assert said == '<p title="&#34;&gt;&lt;img src=x onerror=alert(1)&gt;">'


MISPLACED = {
    "an attribute without quotation marks": "<p title={{ name }}>",
    "one with a space before it": "<p title = {{ name }}>",
    "the name of an attribute": "<p {{ name }}>",
    "the name of a tag": "<{{ name }}>x</p>",
    "a tag that is never closed": "<p title='{{ name }}",
    "two attributes, one bare": '<p title="{{ name }}" lang={{ name }}>',
    "a style": '<p style="color: {{ name }}">',
    "a style sheet": "<style>p { color: {{ name }} }</style>",
    "a comment": "<!-- {{ name }} -->",
}
ACTING = {
    "a link's address": '<a href="{{ name }}">x</a>',
    "a script's address": '<a href="javascript:alert(1)">x</a>',
    "a data address": "<a href='data:text/html,x'>x</a>",
    "a picture that counts readers": '<img src="https://count.example/1.gif">',
    "a script": "<script>alert('{{ name }}')</script>",
    "a form": "<form action='https://evil.example'><input name=password></form>",
    "what happens on a click": '<p onclick="x()">{{ name }}</p>',
    "a page that goes elsewhere": '<meta http-equiv="refresh" content="0;url=//evil.example">',
    "a style that loads": '<p style="background:url(//count.example/1.gif)">x</p>',
    "a style sheet that loads": "<style>@import '//count.example/x.css';</style>",
}


@pytest.mark.attack("A19")
@pytest.mark.parametrize("where", MISPLACED)
def test_a_slot_where_escaping_does_not_help_is_refused_with_its_line(where: str) -> None:
    with pytest.raises(BadInput, match=r"email\.html, line 2: prints a slot"):
        compile_template(f"<p>\n{MISPLACED[where]}", name="email.html", slots=SLOTS, markup=True)


@pytest.mark.attack("A20")
@pytest.mark.parametrize("what", ACTING)
def test_a_mail_has_no_address_to_follow_and_nothing_that_acts(what: str) -> None:
    with pytest.raises(BadInput, match=r"email\.html.*: has |: prints a slot, or loads"):
        compile_template(f"{ACTING[what]}", name="email.html", slots=SLOTS, markup=True)


def test_a_slot_in_text_and_in_a_quoted_inert_attribute_is_well_placed() -> None:
    source = (
        "<p lang=\"{{ name }}\" title='a {{ name }}'>{{ name }} &amp; <b>{{ name }}</b><br></p>"
    )
    template = compile_template(source, name="email.html", slots=SLOTS, markup=True)
    assert render(template, {"name": "zh"}).startswith('<p lang="zh"')


def test_what_a_template_may_do() -> None:
    source = (
        "{% for line in lines if line %}{{ loop.index }} {{ line }}"
        "{% if not loop.last %}, {% endif %}{% endfor %}"
        "{% if name is defined and table.a == 'b' %}"
        "{{ lines|join('+') }} {{ lines|length }}{% endif %}"
    )
    template = compile_template(source, name="n.txt", slots=SLOTS)
    values = {"name": "x", "lines": ["a", "", "b"], "table": {"a": "b"}}
    assert render(template, values) == "1 a, 2 ba++b 3"
    assert slots_used(source, name="n.txt", slots=SLOTS) == SLOTS
