"""Words on the command line that are nearly right are refused with the remedy; a formula may begin with a minus."""

import pytest

from tests.cli.results import plainly


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        *(
            (["translate", "soft", *slip], "did you mean --tau?")
            for slip in (["-tau", "0.6"], ["-tau=0.6"], ["--taau", "1"])
        ),
        (["translate", "soft", "-output=x.txt"], "did you mean --output?"),
        (["generate", "soft", "-tau", "0.2"], "did you mean --tau?"),
        (["generate", "soft", "--tau", "auto"], "left out"),
        (["translate", "soft", "--blocks", "3"], "it is one of generate, denoise"),
        *((["translate", "soft", *slip], "--set theta=2") for slip in (["--theta", "2"], ["--theta=2"], ["theta=2"])),
        *((["generate", "soft", *slip], "--set theta=2") for slip in (["--theta", "2"], ["--theta=2"], ["theta=2"])),
        (["denoise", "ecg", "--lam", "15"], "--set lam=15"),
        *((["denoise", *order], "is given by --with soft") for order in (["ecg", "soft"], ["soft", "a.csv"])),
        (["denoise", "a.csv", "-k", "activation", "tanh(r)"], 'is given by --with "tanh(r)"'),
        (["certify", "soft", "--set", "=2"], "not of the form NAME=NUMBER"),
        (["generate", "soft", "--c", "2"], "--set c=2"),  # of the literature
        (["certify", "r/(1 + r^2/λ^2)", "--kind", "activation", "--lam", "2"], "--set lam=2"),
        (["certify", "r", "--kind", "act"], "'--kind' / '-k': 'act' is not one of"),
        (["certify", "soft", "--tau", "1", "--tau=2"], "--tau is given twice; give it one value"),
        (["translate", "r/2", "-kactivation", "--kind", "shrinkage"], "--kind/-k is given twice"),
        (["translate", r"\tanh(r)", "-k", "activation"], "LaTeX is given with --latex-in"),
    ],
)
def test_a_slip_is_told_how_it_is_written(symtrans, words, remedy):
    result = symtrans(*words)
    assert (result.status, result.out) == (2, "")
    assert remedy in " ".join(plainly(result.err).replace("│", " ").split())


@pytest.mark.parametrize("command", ["translate", "certify", "table", "plot", "generate", "denoise", "check"])
def test_help_is_asked_for_by_one_letter_everywhere(symtrans, command):
    assert f"{command} [OPTIONS]" in plainly(symtrans(command, "-h").out)


@pytest.mark.parametrize("formula", ["-tanh(r)", "-2 r", "-r/(1+r^2)", "-(r)"])
def test_a_formula_may_begin_with_a_minus(symtrans, formula):
    result = symtrans("translate", formula, "--kind", "activation", "--plain")
    assert result.out.splitlines()[0].startswith(f"{formula}, tau")
    assert symtrans("generate", formula, "-kactivation", "-tc").err.startswith("error: there is no proved stable")


@pytest.mark.parametrize("value", ["-1", "-1/4"])
def test_a_negative_value_stays_that_of_its_option(symtrans, value):
    assert f"tau = {value} must be positive" in symtrans("translate", "soft", "--tau", value).err


def test_a_formula_that_begins_as_an_option_is_none(symtrans):
    result = symtrans("generate", "-tanh(r)", "-k", "activation", "-t", "numpy", "--set", "a=1", "--set", "b=2")
    assert "twice" not in result.err
    assert "--set a is no parameter" in result.err


@pytest.mark.parametrize(
    "words",
    [
        ["certify", "soft", "garrote", "--set", "theta=2"],
        ["translate", "soft", "--set", "theta=2", "--tau"],
        ["generate", "soft", "--set", "theta=2", "--blocks", "0"],
        ["denoise", "ecg", "other.csv", "--set", "lam=15"],
        ["generate", "soft", "--target", "numpy", "--threads", "4"],
        ["certify", "r/(1 + r^2/k^2)", "--kind", "activation", "--lam", "2"],
    ],
)
def test_what_is_right_is_not_mended(symtrans, words):
    result = symtrans(*words)
    assert result.status == 2
    assert "--set" not in result.err.replace(" ".join(words), "")
    assert "it is one of" not in result.err


@pytest.mark.parametrize("given", [["-o", "a.csv"], ["--output", "./a.csv"], ["-o", "link.csv"]])
def test_a_signal_is_not_written_over(symtrans, tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(map(str, [1, 5, 2, 7, 3]))
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    result = symtrans("denoise", "a.csv", "--with", "soft", "--set", "theta=1", *given)
    assert result.status == 2
    assert "is the signal itself" in result.err
    assert (tmp_path / "a.csv").read_text() == text


@pytest.mark.parametrize("command", ["translate", "generate", "denoise"])
def test_what_is_missing_is_said_once(symtrans, command):
    said = plainly(symtrans(command).err)
    assert "Missing argument" in said
    assert "Missing parameter" not in said


@pytest.mark.parametrize("suffix", ["doc", "odt", "eps", "htm"])
def test_text_is_written_into_no_file_of_another_kind(symtrans, tmp_path, suffix):
    for words in (("table", "soft"), ("certify", "soft")):
        found = symtrans(*words, "-o", tmp_path / f"x.{suffix}")
        assert found.status == 2
        assert f"not in .{suffix}" in plainly(found.err)
    assert not list(tmp_path.iterdir())
