"""The files in generated/ are what symtrans emits now."""

import difflib
from pathlib import Path

from symtrans.catalogue import TABLE_3
from symtrans.cli import golden
from tests.cli.results import assert_done

FOLDER = Path(__file__).parents[2] / "generated"


def test_generated_files_are_up_to_date(wanted):
    report = []
    for name, text in wanted.items():
        path = FOLDER / name
        found = path.read_text(encoding="utf-8") if path.is_file() else ""
        report += difflib.unified_diff(
            found.splitlines(keepends=True), text.splitlines(keepends=True), f"generated/{name}", f"symtrans: {name}"
        )
    assert not report, "symtrans check --update writes these anew\n" + "".join(report[:200])


def test_no_other_files_are_there(wanted):
    assert {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file()} == set(wanted)


def test_every_family_and_target_is_there(wanted):
    for name in TABLE_3:
        stem = name.replace("-", "_")
        for dtype in ("f64", "f32"):
            assert {f"c/{stem}_{dtype}.c", f"c/{stem}_{dtype}.h", f"numpy/{stem}_{dtype}.py"} <= set(wanted)
    for table in ("dictionary", "families", "certificates"):
        assert {f"tables/{table}.md", f"tables/{table}.tex"} <= set(wanted)


def test_differences_are_found_and_mended(folder):
    assert list(golden.differences(folder)) == []
    changed, missing = folder / "c" / "constant_f64.c", folder / "tables" / "families.md"
    changed.write_text(changed.read_text().replace("k.step = splat(", "k.step = 2 * splat("))
    missing.unlink()
    (folder / "stray.txt").write_text("")
    found = list(golden.differences(folder))
    assert len(found) == 3
    assert any("-    k.step = 2 * splat(" in text and "+    k.step = splat(" in text for text in found)
    assert any("families.md is missing" in text for text in found)
    assert any("stray.txt is not generated" in text for text in found)


def test_a_folder_without_generated_files_is_refused(symtrans, tmp_path):
    (tmp_path / "own.txt").write_text("")
    result = symtrans("check", tmp_path)
    assert result.status == 2
    assert not result.out
    assert "none of the" in result.err
    assert "own.txt" not in result.err


def test_check(symtrans, folder):
    victim = folder / "tables" / "families.md"
    victim.write_text("changed")
    (folder / "tables" / "dictionary.md").unlink()
    (folder / "extra").write_text("")
    result = symtrans("check", folder)
    assert result.status == 1
    assert "-changed" in result.out
    assert "dictionary.md is missing" in result.out
    assert "extra is not generated" in result.out
    assert "--update" in result.err
    assert "Traceback" not in result.err
    (folder / "extra").unlink()
    assert_done(symtrans("check", folder, "--update"))
    assert "as symtrans emits them" in assert_done(symtrans("check", folder))
