"""What a notebook shows of a family and of a certificate."""

import re
from xml.etree import ElementTree

import pytest

import symtrans as st

SVG = "{http://www.w3.org/2000/svg}"


def tree_of(html):
    """The piece of HTML is well-formed XML, so that no notebook has to guess."""
    return ElementTree.fromstring(html)


@pytest.mark.parametrize("name", ["perona-malik", "hard", "tv", "constant"])
def test_a_family_at_a_glance(name):
    family = st.catalogue[name]
    html = family._repr_html_()
    tree = tree_of(html)
    assert len(tree.findall(f".//{SVG}svg")) == 4
    assert len(tree.findall(".//math[@display='block']")) == 4
    assert family.certificate._repr_html_().count("<tr") == html.count("<tr") == 16
    assert len(html) < 40_000
    # nothing is fetched, nothing runs
    assert not re.search(r"(?i)<script|<link|<img|url\(|href=|src=| on[a-z]+=", html)


def test_curves_keep_within_the_picture_and_show_jumps():
    pictures = tree_of(st.catalogue["hard"]._repr_html_()).findall(f".//{SVG}svg")
    shrinkage = pictures[2]
    fills = [dot.get("fill") for dot in shrinkage.findall(f"{SVG}circle")]
    assert (fills.count("white"), len(fills)) == (2, 4)
    assert shrinkage.findall(f"{SVG}path")[1].get("d").count("M") == 3
    for picture in pictures:
        for dot in picture.findall(f"{SVG}circle"):
            assert 0 < float(dot.get("cx")) < 200
            assert 0 < float(dot.get("cy")) < 120
        for x, y in re.findall(r"([-\d.e]+),([-\d.e]+)", picture.findall(f"{SVG}path")[1].get("d")):
            assert 0 < float(x) < 200
            assert 0 < float(y) < 120


def test_a_certificate_at_a_glance():
    html = st.certify(st.Diffusivity("1 - r^2"))._repr_html_()
    rows = ["".join(row.itertext()) for row in tree_of(html).findall(".//tbody/tr")]
    assert any(row.startswith("g≥0no") and row.endswith("proved") for row in rows)
    assert any("for no" in row for row in rows)


def test_names_of_the_user_are_escaped():
    family = st.translate(st.Activation("a r"), name="<b>&")
    html = family._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;" in html


def test_a_form_without_closed_form_has_a_curve():
    family = st.translate(st.Activation("r exp(-|r|^3) ln(1 + r^2) / (1 + cosh(r))"), budget=1)
    html = family._repr_html_()
    assert html.count("<svg") == html.count('display="block"') == 4


def test_bounds_and_verdicts_are_short_and_have_latex():
    certificate = st.catalogue["perona-malik"].certificate
    assert str(certificate.steps()["sign_step"]) == "<Bound 1/4, proved: g >= 0 and tau g_max/h^2 <= 1/4>"
    assert st.latex(certificate.monotone) == r"\text{False}"
    depends = st.certify(st.Diffusivity("(1 + r^2)^(-p)")).monotone
    assert repr(depends).startswith("<Verdict just if p <= 1/2, proved: ")
    assert st.latex(depends) == r"p \leq \frac{1}{2}"
    with pytest.raises(st.NonlinearityError, match="a Network has no LaTeX; families, their forms and certificates"):
        st.latex(st.Network("soft"))


def test_table_1_and_the_catalogue_are_tables():
    rules = tree_of(st.dictionary._repr_html_())
    assert len(rules.findall(".//tbody/tr")) == 4
    assert len(rules.findall(".//tbody//math")) == len(st.dictionary) + 4  # each form by itself, too
    families = tree_of(st.catalogue._repr_html_())
    names = ["".join(row[0].itertext()) for row in families.findall(".//tbody/tr")]
    assert names == [*st.catalogue]


def test_table_1_is_shown_as_text_too():
    rule = st.dictionary[st.Diffusivity, st.Activation]
    assert str(rule) == "Diffusivity -> Activation: Phi(r) = r*g(r)"
    assert str(st.dictionary).count("->") == 12
    assert "twelve rules" in repr(st.dictionary)
