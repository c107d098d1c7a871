"""The static report: one file that needs nothing else."""

import base64
import hashlib
import itertools
import json
import re
import zlib
from html.parser import HTMLParser

import pytest

import symtrans as st
from symtrans.explore.answers import report_panel
from symtrans.present.html import panel, report
from tests.cli.results import run


class Reader(HTMLParser):
    """What a page refers to, its ids, and the text of its scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.references, self.ids, self.texts, self.open = [], [], [], None
        self.events = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.references += [v for k, v in attributes.items() if k in ("src", "href", "action", "data")]
        self.events += [k for k in attributes if k.startswith("on") or k == "style"]
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("script", "style"):
            self.open = tag, attributes.get("type"), attributes.get("id")

    def handle_data(self, data):
        if self.open:
            self.texts.append((*self.open, data))
            self.open = None


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "deep" / "report.html"
    status, _, out, err = run("report", "soft", "perona-malik", "-o", str(path), terminal=())
    assert (status, out, err) == (0, f"wrote {path}\n", "")
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    return path.read_text(encoding="utf-8")


def test_it_is_one_file(page):
    reader = Reader(page)
    assert all(reference.startswith("#") for reference in reader.references)
    assert not re.search(r"(?i)(?:https?:)?//[a-z0-9-]+\.[a-z]", page.replace("http://www.w3.org/2000/svg", ""))
    assert "@import" not in page
    assert "url(" not in page
    assert reader.events == []


def test_its_policy_allows_its_own_script_and_style_only(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag, kind, _, text in Reader(page).texts:
        if kind != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy


def test_ids_are_unique(page):
    ids = Reader(page).ids
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'(?:for|aria-labelledby|href)="#?([^"]+)"', page):
        assert set(reference.split()) <= set(ids)


def test_everything_about_each_family_is_there(page):
    assert page.count('<math display="block">') == 10
    models = {name: json.loads(t) for _, kind, name, t in Reader(page).texts if kind == "application/json"}
    assert set(models) == {"family-1-model", "family-2-model", "signals", "sources"}
    assert {"Blocks", "Bumps", "Heavisine", "Doppler"} <= set(models["signals"])
    data = json.loads(zlib.decompress(base64.b64decode(models["sources"]), wbits=-15))
    sources = {}
    for key, ((name, steps), _) in data["columns"].items():
        places = itertools.accumulate(step + 1 for step in steps)
        sources[key] = name, "\n".join(data["lines"][place - 1] for place in places)
    network = st.Network(st.catalogue["soft"], 32)
    assert dict([sources["c"], sources["header"]]) == dict(network.source("c"))
    assert dict([sources["numpy"]]) == dict(network.source("numpy"))
    for statement in ("sup", "proved", "The range never grows", "J. Huber", "D. L. Donoho"):
        assert statement in page


def test_the_same_page_every_time(page, tmp_path):
    path = tmp_path / "again.html"
    assert run("report", "soft", "perona-malik", "-o", str(path))[0] == 0
    assert path.read_text(encoding="utf-8") == page


def test_no_text_becomes_markup():
    hostile = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>"
    family = st.translate(st.Diffusivity("1/(1 + r^2)"), name=hostile)
    text = report([panel(family, "family-1")], hostile, hostile)
    reader = Reader(text)
    assert reader.events == []
    assert "alert(1)</script>" not in text
    assert "<img" not in text


def test_a_formula_of_the_users_own(tmp_path):
    path = tmp_path / "own.html"
    words = ("report", "exp(-x^2/(2 k^2))", "--kind", "diffusivity", "--variable", "x", "-o", str(path))
    assert run(*words)[0] == 0
    assert "Your nonlinearity" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("report",), "--all"),
        (("report", "sofd"), "did you mean"),
        (("report", "soft", "-o", "report.pdf"), ".html"),
    ],
)
def test_wrong_input_is_one_clear_error(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, _, _, err = run(*words)
    assert status == 2
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_a_time_step_of_the_users_own_and_a_parameter_called_tau():
    given = panel(st.translate(st.catalogue["perona-malik"], "1/8"), "one")
    assert given.model["tau"] == 0.125
    assert given.model["time_step"] is True
    named = panel(st.translate(st.Diffusivity("exp(-r^2/tau)")), "two")
    assert named.model["parameters"] == ["tau"]
    assert named.model["time_step"] is False  # that slider is the parameter's
    symbolic = panel(st.translate(st.catalogue["perona-malik"], "tau"), "three")
    assert symbolic.model["time_step"] is True


@pytest.mark.long
def test_all_families_fit_into_three_megabytes(tmp_path):
    path = tmp_path / "all.html"
    assert run("report", "--all", "-o", str(path))[0] == 0
    assert path.stat().st_size < 3_000_000
    assert path.read_text(encoding="utf-8").count('class="family"') == len(st.catalogue)


def test_a_family_more_adds_little_to_a_page():
    """81 families have 3 MB: at this size, less the 400 kB that are allowed to the signals and the scripts."""
    few = [report_panel(st.catalogue[name], name) for name in ("soft", "garrote", "hard", "perona-malik")]
    more = len(report(few, "title", "1").encode()) - len(report(few[:1], "title", "1").encode())
    assert more / 3 < (3_000_000 - 400_000) / len(st.catalogue)
