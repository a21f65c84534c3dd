"""What the conformance tests counted, told at the end of a run, whichever processes counted it."""

from __future__ import annotations

from collections import Counter

import pytest

KIT = "DMN TCK"


def counted(right: int, checks: int) -> str:
    """The value of a property named `DMN TCK ...` of one model's test."""
    return f"{right}/{checks}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each level of the kit. Reports carry their properties here from every worker."""
    right: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in getattr(report, "user_properties", []):
                if str(name).startswith(KIT):
                    done, _, of = str(value).partition("/")
                    right[name] += int(done)
                    checks[name] += int(of)
                    models[name] += 1
    for name in sorted(models):
        terminalreporter.write_line(f"{name}: {right[name]} of {checks[name]} checks, {models[name]} models")
