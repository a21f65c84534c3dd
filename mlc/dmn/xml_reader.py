"""Reads DMN 1.1 to 1.5 from XML."""

from __future__ import annotations

from mlc.dmn.errors import DmnError
from mlc.dmn.model import (
    Aggregation,
    ContextSource,
    DecisionSource,
    DefinitionsSource,
    ExpressionSource,
    FunctionSource,
    HitPolicy,
    InputClause,
    InvocationSource,
    ItemDefinition,
    KnowledgeSource,
    Language,
    ListSource,
    OutputClause,
    RelationSource,
    RuleSource,
    TableSource,
    Text,
)
from mlc.dmn.xml_tree import Element, parse_xml

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}

MAX_TEXTS = 500_000

_EXPRESSIONS = (
    "literalExpression",
    "decisionTable",
    "context",
    "invocation",
    "relation",
    "list",
    "functionDefinition",
)


def read(xml: bytes) -> DefinitionsSource:
    """Raises DmnError for anything but a DMN file of a known version."""
    root = parse_xml(xml)
    # Files in the wild write http for https and leave out the last slash.
    spelled = {_bare(namespace) for namespace in NAMESPACES}
    if root.tag != "definitions" or _bare(root.namespace) not in spelled:
        namespace = root.namespace or "no namespace"
        raise DmnError(f'the root is "{root.tag}" in {namespace}, not the definitions of DMN 1.1 to 1.5')
    _bound_texts(root)
    language = _language(root, Language.FEEL)
    return DefinitionsSource(
        decisions=tuple(_decision(element, language) for element in root.all("decision")),
        knowledge=tuple(_knowledge(element, language) for element in root.all("businessKnowledgeModel")),
        input_names=tuple(name for element in root.all("inputData") for name in _names_of(element)),
        items=tuple(_item(element) for element in root.all("itemDefinition")),
    )


def _bound_texts(root: Element) -> None:
    """What is parsed as FEEL costs far more than the XML around it, so it has its own bound."""
    waiting, size = [root], 0
    while waiting:
        element = waiting.pop()
        size += len(element.text.strip()) if element.tag == "text" else 0
        waiting.extend(element.children)
    if size > MAX_TEXTS:
        raise DmnError(f"the expressions have {size:,} characters together, more than {MAX_TEXTS:,}")


def _bare(namespace: str) -> str:
    return namespace.partition("://")[2].rstrip("/")


def _language(element: Element, inherited: Language) -> Language:
    declared = element.attributes.get("expressionLanguage", "").strip().lower()
    if not declared:
        return inherited
    if "feel" in declared:
        return Language.FEEL
    if "juel" in declared or "groovy" in declared or declared in ("el", "uel"):
        return Language.JUEL
    raise DmnError(f'the expression language "{declared}" is not supported')


def _names_of(element: Element) -> set[str]:
    variable = element.first("variable")
    names = {element.attributes.get("name"), variable.attributes.get("name") if variable else None}
    return {_single_blanks(name) for name in names if name}


def _single_blanks(name: str) -> str:
    return " ".join(name.split())


def _decision(element: Element, inherited: Language) -> DecisionSource:
    identity = element.attributes.get("id") or element.attributes.get("name")
    if not identity:
        raise DmnError(f"the decision in line {element.line} has neither id nor name")
    name = _single_blanks(element.attributes.get("name") or identity)
    variable = element.first("variable")
    try:
        logic = _only_expression(element, _language(element, inherited))
        return DecisionSource(
            id=identity,
            name=name,
            variable=_single_blanks(variable.attributes.get("name") or name) if variable else name,
            type_ref=variable.attributes.get("typeRef") if variable else None,
            required=tuple(
                required.attributes.get("href", "").rpartition("#")[2]
                for requirement in element.all("informationRequirement")
                for required in requirement.all("requiredDecision")
            ),
            logic=logic,
        )
    except DmnError as error:
        raise error.located(decision=name) from None


def _knowledge(element: Element, language: Language) -> KnowledgeSource:
    name = _single_blanks(element.attributes.get("name", ""))
    logic = element.first("encapsulatedLogic")
    if not name or logic is None:
        raise DmnError(f"the business knowledge model in line {element.line} has no name or no logic")
    return KnowledgeSource(name, _function(logic, language))


def _only_expression(element: Element, language: Language) -> ExpressionSource:
    found = element.first(*_EXPRESSIONS)
    if found is None:
        raise DmnError(f"<{element.tag}> in line {element.line} holds no expression that is supported")
    return _expression(found, language)


def _expression(element: Element, inherited: Language) -> ExpressionSource:
    language = _language(element, inherited)
    match element.tag:
        case "literalExpression":
            return _text(element, language)
        case "decisionTable":
            return _table(element, language)
        case "context":
            return ContextSource(
                tuple(_context_entry(entry, language) for entry in element.all("contextEntry"))
            )
        case "invocation":
            return _invocation(element, language)
        case "relation":
            return _relation(element, language)
        case "list":
            items = element.all(*_EXPRESSIONS)
            return ListSource(tuple(_expression(item, language) for item in items))
        case _:
            return _function(element, language)


def _text(element: Element | None, inherited: Language) -> Text:
    if element is None:
        return Text("", inherited)
    inner = element.first("text")
    return Text(inner.text.strip() if inner else "", _language(element, inherited))


def _context_entry(element: Element, language: Language) -> tuple[str | None, ExpressionSource]:
    variable = element.first("variable")
    name = _single_blanks(variable.attributes.get("name", "")) if variable else None
    return name, _only_expression(element, language)


def _invocation(element: Element, language: Language) -> ExpressionSource:
    bindings: list[tuple[str, ExpressionSource]] = []
    for binding in element.all("binding"):
        parameter = binding.first("parameter")
        if parameter is None:
            raise DmnError(f"the binding in line {binding.line} names no parameter")
        name = _single_blanks(parameter.attributes.get("name", ""))
        bindings.append((name, _only_expression(binding, language)))
    return InvocationSource(_text(element.first("literalExpression"), language), tuple(bindings))


def _relation(element: Element, language: Language) -> ExpressionSource:
    columns = tuple(_single_blanks(column.attributes.get("name", "")) for column in element.all("column"))
    rows = [
        tuple(_expression(cell, language) for cell in row.all(*_EXPRESSIONS)) for row in element.all("row")
    ]
    if any(len(row) != len(columns) for row in rows):
        raise DmnError(f"a row of the relation in line {element.line} has not {len(columns)} cells")
    return RelationSource(columns, tuple(rows))


def _function(element: Element, language: Language) -> FunctionSource:
    if element.attributes.get("kind", "FEEL") != "FEEL":
        raise DmnError(
            f"the function in line {element.line} is of kind {element.attributes['kind']}, not FEEL"
        )
    parameters = (
        _single_blanks(parameter.attributes.get("name", "")) for parameter in element.all("formalParameter")
    )
    return FunctionSource(tuple(parameters), _only_expression(element, language))


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
    allowed = element.first("inputValues")
    return InputClause(
        label=element.attributes.get("label"),
        variable=variable or None,
        expression=_text(expression, language),
        allowed_values=_text(allowed, Language.FEEL).text if allowed else None,
        type_ref=expression.attributes.get("typeRef") if expression else None,
    )


def _output(element: Element, language: Language) -> OutputClause:
    values = element.first("outputValues")
    default = element.first("defaultOutputEntry")
    return OutputClause(
        name=element.attributes.get("name") or element.attributes.get("label"),
        type_ref=element.attributes.get("typeRef"),
        allowed_values=_text(values, Language.FEEL).text if values else None,
        default=_text(default, language) if default else None,
    )


def _rule(element: Element, language: Language) -> RuleSource:
    description = element.first("description")
    notes = [_text(entry, language).text for entry in element.all("annotationEntry")]
    said = [description.text.strip() if description else "", *notes]
    return RuleSource(
        id=element.attributes.get("id"),
        description="; ".join(part for part in said if part) or None,
        inputs=tuple(_text(entry, language) for entry in element.all("inputEntry")),
        outputs=tuple(_text(entry, language) for entry in element.all("outputEntry")),
    )


def _item(element: Element) -> ItemDefinition:
    type_ref = element.first("typeRef")
    allowed = element.first("allowedValues")
    return ItemDefinition(
        name=_single_blanks(element.attributes.get("name", "")),
        type_ref=type_ref.text.strip() if type_ref else None,
        allowed_values=_text(allowed, Language.FEEL).text if allowed else None,
        components=tuple(_item(component) for component in element.all("itemComponent")),
    )
