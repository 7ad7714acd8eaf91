"""What went on while a command ran, for the summary at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.answer import Answer
    from lookalike.call import Call
    from lookalike.server import Server


class Tally:
    """A sandbox's witness that counts. The journal would not do: it is bounded, and may be emptied."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._errors: Counter[tuple[str, int]] = Counter()
        self._unimplemented: Counter[tuple[str, str]] = Counter()

    def __call__(self, call: Call, answer: Answer, _trouble: BaseException | None) -> None:
        vendor = call.vendor.name
        self._requests[vendor] += 1
        if answer.status >= 400:
            self._errors[vendor, answer.status] += 1
        if "unimplemented" in call.notes:
            self._unimplemented[vendor, call.notes["unimplemented"]] += 1

    def summary(self, server: Server) -> dict[str, Any]:
        """All of it as JSON, with the server's fault rules that were never hit and what its proxy refused."""
        return {
            "vendors": {
                vendor: {"requests": count, "errors": self._errors_of(vendor)}
                for vendor, count in sorted(self._requests.items())
            },
            "unimplemented": [
                {"vendor": vendor, "operation": operation, "requests": count}
                for (vendor, operation), count in sorted(self._unimplemented.items())
            ],
            "faults_never_hit": [rule.as_json() for rule in server.sandbox.faults if not rule.hits],
            "refused": dict(server.proxy.refused) if server.proxy is not None else {},
        }

    def _errors_of(self, vendor: str) -> dict[str, int]:
        found = sorted((status, count) for (name, status), count in self._errors.items() if name == vendor)
        return {str(status): count for status, count in found}

    @staticmethod
    def lines(summary: dict[str, Any]) -> Iterator[str]:
        """A summary for people."""
        if not summary["vendors"]:
            yield "lookalike: no requests"
        for vendor, counts in summary["vendors"].items():
            errors = ", ".join(f"{status} x{count}" for status, count in counts["errors"].items())
            yield f"lookalike: {vendor}: {_times(counts['requests'], 'request')}, errors: {errors or 'none'}"
        for met in summary["unimplemented"]:
            yield f"lookalike: {met['vendor']}: {met['operation']} is not implemented x{met['requests']}"
        for rule in summary["faults_never_hit"]:
            what = rule.get("script") or rule["fault"]["type"]
            yield f"lookalike: the fault {rule['id']} ({what}) was never hit"
        for place, count in summary["refused"].items():
            yield f"lookalike: {place} was refused {_times(count, 'time')}"


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
