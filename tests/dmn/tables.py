"""Builds decision tables as Camunda Modeler writes them, in the manner of model owners' tables."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN_11 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"

PASSES = (
    'name="passes" typeRef="boolean"',
    'name="reason" typeRef="string"',
    'name="category" typeRef="string"',
)
COLOUR = ('name="monitor_name" typeRef="string"', 'name="color" typeRef="string"')


def by_variable(name: str) -> str:
    """An input bound by `camunda:inputVariable` alone."""
    return (
        f'<input label="anything" camunda:inputVariable={quoteattr(name)}>'
        '<inputExpression typeRef="double"><text></text></inputExpression></input>'
    )


def by_expression(text: str, language: str | None = None) -> str:
    """An input whose expression is the given text."""
    declared = f' expressionLanguage="{language}"' if language else ""
    return f"<input><inputExpression{declared}><text>{escape(text)}</text></inputExpression></input>"


def output(attributes: str, *, allowed: str | None = None, default: str | None = None) -> str:
    """An output clause with its attributes as XML text."""
    values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
    entry = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    return f"<output {attributes}>{values}{entry}</output>"


def rule(
    inputs: Sequence[str], outputs: Sequence[str], description: str = "", language: str | None = None
) -> str:
    """A rule; its entries are texts. `language` is declared on every input entry."""
    declared = f' expressionLanguage="{language}"' if language else ""
    said = f"<description>{escape(description)}</description>" if description else ""
    entries = "".join(f"<inputEntry{declared}><text>{escape(text)}</text></inputEntry>" for text in inputs)
    results = "".join(f"<outputEntry><text>{escape(text)}</text></outputEntry>" for text in outputs)
    return f"<rule>{said}{entries}{results}</rule>"


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[str],
    *,
    hit_policy: str = "COLLECT",
    aggregation: str | None = None,
) -> str:
    """A decision table element. `outputs` are attribute texts or whole `<output>` elements."""
    clauses = [each if each.startswith("<") else output(each) for each in outputs]
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<decisionTable hitPolicy="{hit_policy}"{aggregated}>'
        f"{''.join(inputs)}{''.join(clauses)}{''.join(rules)}</decisionTable>"
    )


def decision(logic: str, name: str = "Verdict", requires: Sequence[str] = ()) -> str:
    """A decision whose id is its name without blanks."""
    needed = "".join(
        f'<informationRequirement><requiredDecision href="#{each}"/></informationRequirement>'
        for each in requires
    )
    return f'<decision id="{name.replace(" ", "")}" name="{name}">{needed}{logic}</decision>'


def literal(text: str) -> str:
    """A literal expression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def definitions(*parts: str, namespace: str = DMN_13) -> bytes:
    """A whole file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{namespace}" '
        'xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="d" name="d" namespace="n">'
        f"{''.join(parts)}</definitions>"
    ).encode()


def expression_file(text: str) -> bytes:
    """A file with one literal expression."""
    return definitions(decision(literal(text)))


def cell_file(cell: str) -> bytes:
    """A file whose one table says whether the metric `x` passes the cell."""
    return definitions(
        decision(table([by_variable("x")], ['name="hit"'], [rule([cell], ["true"])], hit_policy="FIRST"))
    )
