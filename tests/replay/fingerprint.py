"""`python -m tests.replay.fingerprint`: writes the commands of the workflows, in the order of their source, to a file.

A history replays when the workflow issues the same commands in the same order. The fingerprint makes a change of that
order visible in the review of a change, also on paths that no recorded history takes.
"""

import ast
import json
import sys
from pathlib import Path

WORKFLOWS = Path(__file__).parent.parent.parent / "workflows"
BASELINE = Path(__file__).parent / "fingerprint.json"

COMMANDS = ("start_", "execute_", "wait", "sleep", "continue_as_new", "upsert_", "patched", "deprecate_patch")
TASKS = ("asyncio.create_task", "asyncio.shield", "asyncio.sleep", "asyncio.gather", "asyncio.wait_for")
ACTIVITIES = ("ModelOp", "Jira", "Decisions")


def main() -> int:
    BASELINE.write_text(json.dumps(fingerprint(), indent=1) + "\n")
    return 0


def fingerprint() -> dict[str, list[str]]:
    """The commands of each module of `workflows`, by its name; modules without one are left out."""
    modules = {path.stem: commands_of(path.read_text()) for path in sorted(WORKFLOWS.glob("*.py"))}
    return {name: commands for name, commands in modules.items() if commands}


def commands_of(source: str) -> list[str]:
    """The handlers, awaits, timers, activities and tasks of a module, each with the function it stands in."""
    reader = _Reader()
    reader.visit(ast.parse(source))
    return reader.commands


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.commands: list[str] = []
        self._within: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._scope(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._scope(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._scope(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        for item in node.items:
            self._note("async with " + ast.unparse(item.context_expr))
        self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> None:
        if isinstance(node.value, ast.Call):
            self._note("await " + _call(node.value))
            for child in ast.iter_child_nodes(node.value):
                self.visit(child)
        else:
            self._note("await " + ast.unparse(node.value))

    def visit_Call(self, node: ast.Call) -> None:
        if _is_command(node):
            self._note(_call(node))
        self.generic_visit(node)

    def _scope(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._within.append(node.name)
        for decorator in node.decorator_list:
            text = ast.unparse(decorator)
            if text.startswith("workflow.") or text.endswith(".validator"):
                self._note(f"@{text}")
        for child in node.body:
            self.visit(child)
        self._within.pop()

    def _note(self, command: str) -> None:
        self.commands.append(f"{'.'.join(self._within)}: {command}")


def _is_command(node: ast.Call) -> bool:
    name = ast.unparse(node.func)
    of_workflow = name.startswith("workflow.") and name.removeprefix("workflow.").startswith(COMMANDS)
    return of_workflow or name in TASKS or bool(_activities(node))


def _call(node: ast.Call) -> str:
    """The called function, the activity among its arguments, and whether a time limits it."""
    named = {keyword.arg for keyword in node.keywords}
    arguments = [*_activities(node), *(["timeout"] if "timeout" in named else [])]
    return f"{ast.unparse(node.func)}({', '.join(arguments)})"


def _activities(node: ast.Call) -> list[str]:
    return [
        ast.unparse(argument)
        for argument in node.args
        if isinstance(argument, ast.Attribute)
        and isinstance(argument.value, ast.Name)
        and argument.value.id in ACTIVITIES
    ]


if __name__ == "__main__":
    sys.exit(main())
