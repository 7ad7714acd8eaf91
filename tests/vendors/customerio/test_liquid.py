"""Liquid in messages: what is filled in, what keeps a message from being sent, and what is left alone."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio.liquid import Missing, render

SCOPE = {
    "customer": {"first_name": "ann", "age": 41, "vip": True, "no": False, "blank": "", "tags": ["a", "b"]},
    "trigger": {
        "order": {"total": 9.5, "lines": [{"name": "Tea", "n": 2}, {"name": "Milk", "n": 1}]},
        "none": [],
        "html": "<b>",
    },
}


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("", ""),
        ("no braces { } at all", "no braces { } at all"),
        ("Hi {{customer.first_name}}!", "Hi ann!"),
        ("{{ customer.first_name | capitalize }} is {{customer.age}}", "Ann is 41"),
        ("{{ customer.vip }} {{ customer.no }} {{ customer.tags }}", "true false ab"),
        ("{{ trigger.order.total }}", "9.5"),
        ("{{ trigger.order.lines[1].name }}", "Milk"),
        ("{{ trigger.order.lines.first.name }} {{ trigger.order.lines.last.name }}", "Tea Milk"),
        ("{{ trigger.order.lines.size }} {{ customer.first_name.size }} {{ customer.size }}", "2 3 6"),
        ("{{ \"a\" }}{{ 'b' }}{{ 1 }}{{ -2.5 }}{{ true }}", "ab1-2.5true"),
        ('{{ customer.none | default: "friend" }}', "friend"),
        ("{{ customer.none | default: customer.first_name }}", "ann"),
        ("{{ customer.blank | default: 'x' }}{{ customer.no | default: 0 }}", "x0"),
        ("{{ customer.first_name | upcase }}{{ 'B' | downcase }}{{ ' c ' | strip }}", "ANNbc"),
        ("{{ trigger.html | escape }}", "&lt;b&gt;"),
        ("{{ 'a' | append: 'b' | prepend: 'c' | replace: 'a', 'x' | remove: 'b' }}", "cx"),
        ("{{ 'abcdefgh' | truncate: 5 }}{{ 'abc' | truncate }}", "ab...abc"),
        ("{{ customer.tags | join: ', ' }} {{ customer.tags | first }} {{ customer.tags | last }}", "a, b a b"),
        ("{{ customer.tags | size }}", "2"),
        ("a {{- 1 -}} b", "a1b"),
        ("a\n{%- if true -%}\nb\n{%- endif -%}\nc", "abc"),
        ("{% comment %}{{ nothing.at.all }}{% endcomment %}x", "x"),
        ("{% if customer.vip %}yes{% else %}no{% endif %}", "yes"),
        ("{% if customer.no %}1{% elsif customer.age > 40 %}2{% else %}3{% endif %}", "2"),
        ("{% if customer.none %}1{% elsif customer.none == nil %}2{% endif %}", "2"),
        ("{% if customer.blank == blank %}1{% endif %}{% if customer.tags != empty %}2{% endif %}", "12"),
        ("{% if customer.first_name == 'ann' and customer.age >= 41 %}y{% endif %}", "y"),
        ("{% if customer.no or customer.vip %}y{% endif %}", "y"),
        ("{% if customer.tags contains 'b' %}y{% endif %}{% if customer.first_name contains 'nn' %}y{% endif %}", "yy"),
        ("{% if customer.first_name < 3 %}y{% endif %}", ""),
        ("{% if customer.age <> 41 %}y{% else %}n{% endif %}", "n"),
        ("{% unless customer.no %}y{% endunless %}{% unless customer.vip %}y{% else %}n{% endunless %}", "yn"),
        ("{% for line in trigger.order.lines %}{{ line.n }} {{ line.name }};{% endfor %}", "2 Tea;1 Milk;"),
        ("{% for line in trigger.none %}x{% endfor %}{% for x in customer.nothing %}x{% endfor %}", ""),
        ("{% assign name = customer.first_name | upcase %}{{ name }}", "ANN"),
    ],
)
def test_what_is_shown(template, shown):
    assert render(template, SCOPE) == shown


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("Hi {{ customer.last_name }}", "customer.last_name"),
        ("{{ customer.last_name | upcase }}", "customer.last_name"),
        ("{{ trigger.order.lines[7].name }}", "trigger.order.lines[7].name"),
        ("{{ event.x }}", "event.x"),
        ("{{ trigger.none | first }}", "trigger.none"),
        ("{% for line in trigger.order.lines %}{{ line.price }}{% endfor %}", "line.price"),
    ],
)
def test_what_is_not_there(template, named):
    with pytest.raises(Missing, match=f"^{named.replace('[', '.').replace(']', '.')}$"):
        render(template, SCOPE)


@pytest.mark.parametrize(
    "template",
    [
        "{{ customer.first_name | shout }}",
        "{{ customer.first_name | append }}",
        "{{ customer.first_name | truncate: 'x' }}",
        "{{ customer first_name }}",
        "{{ }}",
        "{% tablerow x in y %}{% endtablerow %}",
        "{% if customer.vip %}never closed",
        "{% endif %}",
        "{% for x of y %}{% endfor %}",
        "{% assign x %}",
        "{% if a ~ b %}x{% endif %}",
        "{% if true %}" * 60 + "{% endif %}" * 60,
        "{% for a in customer.tags %}" * 14 + "x" + "{% endfor %}" * 14,
        "{{ not closed",
    ],
)
def test_what_is_left_alone(template):
    assert render(template, SCOPE) == template
