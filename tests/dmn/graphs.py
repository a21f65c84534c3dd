"""Builds the elements of a requirements graph: input data, decisions, business knowledge models, services, types."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.dmn.tables import DMN_13, literal


def identity(name: str) -> str:
    """An element's id: its name without blanks."""
    return name.replace(" ", "")


def reference(target: str) -> str:
    """What an href says: a name, or `namespace#name`."""
    namespace, _, name = target.rpartition("#")
    return f"{namespace}#{identity(name)}"


def typed_variable(name: str, type_ref: str | None) -> str:
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<variable name="{name}"{declared}/>'


def input_data(name: str, type_ref: str | None = None) -> str:
    return f'<inputData id="{identity(name)}" name="{name}">{typed_variable(name, type_ref)}</inputData>'


def node(
    name: str,
    logic: str,
    *,
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knows: Sequence[str] = (),
    type_ref: str | None = None,
) -> str:
    """A decision. `logic` is a box, or the text of a literal expression."""
    box = logic if logic.startswith("<") or not logic else literal(logic)
    needs = [f'<informationRequirement><requiredInput href="{reference(each)}"/>' for each in inputs]
    needs += [f'<informationRequirement><requiredDecision href="{reference(each)}"/>' for each in decisions]
    closed = "".join(f"{each}</informationRequirement>" for each in needs)
    known = "".join(knowledge_requirement(each) for each in knows)
    return (
        f'<decision id="{identity(name)}" name="{name}">{typed_variable(name, type_ref)}{closed}{known}{box}'
        "</decision>"
    )


def knowledge_requirement(target: str) -> str:
    return f'<knowledgeRequirement><requiredKnowledge href="{reference(target)}"/></knowledgeRequirement>'


def parameters(names: Sequence[str]) -> str:
    """Formal parameters, each `name` or `name: type`."""
    pairs = [each.partition(":") for each in names]
    return "".join(
        f'<formalParameter name="{name.strip()}"' + (f' typeRef="{kind.strip()}"/>' if kind else "/>")
        for name, _, kind in pairs
    )


def knowledge(
    name: str, takes: Sequence[str], logic: str, *, knows: Sequence[str] = (), type_ref: str | None = None
) -> str:
    """A business knowledge model."""
    box = logic if logic.startswith("<") else literal(logic)
    known = "".join(knowledge_requirement(each) for each in knows)
    return (
        f'<businessKnowledgeModel id="{identity(name)}" name="{name}">{typed_variable(name, type_ref)}'
        f"<encapsulatedLogic>{parameters(takes)}{box}</encapsulatedLogic>{known}</businessKnowledgeModel>"
    )


def service(
    name: str,
    *,
    outputs: Sequence[str],
    encapsulated: Sequence[str] = (),
    input_decisions: Sequence[str] = (),
    inputs: Sequence[str] = (),
    type_ref: str | None = None,
) -> str:
    """A decision service."""
    parts = (
        [f'<outputDecision href="{reference(each)}"/>' for each in outputs]
        + [f'<encapsulatedDecision href="{reference(each)}"/>' for each in encapsulated]
        + [f'<inputDecision href="{reference(each)}"/>' for each in input_decisions]
        + [f'<inputData href="{reference(each)}"/>' for each in inputs]
    )
    return (
        f'<decisionService id="{identity(name)}" name="{name}">{typed_variable(name, type_ref)}{"".join(parts)}'
        "</decisionService>"
    )


def item(
    name: str,
    type_ref: str = "",
    *,
    components: Sequence[str] = (),
    allowed: str | None = None,
    constraint: str | None = None,
    collection: bool = False,
    tag: str = "itemDefinition",
) -> str:
    """An item definition or, by its tag, an `itemComponent`."""
    parts = [f"<typeRef>{type_ref}</typeRef>"] if type_ref else []
    if allowed:
        parts.append(f"<allowedValues><text>{escape(allowed)}</text></allowedValues>")
    if constraint:
        parts.append(f"<typeConstraint><text>{escape(constraint)}</text></typeConstraint>")
    many = ' isCollection="true"' if collection else ""
    return f'<{tag} name="{name}"{many}>{"".join(parts)}{"".join(components)}</{tag}>'


def imports(name: str, namespace: str, location: str | None = None, kind: str = DMN_13) -> str:
    """An import, of a DMN file unless `kind` says otherwise."""
    at = f' locationURI="{location}"' if location else ""
    return f'<import name="{name}" namespace="{namespace}" importType="{kind}"{at}/>'


def model(*parts: str, namespace: str = "n") -> bytes:
    """A whole file of a namespace."""
    return (
        f'<definitions xmlns="{DMN_13}" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="d" name="d" '
        f'namespace="{namespace}">{"".join(parts)}</definitions>'
    ).encode()
