"""What lookalike adds to a request: the same POST to a bare Flask view that parses and answers JSON, in turn."""

from __future__ import annotations

import gc
import statistics
from itertools import count

from flask import Flask, jsonify, request

from bench.callers import Caller
from lookalike.app import create_app
from lookalike.settings import Settings

ROUNDS = 30
CALLS = 200


def bare() -> Flask:
    """Flask as it comes, with one view."""
    app = Flask("bare")

    @app.post("/contacts")
    def create():
        data = request.get_json()
        return jsonify({"id": "1", "email": data["email"], "first_name": data.get("first_name")})

    return app


def report() -> list[str]:
    """Markdown lines."""
    settings = Settings.model_validate({"fixture": "none"})
    ours = create_app(settings)
    callers = {
        "bare Flask view": (Caller(bare(), "", "Bearer x"), "/contacts"),
        "lookalike, OpenSend POST /contacts": (Caller(ours, "/opensend", "Bearer os_bench"), "/contacts"),
        "lookalike, AutoSend POST /v1/contacts": (Caller(ours, "/autosend", "Bearer AS_bench"), "/v1/contacts"),
    }
    numbers = count()
    times: dict[str, list[float]] = {name: [] for name in callers}
    gc.collect()
    for _ in range(ROUNDS):
        for name, (call, path) in callers.items():
            for _ in range(CALLS):
                body = {"email": f"p{next(numbers)}@example.com", "first_name": "Ann"}
                times[name].append(call.timed("POST", path, body))
    base = statistics.median(times["bare Flask view"])
    lines = ["| | microseconds | times the bare view |", "|---|---|---|"]
    for name, taken in times.items():
        median = statistics.median(taken)
        lines.append(f"| {name} | {median * 1e6:.1f} | {median / base:.2f} |")
    return lines
