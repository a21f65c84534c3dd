"""Reads the expressions of a DMN file: texts, tables and the other boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from mlc.dmn.errors import DmnError
from mlc.dmn.model import (
    Aggregation,
    ConditionalSource,
    ContextSource,
    ExpressionSource,
    FilterSource,
    FunctionSource,
    HitPolicy,
    InputClause,
    InvocationSource,
    IteratorSource,
    Language,
    ListSource,
    OutputClause,
    RelationSource,
    RuleSource,
    TableSource,
    Text,
    Variable,
)
from mlc.dmn.xml_tree import Element

EXPRESSIONS = (
    "literalExpression",
    "decisionTable",
    "context",
    "invocation",
    "relation",
    "list",
    "functionDefinition",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
)
# What any element may hold beside its own.
_ABOUT_AN_ELEMENT = ("description", "extensionElements")


def language_of(element: Element, inherited: Language) -> Language:
    """The expression language that the element declares. Raises DmnError for one that is not supported."""
    declared = element.attributes.get("expressionLanguage", "").strip().lower()
    if not declared:
        return inherited
    if "feel" in declared:
        return Language.FEEL
    if "juel" in declared or "groovy" in declared or declared in ("el", "uel"):
        return Language.JUEL
    raise DmnError(f'the expression language "{declared}" is not supported')


def single_blanks(name: str) -> str:
    return " ".join(name.split())


def variable_of(element: Element) -> Variable:
    """The name and typeRef that the element bears as attributes."""
    type_ref = element.attributes.get("typeRef") or _text(element.first("typeRef"))
    return Variable(single_blanks(element.attributes.get("name", "")), type_ref or None)


def only_expression(element: Element, language: Language) -> ExpressionSource:
    """The expression that the element holds. Raises DmnError where it holds none, or more than one."""
    found = list(element.all(*EXPRESSIONS))
    if not found:
        raise DmnError(f"<{element.tag}> in line {element.line} holds no expression that is supported")
    if len(found) > 1:
        held = " and ".join(f"<{each.tag}>" for each in found)
        raise DmnError(f"<{element.tag}> in line {element.line} holds {held}, of which only one can be meant")
    return expression(found[0], language)


def expression(element: Element, inherited: Language) -> ExpressionSource:
    """Raises DmnError for a box that lacks a part of it."""
    language = language_of(element, inherited)
    match element.tag:
        case "literalExpression":
            return text_of(element, language)
        case "decisionTable":
            return _table(element, language)
        case "context":
            # Modelers write the empty cell of a context's result as an entry that holds nothing.
            entries = [entry for entry in element.all("contextEntry") if entry.children]
            return ContextSource(tuple(_context_entry(entry, language) for entry in entries))
        case "invocation":
            return _invocation(element, language)
        case "relation":
            return _relation(element, language)
        case "list":
            items = element.all(*EXPRESSIONS)
            return ListSource(tuple(expression(item, language) for item in items))
        case "conditional":
            return ConditionalSource(*(_part(element, tag, language) for tag in ("if", "then", "else")))
        case "filter":
            return FilterSource(_part(element, "in", language), _part(element, "match", language))
        case "for" | "some" | "every":
            return _iterator(element, language)
        case _:
            return function(element, language)


def function(element: Element, inherited: Language) -> FunctionSource:
    """A function definition; the body of one that is not FEEL is left out."""
    language = language_of(element, inherited)
    parameters = tuple(variable_of(parameter) for parameter in element.all("formalParameter"))
    kind = element.attributes.get("kind", "FEEL").strip() or "FEEL"
    # In files of DMN 1.1 it stands as a letter, in an attribute of the modeler.
    if kind.upper() not in ("FEEL", "F"):
        return FunctionSource(parameters, Text(""), kind)
    return FunctionSource(parameters, only_expression(element, language))


def text_of(element: Element | None, inherited: Language) -> Text:
    """The text that the element holds; empty where there is none.

    Raises DmnError for one that lies in another file, and where part of what is written would not be read.
    """
    if element is None:
        return Text("", inherited)
    if element.first("importedValues"):
        raise DmnError(
            f"<{element.tag}> in line {element.line} takes its values from another file: write them"
        )
    texts = list(element.all("text"))
    _refuse_unread(element, texts)
    return Text(_text(texts[0]) if texts else "", language_of(element, inherited))


def _refuse_unread(element: Element, texts: Sequence[Element]) -> None:
    """An entry that was read as empty would match everything."""
    place = f"<{element.tag}> in line {element.line}"
    if len(texts) > 1:
        raise DmnError(f"{place} holds {len(texts)} <text>, of which only one can be meant: write one")
    if element.text.strip():
        raise DmnError(f"{place} holds text outside of <text>: write it inside")
    others = [child for child in element.children if child.tag not in _ABOUT_AN_ELEMENT]
    if others and not texts:
        raise DmnError(f"{place} holds a <{others[0].tag}> where only <text> may stand")
    if texts and texts[0].children:
        inner = texts[0].children[0]
        raise DmnError(f"{place} holds a <{inner.tag}> inside its <text>: write text alone")


def _text(element: Element | None) -> str:
    return element.text.strip() if element else ""


def _part(element: Element, tag: str, language: Language) -> ExpressionSource:
    part = element.first(tag)
    if part is None:
        raise DmnError(f"<{element.tag}> in line {element.line} has no <{tag}>")
    return only_expression(part, language)


def _iterator(element: Element, language: Language) -> IteratorSource:
    name = single_blanks(element.attributes.get("iteratorVariable", ""))
    if not name:
        raise DmnError(f"<{element.tag}> in line {element.line} names no iteratorVariable")
    source = element.first("in")
    return IteratorSource(
        kind=cast('Literal["for", "some", "every"]', element.tag),
        variable=Variable(name, source.attributes.get("typeRef") if source else None),
        source=_part(element, "in", language),
        body=_part(element, "return" if element.tag == "for" else "satisfies", language),
    )


def _context_entry(element: Element, language: Language) -> tuple[Variable | None, ExpressionSource]:
    variable = element.first("variable")
    named = variable_of(variable) if variable else None
    # An entry that is not filled in yet is null, as a decision without logic is.
    unfilled = variable is not None and element.children == [variable]
    value = Text("", language) if unfilled else only_expression(element, language)
    return named if named and named.name else None, value


def _invocation(element: Element, language: Language) -> ExpressionSource:
    bindings: list[tuple[Variable, ExpressionSource]] = []
    for binding in element.all("binding"):
        parameter = binding.first("parameter")
        if parameter is None:
            raise DmnError(f"the binding in line {binding.line} names no parameter")
        # A binding without an expression hands over null.
        value = only_expression(binding, language) if binding.first(*EXPRESSIONS) else Text("", language)
        bindings.append((variable_of(parameter), value))
    return InvocationSource(only_expression(element, language), tuple(bindings))


def _relation(element: Element, language: Language) -> ExpressionSource:
    columns = tuple(variable_of(column) for column in element.all("column"))
    rows = [tuple(expression(cell, language) for cell in row.all(*EXPRESSIONS)) for row in element.all("row")]
    if any(len(row) != len(columns) for row in rows):
        raise DmnError(f"a row of the relation in line {element.line} has not {len(columns)} cells")
    return RelationSource(columns, tuple(rows))


def _table(element: Element, language: Language) -> TableSource:
    inputs = tuple(_input(clause, language) for clause in element.all("input"))
    outputs = tuple(_output(clause, language) for clause in element.all("output"))
    rules = tuple(_rule(rule, language) for rule in element.all("rule"))
    if not outputs:
        raise DmnError("the decision table has no output")
    for number, rule in enumerate(rules, start=1):
        if len(rule.inputs) != len(inputs) or len(rule.outputs) != len(outputs):
            raise DmnError(
                f"the rule has {len(rule.inputs)} input and {len(rule.outputs)} output entries, "
                f"the table {len(inputs)} inputs and {len(outputs)} outputs",
                rule=number,
            )
    return TableSource(_hit_policy(element), _aggregation(element), inputs, outputs, rules)


def _hit_policy(element: Element) -> HitPolicy:
    declared = element.attributes.get("hitPolicy", "UNIQUE")
    try:
        return HitPolicy(declared)
    except ValueError:
        raise DmnError(f'there is no hit policy "{declared}"') from None


def _aggregation(element: Element) -> Aggregation:
    declared = element.attributes.get("aggregation", "LIST")
    try:
        return Aggregation(declared)
    except ValueError:
        raise DmnError(f'there is no aggregation "{declared}"') from None


def _input(element: Element, language: Language) -> InputClause:
    variable = element.attributes.get("inputVariable", "").strip()
    expression = element.first("inputExpression")
    return InputClause(
        label=element.attributes.get("label"),
        variable=variable or None,
        expression=text_of(expression, language),
        allowed_values=text_of(element.first("inputValues"), Language.FEEL).text or None,
        type_ref=expression.attributes.get("typeRef") if expression else None,
    )


def _output(element: Element, language: Language) -> OutputClause:
    default = element.first("defaultOutputEntry")
    return OutputClause(
        name=single_blanks(element.attributes.get("name") or element.attributes.get("label") or "") or None,
        type_ref=element.attributes.get("typeRef"),
        allowed_values=text_of(element.first("outputValues"), Language.FEEL).text or None,
        default=text_of(default, language) if default else None,
    )


def _rule(element: Element, language: Language) -> RuleSource:
    notes = [text_of(entry, language).text for entry in element.all("annotationEntry")]
    said = [_text(element.first("description")), *notes]
    return RuleSource(
        id=element.attributes.get("id"),
        description="; ".join(part for part in said if part) or None,
        inputs=tuple(text_of(entry, language) for entry in element.all("inputEntry")),
        outputs=tuple(text_of(entry, language) for entry in element.all("outputEntry")),
    )
