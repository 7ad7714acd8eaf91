"""What is filled into AutoSend mails."""

from __future__ import annotations

import pytest

from lookalike.vendors.autosend.handlebars import fill
from tests.vendors.autosend.bodies import START

VALUES = {
    "name": "Ann & Bob",
    "link": "https://x.test/?a=1&b=2",
    "count": 3,
    "price": 12.5,
    "round": 4.0,
    "paid": True,
    "free": False,
    "none": None,
    "empty": "",
    "tags": ["a", "b"],
    "no_tags": [],
    "order": {"id": "o-1", "items": [{"sku": "A", "price": 1}, {"sku": "B"}]},
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi", "Hi"),
        ("Hi {{name}}", "Hi Ann & Bob"),
        ("{{ count }}/{{price}}/{{round}}", "3/12.5/4"),
        ("{{paid}} {{free}} [{{none}}{{missing}}{{missing.deep}}]", "true false []"),
        ("{{tags}} {{order}}", "a,b [object Object]"),
        ("{{order.id}} {{order.items.1.sku}} [{{order.items.7.sku}}{{name.first}}]", "o-1 B []"),
        ("{{#if name}}Hello {{name}}{{else}}Hello there{{/if}}!", "Hello Ann & Bob!"),
        ("{{#if missing}}Hello {{name}}{{else}}Hello there{{/if}}!", "Hello there!"),
        ("{{#if empty}}a{{else}}b{{/if}}{{#if no_tags}}a{{else}}b{{/if}}{{#if free}}a{{/if}}", "bb"),
        ("{{#unless paid}}pay{{else}}thanks{{/unless}}", "thanks"),
        ("{{#if paid}}{{#if order.id}}{{order.id}}{{/if}}{{/if}}", "o-1"),
        ("{{#each tags}}<{{this}}>{{/each}}", "<a><b>"),
        ("{{#each order.items}}{{sku}}{{this.price}} {{name}};{{/each}}", "A1 Ann & Bob;B Ann & Bob;"),
        ("{{#each no_tags}}x{{else}}none{{/each}}{{#each missing}}x{{/each}}", "none"),
        ("{{#each order}}[{{this}}]{{/each}}", "[o-1][[object Object],[object Object]]"),
        ("{{! a remark }}{{name}}", "Ann & Bob"),
        ("{{#if name}}open", "{{#if name}}open"),
        ("{{#if name}}{{/each}}", "{{#if name}}{{/each}}"),
        ("closed{{/if}}", "closed{{/if}}"),
        ("{{#unknown name}}x{{/unknown}}", "{{#unknown name}}x{{/unknown}}"),
        ("{{name", "{{name"),
    ],
)
def test_templates(template, expected):
    assert fill(template, VALUES, escape=False) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<b>{{name}}</b>", "<b>Ann &amp; Bob</b>"),
        ("<b>{{{name}}}</b>", "<b>Ann & Bob</b>"),
        ('<a href="{{link}}">', '<a href="https://x.test/?a&#x3D;1&amp;b&#x3D;2">'),
        ("{{{ link }}}", "https://x.test/?a=1&b=2"),
        ("{{quotes}}", "&lt;&quot;&#x27;&#x60;&gt;"),
    ],
)
def test_html_is_made_safe(template, expected):
    assert fill(template, {**VALUES, "quotes": "<\"'`>"}, escape=True) == expected


def message(client):
    [found] = client.control("GET", "/messages").json["messages"]
    return {name: found[name] for name in ("subject", "html", "text", "dynamicData", "to")}


MAIL = {"from": {"email": "team@example.com"}, "to": {"email": "ann@example.org"}}
CONTENT = {
    "subject": "{{name}}, your order",
    "html": '<p>{{email}} <a href="https://x.test/?o={{order}}">{{name}}</a></p>',
    "text": "{{date}} {{name}}",
}


def test_a_mail_is_filled_in(client):
    data = {"name": "A&B", "order": 7}
    assert client.post("/v1/mails/send", {**MAIL, **CONTENT, "dynamicData": data}).status == 200
    assert message(client) == {
        "subject": "A&B, your order",
        "html": '<p>ann@example.org <a href="https://x.test/?o=7">A&amp;B</a></p>',
        "text": f"{START[:10]} A&B",
        "dynamicData": data,
        "to": ["ann@example.org"],
    }


def test_each_of_many_has_values_of_its_own(client):
    body = {
        "from": MAIL["from"],
        "recipients": [
            {"email": "a@example.org", "dynamicData": {"name": "Ann"}},
            {"email": "b@example.org", "dynamicData": {"email": "hidden"}},
        ],
        "dynamicData": {"name": "you"},
        "subject": "Hi {{name}} at {{email}}",
        "text": "Hi",
    }
    assert client.post("/v1/mails/bulk", body).status == 200
    subjects = {one["to"][0]: one["subject"] for one in client.control("GET", "/messages").json["messages"]}
    assert subjects == {"a@example.org": "Hi Ann at a@example.org", "b@example.org": "Hi you at hidden"}
