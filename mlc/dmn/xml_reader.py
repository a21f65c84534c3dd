"""Reads DMN 1.1 to 1.5 from XML: what a file declares, and what its elements require of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from mlc.dmn.errors import DmnError
from mlc.dmn.model import (
    DecisionSource,
    DefinitionsSource,
    ExpressionSource,
    FunctionSource,
    ImportSource,
    InputSource,
    ItemDefinition,
    KnowledgeSource,
    Language,
    Requirements,
    ServiceSource,
    Variable,
)
from mlc.dmn.xml_expressions import (
    EXPRESSIONS,
    function,
    language_of,
    only_expression,
    single_blanks,
    text_of,
    variable_of,
)
from mlc.dmn.xml_tree import Element, Limits, parse_xml

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}

_Result = TypeVar("_Result")


def _bare(namespace: str) -> str:
    return namespace.partition("://")[2].rstrip("/")


# Files in the wild write http for https and leave out the last slash.
_SPELLED = frozenset(_bare(namespace) for namespace in NAMESPACES)


def read(xml: bytes, limits: Limits) -> DefinitionsSource:
    """Raises DmnError for anything but a DMN file of a known version.

    An expression that cannot be read stands as its error in its decision.
    """
    root = parse_xml(xml, limits)
    if root.tag != "definitions" or _bare(root.namespace) not in _SPELLED:
        namespace = root.namespace or "no namespace"
        raise DmnError(f'the root is "{root.tag}" in {namespace}, not the definitions of DMN 1.1 to 1.5')
    limits.count_texts(sum(len(text) for text in _texts(root)))
    language = language_of(root, Language.FEEL)
    return DefinitionsSource(
        namespace=root.attributes.get("namespace", "").strip(),
        imports=tuple(_import(element) for element in root.all("import")),
        decisions=tuple(_decision(element, language) for element in root.all("decision")),
        knowledge=tuple(_knowledge(element, language) for element in root.all("businessKnowledgeModel")),
        services=tuple(_service(element) for element in root.all("decisionService")),
        inputs=tuple(_input_data(element) for element in root.all("inputData")),
        items=tuple(_item(element) for element in root.all("itemDefinition")),
    )


def _texts(root: Element) -> Iterator[str]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag == "text":
            yield element.text.strip()
        waiting.extend(element.children)


def _import(element: Element) -> ImportSource:
    kind = element.attributes.get("importType", "")
    return ImportSource(
        name=single_blanks(element.attributes.get("name", "")),
        namespace=element.attributes.get("namespace", "").strip(),
        location=element.attributes.get("locationURI"),
        is_dmn=not kind or _bare(kind) in _SPELLED or "/DMN/" in kind,
    )


def _identified(element: Element, kind: str) -> tuple[str, str, Variable]:
    """Id, name and variable. Either of id and name stands in for the other, the name for the variable's."""
    identity = element.attributes.get("id") or element.attributes.get("name")
    if not identity:
        raise DmnError(f"the {kind} in line {element.line} has neither id nor name")
    name = single_blanks(element.attributes.get("name") or identity)
    variable = element.first("variable")
    declared = variable_of(variable) if variable else Variable(name)
    return identity, name, Variable(declared.name or name, declared.type_ref)


def _references(element: Element, *tags: str) -> tuple[str, ...]:
    return tuple(each.attributes.get("href", "").strip() for each in element.all(*tags))


def _requirements(element: Element) -> Requirements:
    decisions: list[str] = []
    inputs: list[str] = []
    knowledge: list[str] = []
    for requirement in element.all("informationRequirement", "knowledgeRequirement"):
        decisions += _references(requirement, "requiredDecision")
        inputs += _references(requirement, "requiredInput")
        knowledge += _references(requirement, "requiredKnowledge")
    return Requirements(tuple(decisions), tuple(inputs), tuple(knowledge))


def _read_or_error(step: Callable[[], _Result]) -> _Result | DmnError:
    try:
        return step()
    except DmnError as error:
        return error


def _input_data(element: Element) -> InputSource:
    return InputSource(*_identified(element, "input data"))


def _decision(element: Element, inherited: Language) -> DecisionSource:
    identity, name, variable = _identified(element, "decision")

    def logic() -> ExpressionSource | None:
        language = language_of(element, inherited)
        return only_expression(element, language) if element.first(*EXPRESSIONS) else None

    return DecisionSource(identity, name, variable, _requirements(element), _read_or_error(logic))


def _knowledge(element: Element, inherited: Language) -> KnowledgeSource:
    identity, name, variable = _identified(element, "business knowledge model")

    def logic() -> FunctionSource:
        language = language_of(element, inherited)
        # Some files leave the encapsulating element out, others put a second function into it.
        outer = element.first("encapsulatedLogic") or element
        inner = outer.first("functionDefinition")
        return function(outer if inner is None or outer.first("formalParameter") else inner, language)

    return KnowledgeSource(identity, name, variable, _requirements(element), _read_or_error(logic))


def _service(element: Element) -> ServiceSource:
    identity, name, variable = _identified(element, "decision service")
    return ServiceSource(
        identity,
        name,
        variable,
        outputs=_references(element, "outputDecision"),
        encapsulated=_references(element, "encapsulatedDecision"),
        input_decisions=_references(element, "inputDecision"),
        input_data=_references(element, "inputData"),
    )


def _item(element: Element) -> ItemDefinition:
    type_ref = element.first("typeRef")
    of_function = element.first("functionItem")
    return ItemDefinition(
        name=single_blanks(element.attributes.get("name", "")),
        type_ref=single_blanks(type_ref.text) if type_ref else None,
        allowed_values=text_of(element.first("allowedValues"), Language.FEEL).text or None,
        constraint=text_of(element.first("typeConstraint"), Language.FEEL).text or None,
        components=tuple(_item(component) for component in element.all("itemComponent")),
        is_collection=element.attributes.get("isCollection", "").strip() in ("true", "1"),
        function=_function_item(of_function) if of_function else None,
    )


def _function_item(element: Element) -> tuple[tuple[Variable, ...], str | None]:
    parameters = tuple(variable_of(each) for each in element.all("parameters"))
    return parameters, element.attributes.get("outputTypeRef")
