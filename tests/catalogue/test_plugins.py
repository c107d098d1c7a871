"""Families of other packages: read when they are asked for; what is broken is named and skipped."""

import pickle
import subprocess
import sys
import warnings

import pytest

import symtrans as st
from symtrans.catalogue import ENTRIES, Catalogue, Entry, Reference
from symtrans.errors import PluginWarning
from tests.distributions import install

GROUP = "symtrans.families"
SOURCE = Reference("A. Author", "A title", "A journal 1:1-2", 2001)
HEAD = """
from symtrans.catalogue import Entry, Reference
from symtrans import Activation, Diffusivity

SOURCE = (Reference("A. Author", "A title", "A journal 1:1-2", 2001),)
"""


def module(*arguments, name="ENTRY"):
    """A module with one entry; the arguments of `Entry`, as they are written, but for the source."""
    head, kind, formula, *rest = arguments
    return f"{HEAD}\n{name} = Entry({', '.join([head, kind, formula, 'SOURCE', *(rest or ['{}'])])})\n"


def entry(name="mine", formula="r/(1 + r^2)", **more):
    return Entry(name, st.Activation, formula, (SOURCE,), {st.Activation: "Mine"}, **more)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install packages; give a catalogue that has read nothing yet."""

    def with_packages(*packages):
        for name, points, modules in packages:
            install(tmp_path, name, [f"{GROUP}: {point}" for point in points], **modules)
        monkeypatch.syspath_prepend(tmp_path)
        for _, _, modules in packages:
            for module in modules:
                monkeypatch.delitem(sys.modules, module, raising=False)
        return Catalogue(ENTRIES[:6], GROUP)

    return with_packages


def test_a_catalogue_of_ones_own():
    own = Catalogue((entry("mine-own", aliases=("my",)),))
    assert "mine-own" in own
    assert own["mine-own"] == own["My"]
    assert [own[name].called for name in ("mine-own", "My", "my")] == ["mine-own", "my", "my"]
    assert own["mine-own"].name == "mine-own"
    assert (list(own), len(own), own.plugins) == (["mine-own"], 1, ())
    assert "soft" not in own
    with pytest.raises(st.CatalogueError, match="there is no family 'soft'"):
        own["soft"]
    assert own == Catalogue([entry("mine-own", aliases=["my"])]) == pickle.loads(pickle.dumps(own))


def test_one_entry_or_several_are_added(installed):
    first, second = module("'first'", "Activation", "'r/(1 + r^4)'"), "Entry('second', Diffusivity, 'r^2', SOURCE, {})"
    third = module("'third'", "Activation", "lambda: 'r/(1 + r^8)'", "{Activation: 'Third'}", "('iii',)")
    found = installed(
        ("two", ["pair = twofold:PAIR"], {"twofold": f"{first}PAIR = (ENTRY, {second})"}),
        ("one", ["single = onefold:ENTRY"], {"onefold": third}),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(found)[-3:] == ["third", "first", "second"]  # by the names of the packages
        assert len(found) == 9
        assert found["III"].activation == st.Activation("r/(1 + r^8)")
        assert found.derivable() == list(found)
    assert [(p.name, p.package, [e.name for e in p.adds], p.faults) for p in found.plugins] == [
        ("single", "one 1.0", ["third"], ()),
        ("pair", "two 1.0", ["first", "second"], ()),
    ]


NEW = ("'new'", "Activation", "'r'")
BROKEN = {
    "import": ("raise OSError('no such device')", "cannot be loaded (OSError: no such device)"),
    "exit": ("import sys; sys.exit(3)", "cannot be loaded (SystemExit: 3)"),
    "syntax": ("ENTRY = (", "cannot be loaded (SyntaxError"),
    "attribute": ("OTHER = 1", "cannot be loaded (AttributeError"),
    "type": ("ENTRY = {'a': 1}", "an object of type dict is no Entry"),
    "class": ("from symtrans.catalogue import Entry as ENTRY", "type is no Entry"),
    "taken": (module("'constant'", "Activation", "'r'"), "the name 'constant' is taken"),
    "alias": (module(*NEW, "{}", "('hard',)"), "'hard' is taken by 'truncated-quadratic'"),
    "twice": (module(*NEW, "{}", "('new',)"), "'new' stands twice"),
    "name": (module("'My Own'", "Activation", "'r'"), "'My Own' cannot be a name"),
    "kind": (module("'new'", "'activation'", "'r'"), "new: kinds are Diffusivity"),
    "formula": (module("'new'", "Activation", "7"), "formula = 7 is neither text nor"),
    "source": (module(*NEW).replace("SOURCE, {}", "('a book',), {}"), "is a Reference"),
    "misprint": (module("'new'", "Activation", "'r/(1 + r^2'"), "new: "),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_broken_is_named_and_skipped(installed, fault):
    text, words = BROKEN[fault]
    found = installed(
        ("bad", ["broken = broken_families:ENTRY"], {"broken_families": text}),
        ("good", ["fine = fine_families:ENTRY"], {"fine_families": module("'fine'", "Activation", "'r'")}),
    )
    assert found["hard"].name == "truncated-quadratic"  # one of ours: the others are not asked
    with pytest.warns(PluginWarning, match=r"^skipped of bad 1\.0 \(entry point 'broken'") as caught:
        assert "fine" in found
    assert len(caught) == 1
    assert words in str(caught[0].message)
    assert list(found)[6:] == ["fine"]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("'r^2'", "new: .* not odd"),
        ("lambda: 1/0", r"the function that builds 'new' failed \(ZeroDivisionError"),
        ("lambda: None", "new: "),
        ("lambda: object()", "new: "),
    ],
)
def test_a_formula_that_defines_no_family_fails_alone(installed, formula, words):
    text = module("'new'", "Activation", formula)
    found = installed(("bad", ["broken = broken_families:ENTRY"], {"broken_families": text}))
    assert list(found)[6:] == ["new"]
    with pytest.raises(st.NonlinearityError):
        found["new"]
    with pytest.warns(PluginWarning, match=words):
        assert found.derivable() == list(found)[:6]
    (plugin,) = found.derived_plugins
    assert (plugin.adds, len(plugin.faults)) == ((), 1)


def test_names_that_stand_twice_are_refused():
    with pytest.raises(st.CatalogueError, match="'mine' is taken by 'mine'"):
        Catalogue((entry(), entry()))


LAZY = """
import sys, symtrans
assert "importlib.metadata" not in sys.modules
symtrans.catalogue["perona-malik"]
assert "importlib.metadata" not in sys.modules
symtrans.catalogue.get("nonsense")
assert "importlib.metadata" in sys.modules
"""


def test_entry_points_are_read_only_when_they_are_asked_for():
    subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{LAZY}"], check=True)
