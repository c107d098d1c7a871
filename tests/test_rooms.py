"""The house: each room says what it answers, and each module of the calculus has tests of its own."""

import ast
from pathlib import Path

import pytest

import symtrans

PACKAGE = Path(symtrans.__file__).parent
TESTS = Path(__file__).parent
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)
FOLDERS = sorted(path for path in ROOMS if path.parent == PACKAGE / "calculus")
CALCULUS = sorted(path for path in (PACKAGE / "calculus").rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("module", CALCULUS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_of_the_calculus_has_tests_that_call_it(module):
    place = module.relative_to(PACKAGE)
    tests = TESTS / place.parent / f"test_{module.name}"
    assert tests.exists(), f"write {tests.relative_to(TESTS.parent)}"
    name = ".".join(("symtrans", *place.with_suffix("").parts))
    tree = ast.parse(tests.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    sources = {node.module for node in imports} | {f"{node.module}.{n.name}" for node in imports for n in node.names}
    assert name in sources, f"{tests.name} does not import {name}"


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_says_in_its_docstring_what_it_is_for(room):
    words = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    purpose = words.partition("\n")[0]
    assert len(purpose.split()) >= 5
    assert purpose.endswith((".", "?"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_of_the_calculus_answers_a_question(folder):
    words = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert "?" in words.partition("\n")[0]
    assert "Imports " in words
