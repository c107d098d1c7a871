"""Words that mark what is missing in a text; delimiters and decimal signs that the text contradicts."""

import numpy as np
import pytest

from symtrans import NonlinearityError
from symtrans.signals.files import read_signal, write_signal
from symtrans.signals.signal import Layout


@pytest.fixture
def read(tmp_path):
    def reader(content, **layout):
        path = tmp_path / "in.csv"
        path.write_text(content, encoding="utf-8")
        return read_signal(str(path), Layout(**layout))

    return reader


@pytest.mark.parametrize(
    "mark", ["NA", "-", "n/a", "null", ".", "--", "---", "?", "nil", "missing", "#NV", "–", "#N/A N/A"]
)
def test_what_files_write_for_missing_samples_is_a_gap(read, mark):
    with pytest.raises(NonlinearityError, match=r"1 value that is missing.*line 3; say --gaps fill"):
        read(f"t,v\n1,5\n2,{mark}\n3,9\n4,7\n")
    np.testing.assert_array_equal(read(f"t,v\n1,5\n2,{mark}\n3,9\n4,7\n", gaps="fill").samples, [5, 7, 9, 7])


@pytest.mark.parametrize("mark", ["ND", "x", "*", "no data", "<0.05", "#DIV/0!", "..."])
def test_any_word_is_a_mark_where_that_is_said(read, mark, tmp_path):
    content = f"t,v\n1,5\n2,{mark}\n3,9\n4,7\n"
    with pytest.raises(NonlinearityError) as refused:
        read(content)
    assert (
        f"line 3, column 2: {mark!r} is no finite number; if it marks what is missing, say --missing {mark!r}"
        in str(refused.value)
    )
    found = read(content, missing=f"{mark.lower()}, -999", gaps="split")
    np.testing.assert_array_equal(found.samples, [5, np.nan, 9, 7])
    write_signal(str(tmp_path / "out.csv"), found)
    assert f"2,{mark}\n" in (tmp_path / "out.csv").read_text()


def test_a_number_in_a_dress_is_no_mark(read):
    with pytest.raises(NonlinearityError, match=r"'\(1\.5\)' is no finite number; leave out the line"):
        read("v\n2.5\n(1.5)\n3.5\n2.0\n")


def test_words_are_marks_in_text_only(tmp_path):
    np.save(tmp_path / "in.npy", np.arange(5.0))
    with pytest.raises(NonlinearityError, match="--missing ND is no number"):
        read_signal(str(tmp_path / "in.npy"), Layout(missing="ND"))


@pytest.mark.parametrize(
    ("content", "delimiter", "sign"),
    [
        ("Zeit;Wert\n0,1;2,5\n0,2;3,7\n0,3;1,9\n", ",", "';'"),
        ("0,1;2,5;7\n0,2;3,7;8\n0,3;1,9;6\n", ",", "';'"),
        ("1\t2.5\n2\t3.7\n3\t1.9\n", ";", "a tab"),
        ("0,1 2,5\n0,2 3,7\n0,3 1,9\n", ",", "a blank"),
        ("0.1|2,5\n0.2|3,7\n0.3|1,9\n", ",", "'|'"),
    ],
)
def test_a_delimiter_that_leaves_another_one_between_numbers_is_refused(read, content, delimiter, sign):
    with pytest.raises(NonlinearityError) as refused:
        read(content, delimiter=delimiter)
    assert f"holds {sign} between two numbers, which --delimiter {delimiter} leaves together" in str(refused.value)


def test_dates_and_times_stand_together(read):
    content = "when,v\n2024-01-01 12:00,2.5\n2024-01-01 12:01,3.5\n2024-01-01 12:02,1.5\n"
    np.testing.assert_array_equal(read(content, delimiter=",").samples, [2.5, 3.5, 1.5])


@pytest.mark.parametrize(
    ("content", "decimal"), [("a;b\n3;0,5\n1;0,7\n2;0,9\n", "."), ("a\tb\n3\t0.5\n1\t0.7\n2\t0.9\n", ",")]
)
def test_a_decimal_sign_that_makes_words_of_a_column_is_refused(read, content, decimal):
    with pytest.raises(NonlinearityError, match=rf"column 2: .* and not with --decimal {decimal};"):
        read(content, decimal=decimal)
    np.testing.assert_array_equal(read(content, decimal=decimal, columns=("a",)).samples, [3, 1, 2])
