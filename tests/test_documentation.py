"""The documentation covers what is public."""

import pkgutil
import re
from pathlib import Path

import pytest

import symtrans as st

DOCS = Path(__file__).parents[1] / "docs"


def test_every_public_name_is_on_the_page_of_the_interface():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    described = {
        name.rpartition(".")[2] for name in re.findall(r"^\.\. (?:auto|py:)\w+:: ([\w.]+)", page, re.MULTILINE)
    }
    modules_and_version = {"models", "__version__"}
    assert set(st.__all__) - modules_and_version <= described
    assert set(st.models.__all__) <= described


ENTRY_POINTS = "symtrans.families", "symtrans.targets"
PAGES = [DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("page", [p for p in PAGES if "_build" not in p.parts], ids=lambda page: page.name)
def test_the_paths_and_modules_that_a_page_names_are_there(page):
    root = DOCS.parent
    folders = root, root / "symtrans", root / "symtrans" / "calculus", root / "templates"
    for quoted in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")):
        if re.fullmatch(r"[\w./-]+/[\w.-]+\.(py|md|h|c|html|toml)", quoted):
            assert any((folder / quoted).exists() for folder in folders), quoted
        elif re.fullmatch(r"symtrans(\.\w+)+", quoted) and quoted not in ENTRY_POINTS:
            # rooms that need another package are not imported here
            assert (root / quoted.replace(".", "/")).is_dir() or pkgutil.resolve_name(quoted), quoted


@pytest.mark.parametrize("page", [p for p in PAGES if "_build" not in p.parts], ids=lambda page: page.name)
def test_the_links_of_a_page_lead_to_files_that_are_there(page):
    for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_errata_are_numbered_as_their_tests():
    page = (DOCS / "errata.md").read_text(encoding="utf-8")
    tests = (Path(__file__).parent / "test_errata.py").read_text(encoding="utf-8")
    numbers = re.findall(r"^## (\d+)\.", page, re.MULTILINE)
    assert numbers == re.findall(r"^def test_(\d+)_", tests, re.MULTILINE)
    for entry in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        assert ">>> " in entry


def test_the_readme_opens_with_a_picture_that_is_there():
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"^# symtrans\n\n!\[[^]]+\]\(([^)]+)\)", readme)
    data = (DOCS.parent / picture).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 150_000


def test_every_page_is_listed_in_the_index():
    listed = (DOCS / "index.md").read_text(encoding="utf-8").splitlines()
    pages = {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.glob("**/*.md")}
    unlisted = {name for name in pages if not name.startswith(("_build/", "plugin/", "families/"))} - {"index", *listed}
    assert not unlisted
