"""The page in a real browser: type, slide, download, err; by keyboard alone; narrow, dark, and read by axe-core."""

import json
import re

import imagecodecs
import numpy as np
import pytest

import symtrans as st
from symtrans.present.html import example_signals
from symtrans.present.trees import OPERATIONS, tree
from symtrans.signals.measures import sign_changes
from tests.cli.results import run

DONE = "#status:has-text('Done')"


@pytest.fixture
def explore(pages, server):
    """Opens the page at a question; waits for the answer."""

    def open_at(address="", **options):
        page = pages(server.url + address, **options)
        page.wait_for_selector(DONE)
        page.wait_for_selector("path.after", state="attached")
        return page

    open_at.complaints = pages.complaints
    return open_at


@pytest.fixture(scope="session")
def report_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / "report.html"
    assert run("report", "soft", "hard", "log-cosh", "-o", str(path))[0] == 0
    return path


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    found = Axe().run(page, options=options).response["violations"]
    return [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found]


def value(page, name):
    return page.locator(f"input[type=number][data-name={name}]")


def test_an_edited_address_is_followed(explore):
    page = explore("#family=soft")
    page.evaluate("location.hash = '#family=hard'")
    page.wait_for_selector("h2:has-text('Hard')")


def test_type_a_formula_and_see_the_other_three(explore):
    page = explore("#family=soft")
    assert page.locator("h2").inner_text() == "Soft"
    assert page.locator("#family").input_value() == "soft"
    page.locator("input[name=kind][value=activation]").check()
    page.get_by_label("Formula in r").fill("r/(1 + r^2/k^2)")
    page.get_by_role("button", name="Translate").click()
    page.wait_for_selector("h2:has-text('Your nonlinearity')")
    assert page.locator(".form math[display=block]:visible").count() == 4
    assert "ln" in page.locator(".form", has_text="Regulariser").locator("math").first.text_content()
    assert "kind=activation" in page.url
    page.reload()
    page.wait_for_selector(DONE)
    assert page.get_by_label("Formula in r").input_value() == "r/(1 + r^2/k^2)"


def test_a_form_can_be_edited(explore):
    page = explore("#family=garrote")
    page.locator("[data-edit=shrinkage]").click()
    field = page.get_by_label("Formula in r")
    assert field.input_value() == st.catalogue["garrote"].shrinkage.__repr__().split("'")[1]
    page.keyboard.press("Enter")
    page.wait_for_selector("h2:has-text('Your nonlinearity')")


def test_latex_is_read_too(explore):
    page = explore("#family=soft")
    page.get_by_label("written as").select_option("latex")
    page.get_by_label("Formula in r").fill(r"\exp\left(-\frac{r^2}{2\lambda^2}\right)")
    page.keyboard.press("Enter")
    page.wait_for_selector("h2:has-text('Your nonlinearity')")
    text = page.locator("[data-edit=activation]").get_attribute("data-text")
    assert st.Activation(text) == st.catalogue["perona-malik"].activation
    page.locator("[data-edit=activation]").click()
    assert page.get_by_label("written as").input_value() == "text"


def test_an_error_points_into_the_input(explore):
    page = explore("#family=soft")
    field = page.get_by_label("Formula in r")
    field.fill("exp(-r^2) + foo(r)")
    field.press("Enter")
    page.wait_for_selector("[role=alert] pre")
    explore.complaints.clear()  # the browser itself notes the status 422
    assert "foo is not a function" in page.locator("[role=alert]").inner_text()
    assert field.evaluate("f => [f === document.activeElement, f.selectionStart]") == [True, 12]
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator(".family").count() == 0  # no result stands below an error that it does not belong to
    assert page.locator("#family").input_value() == ""
    assert violations(page) == []
    field.fill("exp(-r^2)")
    field.press("Enter")
    page.wait_for_selector("h2:has-text('Your nonlinearity')")
    assert page.locator("[role=alert] pre").count() == 0
    assert field.get_attribute("aria-invalid") is None


def test_sliders_move_curves_judgements_and_signal(explore):
    page = explore("#family=soft")
    before = page.locator("svg[data-curve=shrinkage] path.curve").first.get_attribute("d")
    after = page.locator("path.after").get_attribute("d")
    page.locator("input[type=range][data-name=parameter-theta]").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    theta = float(value(page, "parameter-theta").input_value())
    assert theta == pytest.approx(10**0.2, rel=5e-3)
    page.wait_for_function("d => document.querySelector('path.after').getAttribute('d') !== d", arg=after)
    assert page.locator("svg[data-curve=shrinkage] path.curve").first.get_attribute("d") != before
    judgement = page.locator("[data-step=max_min_step]")
    assert judgement.inner_text() == "holds at τ = 0.25"
    assert page.locator("[data-given-tau]").is_visible()
    value(page, "tau").fill("0.6")
    page.wait_for_selector("[data-step=max_min_step]:has-text('not guaranteed at τ = 0.6')")
    assert page.locator("[data-any-tau]").is_visible()
    assert not page.locator("[data-given-tau]").is_visible()


def test_the_signal_is_filtered_as_the_kernel_does(explore):
    """What the page shows of its own filter is what the generated NumPy kernel gives."""
    page = explore("#family=perona-malik")
    value(page, "noise").fill("0")
    value(page, "parameter-lam").fill("2.5")
    value(page, "blocks").fill("40")
    for boundary in ("reflecting", "periodic"):
        page.locator("[data-boundary]").select_option(boundary)
        page.locator("[data-signal]").select_option("Doppler")
        page.wait_for_timeout(400)
        with page.expect_download() as saving:
            page.get_by_role("button", name="Filtered signal").click()
        found = np.loadtxt(saving.value.path())
        signal = np.array(example_signals()["Doppler"])
        wanted = st.Network(st.catalogue["perona-malik"], 40, boundary=boundary).compile("numpy")(signal, lam=2.5)
        assert np.abs(found - wanted).max() < 1e-11
        shown = page.locator("[data-column=after]").all_inner_texts()
        assert int(shown[3]) == sign_changes(wanted)
        assert float(shown[1].replace("−", "-")) == pytest.approx(wanted.max(), rel=1e-3)


IMAGE = """async ([family, boundary, tau]) => {
  const image = { ...testImage(), samples: withNoise(testImage().samples, 0.4, 1) };
  const answer = await ask("/translate", { family, tau: "1/4" });
  const g = evaluator(answer.model.forms.diffusivity, new Map(answer.model.parameters.map((key) => [key, 0.8])));
  const after = filteredImage(image, g.at, tau, 20, boundary === "periodic");
  return { before: [...image.samples], after: [...after.samples], width: image.width };
}"""


@pytest.mark.parametrize(("family", "boundary"), [("perona-malik", "reflecting"), ("charbonnier", "periodic")])
def test_an_image_is_filtered_as_the_kernel_does(explore, family, boundary):
    page = explore("#family=soft")
    found = page.evaluate(IMAGE, [family, boundary, 0.25])
    before, after = (np.reshape(found[key], (-1, found["width"])) for key in ("before", "after"))
    kernel = st.Network(st.catalogue[family], 20, h=(1, 1), boundary=boundary).compile("numpy")
    np.testing.assert_allclose(after, kernel(before, lam=0.8), rtol=0, atol=1e-4)  # g is read from a table


def shown_image(page, which):
    return page.locator(f"[data-image-{which}]").evaluate("c => c.toDataURL()")


def test_the_image_follows_sliders_and_uploads(explore, tmp_path):
    page = explore("#family=perona-malik")
    page.locator("[data-image-section]").scroll_into_view_if_needed()
    psnr = page.locator("[data-image-measure=psnr]")
    page.wait_for_function("() => document.querySelectorAll('[data-image-measure=psnr]')[1].textContent !== ''")
    before, after = (float(psnr.nth(k).inner_text()) for k in (0, 1))
    assert after > before + 5
    assert page.locator("[data-image-step]").inner_text() == "holds at τ = 0.25"
    shown = shown_image(page, "after")
    value(page, "image-blocks").fill("3")
    page.wait_for_function("d => document.querySelector('[data-image-after]').toDataURL() !== d", arg=shown)
    value(page, "tau").fill("0.26")
    page.wait_for_selector("[data-image-step]:has-text('not guaranteed')")
    clear = np.zeros((8, 8, 4), np.uint8)  # transparent throughout: what shines through is white
    (tmp_path / "clear.png").write_bytes(imagecodecs.png_encode(clear))
    page.locator("[data-image-upload]").set_input_files(tmp_path / "clear.png")
    page.wait_for_selector("[data-image-column=before][data-image-measure=minimum]:has-text('10')")
    grey = np.full((30, 300), 51, np.uint8)
    (tmp_path / "mine.png").write_bytes(imagecodecs.png_encode(grey))
    page.locator("[data-image-upload]").set_input_files(tmp_path / "mine.png")
    page.wait_for_selector("[data-image-message]:has-text('256 x 26 samples in grey; it stays in this browser')")
    page.wait_for_selector("[data-image-column=after][data-image-measure=maximum]:has-text('2')")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.locator("[data-image-upload]").set_input_files(tmp_path / "broken.png")
    page.wait_for_selector("[data-image-message].error:has-text('broken.png cannot be read as an image')")
    with page.expect_download() as download:
        page.get_by_role("button", name="Filtered image").click()
    found = imagecodecs.png_decode(download.value.path().read_bytes())
    assert found.shape[:2] == (26, 256)
    assert np.unique(found[..., :3]).tolist() == [51]


def test_sources_are_saved(explore):
    page = explore("#family=soft")
    value(page, "blocks").fill("7")
    wanted = st.Network(st.catalogue["soft"], 7, "1/4")
    for button, name, text in [
        ("LaTeX", "soft.tex", None),
        ("NumPy source", "soft_f64.py", wanted.source("numpy")["soft_f64.py"]),
        ("C source", "soft_f64.c", wanted.source("c")["soft_f64.c"]),
        ("C header", "soft_f64.h", wanted.source("c")["soft_f64.h"]),
    ]:
        with page.expect_download() as saving:
            page.get_by_role("button", name=button).click()
        assert saving.value.suggested_filename == name
        written = saving.value.path().read_text(encoding="utf-8")
        assert written.startswith("\\documentclass") if text is None else written == text


def test_a_csv_is_read_here_or_refused(explore):
    page = explore("#family=soft")
    upload = page.locator("[data-upload]")
    samples = "value,time\n" + "".join(f"{(-1) ** k * k},{k}\n" for k in range(50))
    upload.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": samples.encode()})
    page.wait_for_selector("[data-signal-message]:has-text('50 samples, as they are, the first of 2 columns')")
    page.wait_for_timeout(300)
    assert page.locator("[data-column=before]").all_inner_texts()[:4] == ["−49", "48", "97", "48"]
    for name, text, words in [
        ("bad.csv", "1\n2\nx\n", "row 3"),
        ("nan.csv", "1\nNaN\n", "row 2"),
        ("one.csv", "1\n", "two samples"),
        ("comma.csv", "volt\n1,5\n2,5\n", "may be a decimal comma or two columns"),
        ("long.csv", "1\n" * 20_000, "at most 16384"),
        ("huge.csv", "1.000000000\n" * 200_000, "at most 1048576 are read"),
    ]:
        upload.set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
        page.wait_for_selector(f"[data-signal-message]:has-text('{words}')")
    assert page.locator("[data-column=before]").all_inner_texts()[:2] == ["−49", "48"]  # the good one stays
    upload.set_input_files({"name": "german.csv", "mimeType": "text/csv", "buffer": b"mV;s\n1,5;0\n-2,5;1\n"})
    page.wait_for_selector("[data-signal-message]:has-text('german.csv: 2 samples')")
    page.wait_for_selector("[data-column=before][data-measure=minimum]:has-text('−2.5')")


def test_jumps_are_dots_and_never_lines(explore):
    page = explore("#family=hard")
    svg = page.locator("svg[data-curve=activation]")
    assert svg.locator("circle.open").count() == 2
    assert svg.locator("circle.filled").count() == 2
    assert "jumps at −1.414, 1.414" in svg.get_attribute("aria-label")
    for path in svg.locator("path.curve").all():
        xs, ys = np.array([p.split() for p in re.findall(r"[ML]([-0-9.]+ [-0-9.]+)", path.get_attribute("d"))], float).T
        assert np.all(np.abs(np.diff(ys)) <= 20 + 0 * np.diff(xs))  # a jump is 70 pixels high


def test_by_keyboard_alone(explore):
    page = explore("#family=soft")
    page.evaluate("document.body.focus()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        state = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.id || e.dataset.name || e.dataset.source || e.dataset.edit || e.name || e.tagName,"
            " s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2] }"
        )
        if state[0] in ("BODY", "HTML"):
            break
        assert state[1], f"no focus ring on {state[0]}"
        seen.add(state[0])
    assert {"family", "kind", "formula", "step", "latex", "numpy", "c", "header", "diffusivity"} <= seen
    page.locator("#family").focus()
    page.keyboard.type("garrote")
    page.keyboard.press("Enter")
    page.wait_for_selector("h2:has-text('Garrote')")


def test_families_are_searched_by_any_of_their_names(explore):
    page = explore("#family=soft")
    field = page.get_by_label("A known family")
    listed = page.locator("#families option").evaluate_all("all => all.map((o) => [o.value, o.textContent])")
    assert [name for name, _ in listed] == list(st.catalogue)
    assert "Huber" in dict(listed)["truncated-tv"]
    field.click()
    assert field.input_value() == ""  # the list is whole while one looks for another
    page.locator("#formula").focus()
    assert field.input_value() == "soft"
    page.locator("#formula").fill("r^9")
    field.fill("hard")
    field.press("Enter")
    page.wait_for_selector("h2:has-text('Hard')")
    # the box holds the formula of what is shown, as the kind that it is known as
    kind = page.locator("input[name=kind]:checked").input_value()
    assert page.locator("#formula").input_value() == page.locator(f"[data-edit={kind}]").get_attribute("data-text")
    assert field.input_value() == "hard"
    field.fill("peronna")
    field.press("Enter")
    page.wait_for_selector("[role=alert]:has-text('did you mean perona-malik')")
    explore.complaints.clear()
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator(".family").count() == 0


def reading(page, kind):
    return page.locator(f"[data-reading={kind}]").inner_text()


def test_values_are_read_off_the_curves(explore):
    page = explore("#family=perona-malik")
    assert reading(page, "activation") == "Φ(1) = 0.6065"
    value(page, "at").fill("-2")
    page.wait_for_function("() => document.querySelector('[data-reading=activation]').textContent.includes('Φ(−2)')")
    assert reading(page, "activation") == "Φ(−2) = −0.2707"
    svg = page.locator("svg[data-curve=diffusivity]")
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 80)
    place = float(value(page, "at").input_value())
    assert 1.5 < place < 2.5
    g = float(re.search(r"= (.*)", reading(page, "diffusivity"))[1])
    assert g == pytest.approx(np.exp(-(place**2) / 2), rel=1e-3)
    dot = page.locator("svg[data-curve=diffusivity] .mark circle.of-curve")
    across, at = float(dot.get_attribute("cx")), 0.75 * float(svg.get_attribute("viewBox").split()[2])
    assert across == pytest.approx(at, abs=2)


def test_a_second_family_is_drawn_beside_the_first(explore):
    page = explore("#family=perona-malik")
    other = page.get_by_label("Compare with")
    other.fill("charbonnier")
    other.press("Enter")
    page.wait_for_selector("[data-compare-message]:has-text('dashed: Charbonnier')")
    page.wait_for_selector("path.other")
    assert page.locator("svg[data-curve]:has(path.other)").count() == 4
    # it goes by the same sliders where its parameters have the same names
    value(page, "parameter-lam").fill("2")
    wanted = st.catalogue["charbonnier"].diffusivity(1.0, lam=2.0)
    page.wait_for_selector(f"[data-reading=diffusivity]:has-text('Charbonnier: {wanted:.4g}')")
    other.fill("hard")
    other.press("Enter")
    page.wait_for_selector("[data-compare-message]:has-text('Hard, with θ = 1')")
    other.fill("nothing of this name")
    other.press("Enter")
    page.wait_for_selector("[data-compare-message].error:has-text('there is no family')")
    explore.complaints.clear()
    assert page.locator("path.other").count() == 0
    assert page.locator("h2").inner_text() == "Perona-Malik"


def test_the_signal_to_noise_ratio_is_shown(explore):
    page = explore("#family=perona-malik")
    value(page, "noise").fill("10")
    page.wait_for_selector("[data-measure=snr][data-column=before]:has-text('20.')")
    before, after = (
        float(page.locator(f"[data-measure=snr][data-column={c}]").inner_text()) for c in ("before", "after")
    )
    assert before == pytest.approx(20, abs=0.5)  # 10 % of the deviation
    assert after > before
    value(page, "noise").fill("0")
    page.wait_for_selector("[data-measure=snr][data-column=before]:has-text('∞')")


def test_what_is_wider_than_its_place_says_that_it_scrolls(explore):
    page = explore("#family=weickert-8", viewport={"width": 400, "height": 900})
    formula = page.locator(".formula.scroll[data-more=right]").first
    assert formula.get_attribute("tabindex") == "0"
    assert formula.evaluate("e => getComputedStyle(e, '::after').content") == '"→"'
    formula.evaluate("e => { e.scrollLeft = 9999; }")
    page.wait_for_selector(".formula.scroll[data-more=left]")
    assert "LambertW" not in page.locator("[data-given-tau]").inner_text()  # a long constant has a name
    assert "≈3.31488" in page.locator(".note.scroll math").first.text_content()


def test_what_is_taller_than_its_place_scrolls_so_that_curves_stay_in_sight(explore):
    page = explore("#family=spline-21")
    formula = page.locator(".formula.scroll[data-more=down]").first
    assert formula.bounding_box()["height"] < 400 < formula.evaluate("e => e.scrollHeight")
    assert "inset" in formula.evaluate("e => getComputedStyle(e).boxShadow")
    formula.evaluate("e => { e.scrollTop = 9999; }")
    page.wait_for_selector(".formula.scroll[data-more=up]")


def test_a_curve_without_closed_form_is_integrated(explore):
    page = explore("#family=weickert-8")
    assert page.locator("svg[data-curve=regulariser] path.curve").count() > 0
    place = 0.9
    value(page, "at").fill(str(place))
    wanted = st.catalogue["weickert-8"].regulariser(place, lam=1.0)
    page.wait_for_selector(f"[data-reading=regulariser]:has-text('{wanted:.4g}')")


def test_why_there_is_no_curve_is_said(explore):
    page = explore("#family=soft")
    page.locator("input[name=kind][value=activation]").check()
    page.get_by_label("Formula in r").fill("LambertW(|r|) sgn(r)")
    page.keyboard.press("Enter")
    page.wait_for_selector("h2:has-text('Your nonlinearity')")
    why = "this page does not compute LambertW; symtrans plot does"
    assert f"No curve: {why}." in page.locator(".form", has_text="Activation").inner_text()
    page.wait_for_selector(f"[data-signal-message]:has-text('Nothing is filtered here: {why}')")
    assert not page.locator("svg[data-filter]").is_visible()
    assert not page.locator("[data-image-section]").is_visible()
    # and where a curve is nowhere finite in the picture
    page.evaluate("""() => {
      const none = { at: () => NaN, breaks: [{ place: 0, value: NaN, left: NaN, right: NaN }] };
      const svg = document.createElementNS(SVG, "svg");
      document.body.append(svg);
      svg.id = "none";
      drawCurve(svg, none, 2, "g", null);
    }""")
    assert page.locator("#none .nothing").text_content() == "no finite value for |r| up to 2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing_and_nothing_overflows(explore, scheme, width, tmp_path):
    page = explore("#family=hard", viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.wait_for_selector("[data-step=sign_step]:has-text('τ')")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 50_000


def test_nothing_is_fetched_from_elsewhere(pages, server):
    asked = []
    page = pages("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url)
    page.wait_for_selector(DONE)
    assert len(asked) >= 7
    assert all(url.startswith((server.url, "data:", "blob:")) for url in asked)


def test_a_page_elsewhere_cannot_read_or_drive_it(pages, server):
    page = pages("data:text/html,<title>elsewhere</title>")
    script = """async (url) => {
        const outcomes = [];
        for (const [path, options] of [["translate", {method: "POST", body: '{"family": "soft"}'}], ["", {}],
            ["translate", {method: "POST", mode: "no-cors", body: "{}"}]])
            outcomes.push(await fetch(url + path, options).then((r) => r.status || r.type, (e) => e.name));
        return outcomes;
    }"""
    assert set(page.evaluate(script, server.url)) <= {"TypeError", "opaque"}
    pages.complaints.clear()  # the browser notes what it has refused


def test_the_evaluator_agrees_with_sympy(explore):
    """Every operation of the trees, in the browser, against 20 digits."""
    import sympy as sp

    from symtrans.calculus.algebra.canonical import X

    p = sp.Symbol("p", positive=True)
    y = sp.Symbol("y", positive=True)
    expressions = [
        *(f(X / 2) for f in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh)),
        *(f(X) for f in (sp.erf, sp.erfc)),
        *(f(X / 10) for f in (sp.asin, sp.acos)),
        X**p / (1 + X) ** sp.Rational(3, 2) + sp.sqrt(X) - 3,
        sp.Piecewise((X**2, sp.And(X > 1, p >= X)), (sp.Max(X, p) - sp.Min(1, p * X), sp.Or(X < 2, sp.Ne(p, 2)))),
        sp.sign(X) + sp.Abs(1 - X),
    ]
    page = explore("#family=soft")
    places = [0.03, 0.4, 0.99, 1.0, 1.7, 1.99, 2.0, 2.6, 5.5, 9.0]
    script = "([trees, xs]) => trees.map((t) => xs.map((x) => compile(t, new Map([['p', 2.25]]))(x, 0)))"
    found = page.evaluate(script, [[tree(e) for e in expressions], places])
    for expr, row in zip(expressions, found, strict=True):
        for place, number in zip(places, row, strict=True):
            wanted = expr.subs({X: sp.Rational(str(place)), p: sp.Rational(9, 4)}).evalf(20)
            assert number == pytest.approx(float(wanted), rel=1e-12, abs=1e-15), (expr, place)
    integral = tree(sp.Integral(y * sp.exp(-(y**p)), (y, 0, X)))
    assert page.evaluate(script, [[integral], [1.5]])[0][0] == pytest.approx(
        float(sp.Integral(y * sp.exp(-(y ** sp.Rational(9, 4))), (y, 0, 1.5)).evalf()), rel=1e-9
    )
    known = page.evaluate("[...Object.keys(CALLS), ...Object.keys(COMPARISONS)]")
    assert set(known) | {"x", "t", "oo", "int", "+", "*", "^", "cases", "max", "min", "and", "or"} == OPERATIONS


# -- the static report --


def test_the_report_works_from_a_file_alone(pages, report_file):
    page = pages(report_file.as_uri())
    first = page.locator(".family").first
    first.locator("path.after").wait_for()
    assert page.locator(".family").count() == 3
    before = first.locator("path.after").get_attribute("d")
    first.locator("input[type=number][data-name=parameter-theta]").fill("3")
    page.wait_for_function("d => document.querySelector('path.after').getAttribute('d') !== d", arg=before)
    with page.expect_download() as saving:
        first.get_by_role("button", name="C source").click()
    assert (
        saving.value.path().read_text(encoding="utf-8")
        == st.Network(st.catalogue["soft"], 32).source("c")["soft_f64.c"]
    )
    assert violations(page) == []


def test_the_report_is_drawn_as_it_is_read(pages, report_file):
    page = pages(report_file.as_uri(), viewport={"width": 400, "height": 800})
    page.locator("#family-1 path.after").wait_for()
    assert page.locator("#family-3 path").count() == 0
    page.locator("#family-3").scroll_into_view_if_needed()
    page.locator("#family-3 path.after").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_printed_report_is_complete(pages, report_file, tmp_path):
    page = pages(report_file.as_uri())
    page.locator("#family-1 path.after").wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".form:not(:has(path.curve))").count() == 0  # also of families that were never scrolled to
    assert page.locator("path.after").count() == 3
    for heading in ("What is proved", "A signal through the network", "An image through the network"):
        assert page.get_by_role("heading", name=heading).filter(visible=True).count() == 3
    assert not page.locator("input[type=range]").first.is_visible()
    edge = page.evaluate("document.body.getBoundingClientRect().right")
    over = """edge => [...document.querySelectorAll("math, svg, canvas, table, p, li")].filter(
        (e) => e.getBoundingClientRect().right > edge + 2).map((e) => e.outerHTML.slice(0, 80))"""
    assert page.evaluate(over, edge) == []
    assert (round(edge - page.evaluate("document.body.getBoundingClientRect().left"))) <= 681  # 180 mm
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert "printing" not in page.locator("body").get_attribute("class")
    pdf = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 50_000
    assert 3 < len(re.findall(rb"/Type /Page\b", pdf)) <= 9  # three a family at most


def test_the_report_compares_its_families(pages, report_file):
    page = pages(report_file.as_uri())
    other = page.locator("#family-1").get_by_label("Compare with")
    other.fill("hard")
    other.press("Enter")
    page.locator("#family-1 path.other").first.wait_for(state="attached")
    assert "dashed: Hard" in page.locator("#family-1 [data-compare-message]").inner_text()


def test_the_report_reads_without_scripts(pages, report_file):
    page = pages(report_file.as_uri(), java_script_enabled=False)
    text = page.locator("#family-1").inner_text()
    assert "The range never grows" in text
    assert "proved" in text


def test_the_server_and_the_report_carry_one_model(server, report_file):
    status, answer = server.ask("/translate", {"family": "soft"})
    assert status == 200
    match = re.search(r'id="family-1-model">(.*?)</script>', report_file.read_text(encoding="utf-8"))
    carried = json.loads(match[1])
    assert carried == answer["model"]
