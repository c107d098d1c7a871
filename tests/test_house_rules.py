"""Rules of the house that a reader of one file does not see."""

import ast
from pathlib import Path

import pytest

import symtrans

ROOT = Path(symtrans.__file__).parent
PROOFS = [path for room in ("calculus", "nonlinearity", "stability", "schemes") for path in (ROOT / room).rglob("*.py")]


def handlers(path):
    """Each `except` of a file with what it catches and what it guards."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                caught = {part.id for part in ast.walk(handler.type or ast.Name("")) if isinstance(part, ast.Name)}
                yield caught, node.body


def calls(body):
    return [ast.unparse(node.func) for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", PROOFS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_fault_of_ours_passes_for_an_answer(path):
    """What any exception is caught from is one call, of SymPy's."""
    for caught, body in handlers(path):
        assert not caught & {"BaseException", ""}
        if "Exception" in caught:
            assert len(body) == 1
            assert calls(body) in (["sp.limit"], ["function"])  # the latter that of `attempted`


def test_attempted_is_given_functions_of_sympy():
    """Its first argument is one of SymPy's, or a function of one line that calls one."""
    own = {"_without_meijer", "method"}
    for path in PROOFS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "attempted":
                function = ast.unparse(node.args[0])
                assert function.startswith("sp.") or function in {"ratint", *own}


def test_no_sentence_is_mended_after_it_is_finished():
    for path in ROOT.rglob("*.py"):
        assert '.replace("_x"' not in path.read_text().replace("'", '"')
