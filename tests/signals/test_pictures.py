"""Images in files, held against Pillow and tifffile."""

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from symtrans import NonlinearityError
from symtrans.signals.pictures import check_picture, read_picture, write_picture

RNG = np.random.default_rng(19)


def samples(dtype, shape):
    return RNG.integers(0, np.iinfo(dtype).max, shape, endpoint=True).astype(dtype)


GREY8, GREY16 = samples(np.uint8, (9, 12)), samples(np.uint16, (9, 12))
RGB8, RGB16 = samples(np.uint8, (9, 12, 3)), samples(np.uint16, (9, 12, 3))
LA8, RGBA16 = samples(np.uint8, (9, 12, 2)), samples(np.uint16, (9, 12, 4))
ALL = [GREY8, GREY16, RGB8, RGB16, LA8, samples(np.uint8, (9, 12, 4)), RGBA16]


def name(array):
    return f"{array.dtype}-{array.shape[2] if array.ndim > 2 else 1}"


@pytest.mark.parametrize("array", ALL, ids=name)
@pytest.mark.parametrize("target", ["png", "tif"])
def test_png_comes_back_in_its_depth_with_its_alpha(tmp_path, array, target):
    source, path = tmp_path / "in.png", str(tmp_path / "new" / f"out.{target}")
    source.write_bytes(imagecodecs.png_encode(array))
    picture = read_picture(str(source))
    colours = array.shape[2] if array.ndim > 2 else 1
    seen = array[..., : colours - (colours in (2, 4))] if array.ndim > 2 else array
    seen = seen[..., 0] if colours == 2 else seen
    np.testing.assert_allclose(picture.samples, seen / np.iinfo(array.dtype).max, rtol=1e-15)
    assert (picture.axes.channel is None) == (colours < 3)
    assert ("alpha" in picture.remarks[0]) == (colours in (2, 4))
    check_picture(path, picture)
    assert write_picture(path, picture) == ""
    found = imagecodecs.png_decode((tmp_path / "new" / "out.png").read_bytes()) if target == "png" else None
    found = tifffile.imread(path) if found is None else found
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    again = read_picture(path)
    np.testing.assert_array_equal(again.samples, picture.samples)
    assert (again.alpha is None) == (picture.alpha is None)
    assert [p.name for p in (tmp_path / "new").iterdir()] == [f"out.{target}"]


@pytest.mark.parametrize("array", [GREY8, RGB8], ids=name)
def test_jpeg(tmp_path, array):
    path = str(tmp_path / "in.jpg")
    smooth = np.cumsum(array, axis=0) // 20 % 200
    Image.fromarray(smooth.astype(np.uint8)).save(path, quality=95)
    picture = read_picture(path)
    assert write_picture(str(tmp_path / "out.jpeg"), picture) == ""
    with Image.open(tmp_path / "out.jpeg") as image:
        assert np.asarray(image).shape == array.shape
        assert np.abs(np.asarray(image) - 255 * picture.samples).mean() < 12


def test_what_pillow_packs_is_unpacked(tmp_path):
    palette = Image.fromarray(RGB8).convert("P")
    palette.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(
        read_picture(str(tmp_path / "palette.png")).samples, np.asarray(palette.convert("RGB")) / 255
    )
    Image.fromarray(GREY8 > 99).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(read_picture(str(tmp_path / "bits.png")).samples, GREY8 > 99)


@pytest.mark.parametrize(
    ("array", "options", "spatial", "channel"),
    [
        (samples(np.uint16, (5, 9, 12)), {"photometric": "minisblack"}, 3, None),
        (samples(np.uint8, (5, 9, 12, 3)), {"photometric": "rgb", "compression": "zlib"}, 3, 3),
        (samples(np.uint8, (3, 9, 12)), {"photometric": "rgb", "planarconfig": "separate"}, 2, 0),
        (RNG.normal(size=(5, 9, 12)).astype(np.float32), {"photometric": "minisblack"}, 3, None),
        (RNG.normal(size=(9, 12)), {}, 2, None),
        (samples(np.int16, (9, 12)) - 9000, {}, 2, None),
    ],
    ids=["volume", "colours", "planes", "float32", "float64", "signed"],
)
def test_tiff(tmp_path, array, options, spatial, channel):
    path = str(tmp_path / "in.tif")
    tifffile.imwrite(path, array, **options)
    picture = read_picture(path)
    assert (len(picture.axes.spacing), picture.axes.channel) == (spatial, channel)
    assert write_picture(str(tmp_path / "out.tiff"), picture) == ""
    found = tifffile.imread(tmp_path / "out.tiff")
    np.testing.assert_array_equal(found, array if channel != 0 else np.moveaxis(array, 0, -1))
    assert found.dtype == array.dtype


def test_arrays_keep_the_place_of_their_channels(tmp_path):
    np.save(tmp_path / "in.npy", np.moveaxis(RGB8, -1, 0))
    picture = read_picture(str(tmp_path / "in.npy"), channel_axis=0)
    words = write_picture(str(tmp_path / "out.npy"), picture)
    assert words == "float64, 1 for what was 255"
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), np.moveaxis(RGB8, -1, 0) * (1 / 255))
    assert write_picture(str(tmp_path / "out.png"), picture) == ""
    np.testing.assert_array_equal(imagecodecs.png_decode((tmp_path / "out.png").read_bytes()), RGB8)


def test_what_a_format_cannot_hold_is_said_or_refused(tmp_path):
    np.save(tmp_path / "volume.npy", np.zeros((5, 6, 7)))
    np.save(tmp_path / "wide.npy", np.linspace(-1, 300, 30).reshape(5, 6))
    volume, wide = (read_picture(str(tmp_path / f"{name}.npy")) for name in ("volume", "wide"))
    for picture, words in ((volume, r"one grey or three colours, not .* \(5, 6, 7\)"), (wide, "from -1 to 300")):
        with pytest.raises(NonlinearityError, match=words):
            check_picture("out.png", picture)
        check_picture("out.tif", picture)
    for path, words in (("out.gif", "does not end in"), ("-", "not written to stdout")):
        with pytest.raises(NonlinearityError, match=words):
            check_picture(path)
    (tmp_path / "in.png").write_bytes(imagecodecs.png_encode(RGBA16))
    picture = read_picture(str(tmp_path / "in.png"))
    picture.samples[:2] = 2.0
    assert write_picture(str(tmp_path / "out.jpg"), picture) == "72 samples beyond the range cut off; without its alpha"


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "npy"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"\x89PNG\r\n\x1a\n1234"], ids=["empty", "garbage", "head"])
def test_broken_files_are_refused(tmp_path, suffix, content):
    path = tmp_path / f"in.{suffix}"
    path.write_bytes(content)
    with pytest.raises(NonlinearityError, match=rf"in.{suffix} cannot be read as an image"):
        read_picture(str(path))


def test_three_pages_are_not_taken_for_colours(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", samples(np.uint8, (3, 9, 12)), photometric="minisblack")
    with pytest.raises(NonlinearityError, match=r"only 3 samples: if they are colours, say channel_axis=-3") as caught:
        read_picture(str(tmp_path / "in.tif"))
    assert caught.value.on_command_line.endswith(
        "say --channel-axis -3; if not, say --spacing 1,1,1, a number for each spatial axis"
    )
    assert read_picture(str(tmp_path / "in.tif"), ("1", "1", "2")).samples.shape == (3, 9, 12)


def test_tiff_of_a_palette_and_of_dark_on_light_is_read_as_it_looks(tmp_path):
    paths = [tmp_path / name for name in ("palette.tif", "fax.tif", "in.tif")]
    Image.fromarray(RGB8).quantize(16).save(paths[0])
    tifffile.imwrite(paths[1], 255 - GREY8, photometric="miniswhite")
    for path in paths[:2]:
        picture = read_picture(str(path))
        assert write_picture(str(paths[2]), picture) == ""
        with Image.open(path) as image, Image.open(paths[2]) as again:
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), np.asarray(again.convert("RGB")))


def test_colours_that_are_no_light_are_refused_and_other_pages_told(tmp_path):
    inks = Image.fromarray(samples(np.uint8, (9, 12, 4)), mode="CMYK")
    for name in ("inks.jpg", "inks.tif"):
        inks.save(tmp_path / name)
        with pytest.raises(NonlinearityError, match="its colours are CMYK; turn them into RGB"):
            read_picture(str(tmp_path / name))
    with tifffile.TiffWriter(tmp_path / "mixed.tif") as file:
        file.write(GREY8, photometric="minisblack", extratags=[(274, "H", 1, 6, True)])
        file.write(RGB8, photometric="rgb")
    remarks = read_picture(str(tmp_path / "mixed.tif")).remarks
    assert "1 other of another shape or type left out" in remarks[1]
    assert "which side is up, is not kept" in remarks[2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"photometric": "rgb", "extrasamples": ["assocalpha"]},
            "multiplied by its alpha",
        ),
        (
            {"photometric": "minisblack", "extratags": [(42113, "s", 0, "-9999", True)]},
            "-9999 marks samples",
        ),
    ],
)
def test_numbers_of_a_tiff_that_are_no_intensities_are_refused(tmp_path, options, words):
    is_grey = options["photometric"] == "minisblack"
    array = np.where(GREY8 > 100, -9999.0, GREY8).astype("f4") if is_grey else samples(np.uint8, (9, 12, 4))
    path = str(tmp_path / "in.tif")
    tifffile.imwrite(path, array, **options)
    with pytest.raises(NonlinearityError, match=words):
        read_picture(path)
    tifffile.imwrite(
        path, np.abs(array) if is_grey else np.dstack([array[..., :3], 0 * array[..., 3] + 255]), **options
    )
    assert read_picture(path).samples.shape[:2] == (9, 12)


def test_what_is_more_than_an_image_is_said(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", samples(np.uint8, (5, 9, 12)), imagej=True, metadata={"axes": "TYX"})
    assert read_picture(str(tmp_path / "in.tif")).remarks[1] == "its axis of time is filtered like one of space"
    frames = [Image.fromarray(GREY8), Image.fromarray(255 - GREY8)]
    frames[0].save(tmp_path / "in.png", save_all=True, append_images=frames[1:])
    assert read_picture(str(tmp_path / "in.png")).remarks[1] == "the first of its frames"


@pytest.mark.parametrize("bits", [2, 4, 10, 12, 14])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_samples_of_a_tiff_of_few_bits_are_as_bright_as_they_look(tmp_path, bits, photometric):
    full, dtype = 2**bits - 1, np.dtype(np.uint8 if bits <= 8 else np.uint16)
    stored = np.linspace(0, full, 12).round().astype(dtype).reshape(3, 4)
    tifffile.imwrite(tmp_path / "few.tif", stored, bitspersample=bits, photometric=photometric)
    picture = read_picture(str(tmp_path / "few.tif"))
    assert f"its {bits} bits a sample become {8 * dtype.itemsize}" in picture.remarks
    shown = stored / full if photometric == "minisblack" else 1 - stored / full
    np.testing.assert_allclose(picture.samples, shown, rtol=0, atol=1 / np.iinfo(dtype).max)
    np.testing.assert_array_equal(picture.samples == 1, shown == 1)
    write_picture(str(tmp_path / "few.png"), picture)
    found = imagecodecs.png_decode((tmp_path / "few.png").read_bytes())
    np.testing.assert_allclose(found / np.iinfo(dtype).max, shown, atol=1 / np.iinfo(dtype).max)


def test_a_jpeg_of_more_than_8_bits_is_refused_and_exif_data_of_a_png_are_told(tmp_path):
    (tmp_path / "deep.jpg").write_bytes(imagecodecs.jpeg_encode(GREY8.astype(np.uint16) * 16, bitspersample=12))
    with pytest.raises(NonlinearityError, match="more than 8 bits"):
        read_picture(str(tmp_path / "deep.jpg"))
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(GREY8).save(tmp_path / "turned.png", exif=exif)
    assert "which side is up, are not kept" in read_picture(str(tmp_path / "turned.png")).remarks[-1]
    Image.fromarray(GREY8).save(tmp_path / "straight.png")
    assert len(read_picture(str(tmp_path / "straight.png")).remarks) == 1


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_ends_too_soon_is_refused(tmp_path, progressive):
    """Its thumbnail has an end of its own, and what cameras append comes after the end."""
    thumbnail = imagecodecs.jpeg_encode(RGB8[:4, :4])
    exif = b"\xff\xe1" + (len(thumbnail) + 8).to_bytes(2, "big") + b"Exif\0\0" + thumbnail
    Image.fromarray(RGB8).save(tmp_path / "whole.jpg", progressive=progressive)
    whole = (tmp_path / "whole.jpg").read_bytes()
    whole = whole[:2] + exif + whole[2:]
    path = tmp_path / "photo.jpg"
    for appended in (b"", b"\xff\xda\0\0film"):
        path.write_bytes(whole + appended)
        assert read_picture(str(path)).samples.shape == RGB8.shape
    for length in (len(whole) - 2, len(whole) - 20):
        path.write_bytes(whole[:length])
        with pytest.raises(NonlinearityError, match="ends before its image does"):
            read_picture(str(path))


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_what_a_file_begins_with_tells_what_it_is(tmp_path, suffix):
    path = tmp_path / f"in.{suffix}"
    big_tiff = tmp_path / "big.tif"
    tifffile.imwrite(big_tiff, GREY8, bigtiff=True)
    for data in (imagecodecs.png_encode(GREY8), big_tiff.read_bytes()):
        path.write_bytes(data)
        np.testing.assert_allclose(read_picture(str(path)).samples, GREY8 / 255, rtol=1e-15)
    path.write_bytes(imagecodecs.jpeg_encode(GREY8[:8, :8] // 100 * 0 + 51, level=100))
    np.testing.assert_allclose(read_picture(str(path)).samples, 0.2, atol=0.01)
    path.write_bytes(b"<html>404</html>")
    with pytest.raises(NonlinearityError, match="cannot be read as an image"):
        read_picture(str(path))
