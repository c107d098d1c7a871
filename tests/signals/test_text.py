"""Text as people have it: what is found out of it, what is said, what is asked, and what comes back."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from symtrans import NonlinearityError
from symtrans.signals.files import read_signal, write_signal
from symtrans.signals.signal import Layout, Signal


@pytest.fixture
def read(tmp_path):
    def of(content, name="in.csv", **layout):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_signal(str(path), Layout(**layout))

    return of


def said(signal):
    return "\n".join(signal.remarks)


TITLED = "Zeit (ms){0}Spannung (µV)\n0,0{0}1,5\n0,5{0}2,5\n1,0{0}-3\n"


@pytest.mark.parametrize(
    ("content", "layout", "samples"),
    [
        (",".join(map(str, range(200))), {}, range(200)),
        ("1.5 2.5 4\n", {}, [1.5, 2.5, 4]),
        ("1.5  2.5\t3\n3.5 -4.5\t1\n-1 2\t0\n", {}, [[1.5, 3.5, -1], [2.5, -4.5, 2], [3, 1, 0]]),
        ("a b\tc\n1,5\t2,5 3\n3,5\t-4,5 1\n", {}, [[1.5, 3.5], [2.5, -4.5], [3, 1]]),
        ("a,\tb\n1.5,\t2.5\n3.5,\t-4\n", {}, [[1.5, 3.5], [2.5, -4]]),
        ("12:00 x\t3\n12:01 x\t1\n12:02 x\t2\n", {}, [3, 1, 2]),
        ("-0,5\n1,25\n", {}, [-0.5, 1.25]),
        ("3,05\n1,25\n7\n", {}, [3.05, 1.25, 7]),
        ("volt\n0,41\n4,52\n", {}, [0.41, 4.52]),
        ('"0,41"\n"4,52"\n', {}, [0.41, 4.52]),
        ("# volt\n" + "0,41\n4,52\n" * 300, {}, [0.41, 4.52] * 300),
        ("from the lab\na,v\n" + "4,41\n3,52\n" * 300, {}, [[4, 3] * 300, [41, 52] * 300]),
        ("0,41\n4,52\n", {"decimal": ","}, [0.41, 4.52]),
        ("0,5 1,25\n0,75 2,5\n", {}, [[0.5, 0.75], [1.25, 2.5]]),
        ("4,41\n3,52\n", {"delimiter": ","}, [[4, 3], [41, 52]]),
        ("4, 41\n3, 52\n", {}, [[4, 3], [41, 52]]),
        ("a,b\n4,41\n3,52\n", {}, [[4, 3], [41, 52]]),
        ("\n".join(f"{k},{k % 3}" for k in range(12)), {}, [k % 3 for k in range(12)]),
        ("1|2\n2|1\n0|4\n", {}, [[1, 2, 0], [2, 1, 4]]),
        ("1\t2\n2\t1\n0\t4\n", {"delimiter": "tab"}, [[1, 2, 0], [2, 1, 4]]),
        ("sep=;\nv;w\n1;2\n2;1\n0;3\n", {}, [[1, 2, 0], [2, 1, 3]]),
        ("# Rate: 250 Hz\r\n# t v\r\n 0.0  1.0\r\n 0.1  3D0\r\n 0.2 2.0\r\n", {}, [1, 3, 2]),
        ('"time (s)","a, b",\n"0.0","1.5",\n"0.1","2.5",\n"0.2","1.0",\n', {}, [1.5, 2.5, 1]),
        ("2020-01-01 00:00,5.3\n2020-01-01 00:01,4\n2020-01-01 00:02,4.1\n", {}, [5.3, 4, 4.1]),
        ("1 2 3\n4 5 7\n", {"axis": "row"}, [[1, 2, 3], [4, 5, 7]]),
        ("t c d\n0  1,27  -2,33\n1  0,46  0,5\n2  0,5  1,5\n", {}, [[1.27, 0.46, 0.5], [-2.33, 0.5, 1.5]]),
        ("0,51  ok\n0,25  bad\n", {}, [0.51, 0.25]),
        ("s1;0,5;1,5\n", {}, [0.5, 1.5]),
        ("v;w\n1;2\n2;1\n0;3\n;\n;\n", {}, [[1, 2, 0], [2, 1, 3]]),
        ("\u22121\n\u22122\n3\n", {}, [-1, -2, 3]),
        ("1;2\n0;3\n".encode("utf-32"), {}, [[1, 0], [2, 3]]),
        ("3  2\n1 \t4\n5\t6\n", {}, [[3, 1, 5], [2, 4, 6]]),
        ("v,time (s)\n1,0\n3,0.1\n2,0.2\n", {}, [1, 3, 2]),
        ("1,5E+03\n-2,25E-03\n", {}, [1500, -0.00225]),
        ("v (mV)\n1,5E+03\n,5\n-2\n", {}, [1500, 0.5, -2]),
        ('"t","v"\n"0","1.5"\n"1","2"\n"2","0.5"\n', {}, [1.5, 2, 0.5]),
        ('"0","1,5"\n"1","2,25"\n"2","0,5"\n', {}, [1.5, 2.25, 0.5]),
        ('"0,5","0,25"\n"1,5","2"\n', {"decimal": ","}, [[0.5, 1.5], [0.25, 2]]),
        ('0,"0,125"\n1,"2,250"\n2,"1,125"\n', {}, [0.125, 2.25, 1.125]),
        (",0,1\n0,5,6\n1,7,4\n2,6,6\n", {}, [[5, 7, 6], [6, 4, 6]]),
        ("day,1,2\n2020-01-01,5,6\n2020-01-02,7,4\n2020-01-03,6,6\n", {}, [[5, 7, 6], [6, 4, 6]]),
        ('"x"\n1,5\n2,5\n', {}, [1.5, 2.5]),
        ('"x, y"\n1,5\n2,25\n', {}, [1.5, 2.25]),
        ("q,1,2\n-1,5,6\n0,7,4\n1,6,6\n", {}, [[5, 7, 6], [6, 4, 6]]),
        ("t,1,2\n0,5,6\n1,7,4\n2,6,6\n", {}, [[5, 7, 6], [6, 4, 6]]),
        ("1\r\r\n2\r\r\n3\r\r\n", {}, [1, 2, 3]),
        ("\ufeff1\u200b\n\ufeff2\n3\n", {}, [1, 2, 3]),
        ("v;w\n0;a\n2;b\n3;c\n", {"columns": ("1",)}, [0, 2, 3]),
        ("w;v\na;0\nb;2\nc;3\n", {}, [0, 2, 3]),
        ("v;w\n0;1\n1;3 mV\n2;2 mV\n3;5 mV\n", {"columns": ("v",)}, [0, 1, 2, 3]),
    ],
)
def test_the_usual_shapes(read, content, layout, samples):
    np.testing.assert_array_equal(read(content, **layout).samples, np.array(samples, dtype=float))


@pytest.mark.parametrize("name", ["in.csv", "in.tsv", "in.txt", "in.dat"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
def test_titles_units_and_encodings(read, tmp_path, name, delimiter, encoding):
    content = TITLED.format(delimiter).encode(encoding)
    signal = read(content, name)
    np.testing.assert_array_equal(signal.samples, [1.5, 2.5, -3])
    assert signal.rate == pytest.approx(2000)
    assert "1 signal of 3 samples: column 2 Spannung (µV)" in said(signal)
    assert "column 1 Zeit (ms) is the axis" in said(signal)
    assert "from 0 to 1 by 0.5 ms" in said(signal)
    assert write_signal(str(tmp_path / f"out{name[2:]}"), signal) == ""
    expected = TITLED.format(delimiter).replace("-3\n", "-3,0\n").encode(encoding)
    assert (tmp_path / f"out{name[2:]}").read_bytes() == expected


def test_titles_and_other_columns_come_back(read, tmp_path):
    signal = read("from the lab\n\nt,a,note\n0,1,x\n1,3,\n2,2,z\n")
    assert "kept as it is: column 3 note" in said(signal)
    out = tmp_path / "out.csv"
    write_signal(str(out), Signal(signal.samples / 2, table=signal.table))
    assert out.read_text() == "from the lab\n\nt,a,note\n0,0.5,x\n1,1.5,\n2,1.0,z\n"
    assert "titles and other columns" in write_signal(str(tmp_path / "out.npy"), signal)


def test_another_suffix_has_its_own_delimiter_and_points(read, tmp_path):
    write_signal(str(tmp_path / "out.tsv"), read(TITLED.format(";"), "in.csv"))
    assert (tmp_path / "out.tsv").read_text(encoding="utf-8") == (
        "Zeit (ms)\tSpannung (µV)\n0.0\t1.5\n0.5\t2.5\n1.0\t-3.0\n"
    )


def test_columns_are_chosen_by_title_and_number(read):
    content = "t,a,b\n0,1,2\n1,2,1\n2,5,6\n"
    np.testing.assert_array_equal(read(content, columns=("b",)).samples, [2, 1, 6])
    np.testing.assert_array_equal(read(content, columns=("3", "a")).samples, [[2, 1, 6], [1, 2, 5]])
    assert read(content, axis="none").samples.shape == (3, 3)
    np.testing.assert_array_equal(read(content, axis="a").samples, [[0, 1, 2], [2, 1, 6]])
    assert "--axis none" in said(read(content))


def test_an_uneven_axis_is_said(read):
    assert "unevenly" in said(read("0;1\n1;2\n5;1\n"))
    assert "unevenly" not in said(read("0.5,1\n1,2\n1.5,1\n"))


def test_a_wide_table_is_said_to_have_short_signals(read):
    assert "20 signals of 3 samples" in said(read("\n".join(",".join(map(str, range(20))) for _ in range(3))))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1,5\n2,7\n3,1\n", "--delimiter , or --decimal ,"),
        ("from the lab\n" + "1,5\n2,7\n" * 300, "--delimiter , or --decimal ,"),
        ("1,2\n3\n", "--delimiter , or --decimal ,"),
        ("1;2.5\n2;1,5\n", "--decimal"),
        ("1\n2\nabc\n4\n", "line 3, column 1: 'abc'"),
        ("1;1,234.5\n2;2,234.5\n", "line 1, column 2: write '1,234.5' without"),
        ("1.5\ninf\n", "line 2, column 1: 'inf' is no finite number"),
        ("1\n1e999\n", "line 2"),
        ("1 2\n3 4\n5\n", "line 3 has 1 cell, where line 1 has 2"),
        ("a,b\nc,d\n", "no line holds numbers"),
        ("1;2\n3;4,5\n6;1.500,0\n", "line 3.*no finite number"),
        (b"\x00\x01\x02\x03" * 9, "it is no text"),
        ("[1, 2, 3, 4]", r"write '\[1' without brackets"),
        ("array([1., 2., 3.])", r"write 'array\(\[1.' without brackets"),
        ("1.000,5\n2.000,5\n", "'2.000,5' may be one number with marks of thousands or two columns"),
        ("1 000\n2 000\n", "marks of thousands"),
        ("1\n2\n# later\n3\n", "line 3 has 2 cells, where line 1 has 1"),
        *((f"v\n1.5{mark} first\n2\n3\n", "line 2: write the comment in '1.5.*' into a line") for mark in (" #", "//")),
        ("1 500\t3\n3 500\t1\n1 250\t0\n", "write '1 500' without marks of thousands"),
        ("0.5 1.25 -0.75\n2.0 3.5\n", "line 2 has 2 cells, where line 1 has 3"),
        *((f"{sign}1.5\n2\n3\n", "line 1, column 1: '.1.5' is no finite number") for sign in "<>~≈±*"),
        ("v;1|2\n3;1|2\n0;5|1\n", r"'5\|1' holds '\|' between two numbers"),
        ("1:2\n3:1\n", "say by --delimiter"),
        (b"\xff\xfe\x00", "truncated"),
        (b"\x89PNG\r\n\x1a\n\x90", "it is no text: it holds the byte 0x90"),
        ("1,5E+03\n2,5E-03\n", "'1,5E\\+03' may be two columns or one number"),
        (",5\n,7\n", "--delimiter , or --decimal ,"),
        ('t,v\n0,"1,234"\n1,"2,345"\n', "'1,234' may have a decimal comma or marks of thousands"),
        ("t;v\n0;1\u00a0234,5\n1;2\u00a0345,5\n2;999,5\n", "line 3, column 2: .* write it without marks of thousands"),
        ("t;v\n0;999,5\n1;2\u202f345,5\n2;3\u202f345,5\n", "line 3, column 2: .* without marks of thousands"),
        ("t;v\n0;5 mV\n1;-7,5 mV\n2;6 mV\n", "column 2: write '5 mV' and all below without the unit"),
        ("day,v\n2024-01-01,$5.25\n2024-01-02,$7.50\n", "column 2: write '\\$5.25' and all below without the unit"),
        ("day,v\n2024-01-01,5.2%\n2024-01-02,7.5%\n", "column 2: write '5.2%' and all below without the unit"),
        ("t;v\n0;$5\n1;$7.5\n2;-\n3;$6\n", "without the unit"),
        ("t,v\n0,err\n1,5\n2,6\n3,5\n", "line 2, column 2: 'err' is no finite number"),
        ("t,v\n0,5 V\n1,3 V\n2,7 V\n", "of 2 columns only column 1 holds numbers, and it ascends"),
        ("t;v\n0;1,5 ± 0,1\n1;2,5 ± 0,1\n", "only column 1 t holds numbers"),
        ("t,v\n0,TRUE\n1,FALSE\n", "only column 1 t holds numbers"),
        ("(1.5)\n2.5\n3.5\n", r"line 1, column 1: '\(1.5\)' is no finite number"),
        ("day,v\n2020-01-01,5..1\n2020-01-02,5\n2020-01-03,6\n", "line 2, column 2: '5..1' is no finite number"),
    ],
)
def test_what_is_not_clear_is_refused(read, content, words):
    with pytest.raises(NonlinearityError, match=f"in.csv cannot be read as a signal: .*({words})"):
        read(content)


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ({"columns": ("c",)}, "no column 'c'; there are: 1 a, 2 note"),
        ({"columns": ("note",)}, "column 2 note holds no numbers"),
        ({"axis": "a"}, "no column is left"),
        ({"delimiter": "ab"}, "--delimiter ab"),
        ({"decimal": ";"}, "--decimal ; is neither"),
        ({"gaps": "drop"}, "--gaps drop is neither fill nor split"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(read, layout, words):
    with pytest.raises(NonlinearityError, match=words):
        read("a,note\n1,x\n4,y\n", **layout)


def test_titles_that_stand_twice_name_no_column(read):
    with pytest.raises(NonlinearityError, match="columns 1, 3 are all called 'a'; give the number of one"):
        read("a,b,a\n1,2,5\n3,0,4\n", columns=("a",))


@pytest.mark.parametrize(
    ("content", "line"),
    [("1\n2\n\n4\n", 3), ("1\nNaN\n3\n4\n", 2), ("a;b\n1;2\n5;\n3;4\n", 3), ("nan\n1\n2\n", 1)],
)
def test_gaps_are_refused_with_their_line(read, content, line):
    with pytest.raises(NonlinearityError, match=rf"not finite: line {line}; say --gaps fill .* --gaps split"):
        read(content)


def test_gaps_are_filled_or_left(read, tmp_path):
    content = "v\n1\n\n4\nNaN\n6\n"
    filled = read(content, gaps="fill")
    np.testing.assert_array_equal(filled.samples, [1, 2.5, 4, 5, 6])
    assert "2 gaps filled by lines across: line 3, line 5" in said(filled)
    cut = read(content, gaps="split")
    np.testing.assert_array_equal(cut.samples, [1, np.nan, 4, np.nan, 6])
    write_signal(str(tmp_path / "out.csv"), cut)
    assert (tmp_path / "out.csv").read_text() == "v\n1.0\n\n4.0\nNaN\n6.0\n"


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        *(("t,v\n0,1.5\n1,-9999\n2,2.5\n3,-9999\n", "-9999"), ("1.5\n-999.0\n2\n", "-999"), ("1\n1e30\n2\n", "1e+30")),
        *(("depth,v\n3,1.5\n9,-999.25\n5,2\n", "-999.25"), ("1.5\n-32768\n2\n", "-32768"), ("7\n65535\n", "65535")),
        *(("9.9\n-99.99\n2\n", "-99.99"), ("0.1\n9.96921e36\n", r"9.96921e\+36"), ("1\n99999\n-3\n", "99999")),
    ],
)
def test_what_looks_like_the_mark_of_a_gap_is_asked_about(read, content, mark):
    with pytest.raises(
        NonlinearityError, match=rf"far beyond all others.*: say --missing {mark.replace('1e+', '1e.')}"
    ):
        read(content)
    assert np.isfinite(read(content, missing="none").samples).all()


def test_marks_are_gaps_where_that_is_said(read):
    found = read("v\n1\n-999\n3\n9999\n5\n", missing="-999,9999", gaps="fill")
    np.testing.assert_array_equal(found.samples, [1, 2, 3, 4, 5])
    assert "2 samples of -999,9999 are missing" in said(found)
    with pytest.raises(NonlinearityError, match="--missing 9999,-999 if so"):
        read("v\n1\n-999\n3\n9999\n5\n", missing="9999")


@pytest.mark.parametrize("content", ["1\n99\n2\n", "500\n999\n700\n", "0\n1000\n0\n", "999\n999\n", "1e19\n1e20\n3\n"])
def test_large_numbers_are_samples(read, content):
    assert np.isfinite(read(content).samples).all()


def test_a_time_beside_an_index_is_no_signal(read):
    found = read("idx,time (ms),v\n0,0,1\n1,4,5\n2,8,2\n")
    np.testing.assert_array_equal(found.samples, [1, 5, 2])
    assert "kept as it is: column 2 time (ms)" in said(found)
    assert read("idx,time (ms),v\n0,0,1\n1,4,5\n2,8,2\n", columns=("2", "3")).samples.shape == (2, 3)
    assert read("v,time (ms)\n1,0\n5,4\n2,8\n").samples.tolist() == [1, 5, 2]
    assert read("t,v\n0.1,1\n0.1,5\n0.2,2\n").samples.tolist() == [1, 5, 2]


def test_a_quote_within_a_title_opens_nothing(read):
    assert read('Tube 24" long\nt,v\n0,1\n1,4\n2,2\n').samples.tolist() == [1, 4, 2]


@pytest.mark.parametrize("gap", ["-nan", "-nan(ind)", "1.#QNAN", "<NA>"])
def test_gaps_as_programs_print_them(read, gap):
    np.testing.assert_array_equal(read(f"v\n1\n{gap}\n3\n", gaps="fill").samples, [1, 2, 3])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        *(("1.5-\n2.5-\n0.5\n", "line 2, column 1: '2.5-'"), ("1·5\n2\n3\n", "line 1, column 1: '1·5'")),
        ("u\n1 234.5\n2 345.5\n3 456.5\n", "marks of thousands or two columns"),
        ('t,"a\nb"\n0,1\n1,4\n2,2\n', "line 1 opens a quote and does not close it"),
    ],
)
def test_numbers_before_numbers_are_no_titles(read, content, words):
    with pytest.raises(NonlinearityError, match=words):
        read(content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.data())
def test_a_table_in_any_dialect_is_read_as_it_is_or_asked_about(read, data):
    delimiter, decimal = data.draw(some.sampled_from([(d, p) for d in (";", "\t", "  ", ",") for p in ".," if d != p]))
    number = some.decimals(-1000, 1000, places=data.draw(some.integers(0, 4)))
    width, height = data.draw(some.integers(1, 3)), data.draw(some.integers(3, 12))
    rows = data.draw(some.lists(some.lists(number, min_size=width, max_size=width), min_size=height, max_size=height))
    counted, noted = data.draw(some.booleans()), data.draw(some.booleans())
    cells = [[f"{x:f}".replace(".", decimal) for x in row] for row in rows]
    lines = [delimiter.join([str(k)] * counted + row + ["ok"] * noted) for k, row in enumerate(cells)]
    names = ["t"] * counted + [f"c{k}" for k in range(width)] + ["note"] * noted
    titles = data.draw(
        some.sampled_from([[], [delimiter.join(names)], ["of 2020-01-02, room 3", delimiter.join(names)]])
    )
    axis = None if counted else "none"
    try:
        found = read("\n".join([*titles, *lines]), axis=axis).samples
    except NonlinearityError as error:
        assert "say --delimiter , or --decimal ," in str(error)
        assert not titles
    else:
        np.testing.assert_array_equal(np.atleast_2d(found), np.array(rows, dtype=float).T)


@pytest.mark.parametrize(("title", "column"), [("t", "0 1 0 1"), ("time (s)", "0 2 1 3"), ("Zeit", "5 5 5 5")])
def test_a_time_that_goes_back_is_asked_about(read, title, column):
    text = f"{title},v\n" + "".join(f"{t},{t}.5\n" for t in column.split())
    with pytest.raises(NonlinearityError, match="is called as time is"):
        read(text)
    assert read(text, axis="1").samples.shape == read(text, columns=("v",)).samples.shape == (4,)
    assert read(text, axis="none").samples.shape == (2, 4)


@pytest.mark.parametrize("title", ["T", "samples", "tension"])
def test_what_is_not_called_time_may_go_back(read, title):
    assert read(f"{title},v\n0,1\n1,2\n0,3\n").samples.shape == (2, 3)


def test_whole_numbers_that_no_double_is_are_told(read):
    assert "rounded to double precision" in said(read(f"{2**53 + 1}\n{2**53 + 2}\n{2**53 + 5}\n", name="in.txt"))
    assert "rounded" not in said(read(f"{2**53}\n{2**60}\n{2**53 + 2}\n", name="in.txt"))
    assert "rounded" not in said(read(f"t,v\n{10**18 + 1},1\n{10**18 + 2001},2\n{10**18 + 4001},4\n"))


def test_titles_that_are_one_too_many_or_too_few(read):
    of_labview = "X_Dimension\tTime\n***End_of_Header***\nX_Value\tUntitled\tComment\n0\t1.5\n0.1\t2.5\n0.2\t0.5\n"
    found = read(of_labview, name="in.txt")
    np.testing.assert_array_equal(found.samples, [1.5, 2.5, 0.5])
    assert "column 2 Untitled" in said(found)
    of_r = read('"v" "w"\n"1" 2.5 1\n"2" 0.5 7\n"3" 1.5 2\n', name="in.txt")
    assert "column 2 v, column 3 w" in said(of_r)


def test_marks_of_thousands_beside_a_point_are_asked_about(read):
    with pytest.raises(NonlinearityError, match="marks of thousands"):
        read("v\n1,234.5\n2,345.6\n")
    assert read("a,b\n1,234.5\n2,345.6\n").samples.shape == (2, 2)
    assert read("1,234.5\n2,34.56\n").samples.shape == (2, 2)


@pytest.mark.parametrize("when", ["2024-03-0{}", "12:00:0{}", "3/{}/2024"])
def test_behind_dates_what_rises_is_a_signal_unless_it_counts(read, when):
    """The dates are the axis already; seconds beside them are even, or called so."""
    rows = [when.format(k + 1) for k in range(4)]
    rising = "".join(f"{day},{k * k},{-k}\n" for k, day in enumerate(rows))
    assert read(rising).samples.tolist() == [[0, 1, 4, 9], [0, -1, -2, -3]]
    assert read("day,t (s),v\n" + rising).samples.tolist() == [0, -1, -2, -3]
    even = "".join(f"{day},{k / 4},{k**3 - k}\n" for k, day in enumerate(rows))
    assert read(even).samples.tolist() == [0, 0, 6, 24]


@pytest.mark.parametrize("content", ["1;\n2;\n3.5;\n", "v,\n1,\n2,\n3.5,\n", "1\t\n2\t\n3.5\t\n"])
def test_an_empty_end_of_each_line_makes_no_axis_of_what_rises(read, content):
    np.testing.assert_array_equal(read(content).samples, [1, 2, 3.5])


@pytest.mark.parametrize("sign", ["\N{MINUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}", "\N{SMALL HYPHEN-MINUS}"])
def test_a_minus_of_typesetters_is_one(read, sign):
    np.testing.assert_array_equal(read(f"{sign}1.5\n{sign}2\n3\n").samples, [-1.5, -2, 3])
