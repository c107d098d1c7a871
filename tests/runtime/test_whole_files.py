"""Files appear whole or not at all, and what the system refuses names the file that was asked for."""

import os
import re
from pathlib import Path

import pytest

from symtrans.errors import NonlinearityError, reason
from symtrans.runtime.whole_files import write_whole


def test_a_file_is_written_into_a_new_folder_and_replaced(tmp_path):
    target = tmp_path / "new" / "table.tex"
    for text in ("α", "β\n"):
        write_whole(target, text)
        assert target.read_bytes() == text.encode()
    assert os.listdir(target.parent) == ["table.tex"]


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(NonlinearityError, match="is a folder; name a file in it"):
        write_whole(tmp_path, "")
    assert not os.listdir(tmp_path)


def test_what_the_system_refuses_names_the_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file") as caught:
        write_whole(tmp_path / "file" / "table.tex", "")
    assert reason(caught.value) == f"{tmp_path / 'file' / 'table.tex'}: not a directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_device_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "text")
    assert os.read(reader, 9) == b"text"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("url", ["s3://bucket/out.npy", "https://host/a/b.png", "file://tmp/x", "az+x://b"])
def test_a_url_is_no_folder(tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NonlinearityError, match=f"{re.escape(url)} is a URL.*copy the file"):
        write_whole(Path(url), "text")
    assert not list(tmp_path.iterdir())
