"""`lookalike` on the command line, in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from lookalike.cli import main


def invoke(*arguments: str) -> Result:
    """What a command prints and its status; an exception that is no exit is an error of ours."""
    result = CliRunner().invoke(main, arguments, prog_name="lookalike")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def lines(result: Result) -> list[str]:
    """What a command that succeeded printed."""
    assert result.exit_code == 0, result.output
    return result.output.splitlines()
