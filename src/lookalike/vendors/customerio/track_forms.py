"""Track v1: answers to forms on a website."""

from __future__ import annotations

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.vendors.customerio.attributes import IDENTIFIERS, faults
from lookalike.vendors.customerio.identification import identify
from lookalike.vendors.customerio.problems import rejected
from lookalike.vendors.customerio.schemas.track import FormInput
from lookalike.vendors.customerio.track_bodies import read_object

routes = Routes("forms", doc="https://docs.customer.io/integrations/api/track/#operation/submitForm")

FORMS = Resource("forms")
"""id, fields (every name that was ever sent), submissions (a count)."""

RESERVED = ("form_id", "form_name", "form_type", "form_url", "form_url_param")


@routes.post("/api/v1/forms/{form_id}/submit", accepts=FormInput, status=204)
def submit_form(call: Call, form_id: str) -> Answer:
    """Take an answer to a form: its fields become attributes of the person who gave it.

    A form that was never seen becomes known, even by an answer that names nobody (D), or somebody twice (I).
    """
    data = read_object(call).get("data")
    if not isinstance(data, dict):
        raise rejected("data is required")
    fields = {name: value for name, value in data.items() if name not in RESERVED}
    if type(fields.get("id")) is int:  # as the vendor's own example has it, beside the rule that values are texts
        fields["id"] = str(fields["id"])
    texts = {name for name, value in fields.items() if isinstance(value, str)}
    wrong = [f"value for field '{name}' must be a string" for name in fields if name not in texts]
    if wrong:
        raise rejected(*wrong)
    found = [sentence for _, sentence in faults(fields)]
    if found:
        raise rejected(*found)
    named = [(name, fields[name]) for name in IDENTIFIERS if fields.get(name)]
    _remember(call, form_id, list(fields), len(named) == 1)
    if not named:
        raise rejected("data must contain an identifier: id or email")
    if len(named) > 1:
        raise rejected("data must contain only one identifier: id or email")
    identify(call.part, *named[0], fields)
    return Answer(204)


def _remember(call: Call, form_id: str, names: list[str], counts: bool) -> None:
    forms = call.collection(FORMS)
    form = forms.get(form_id) or {"id": form_id, "fields": [], "submissions": 0}
    form["fields"] = list(dict.fromkeys([*form["fields"], *names]))
    form["submissions"] += counts
    forms.put(form)
