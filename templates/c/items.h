{# Arrays at work: rows with what the boundary says beside their ends. Needs memory.h. #}
/* ---- Items -------------------------------------------------------------------------------------
 * An item is what is filtered at a time: {{ {1: "some signals, each a slab of one row", 2: "an image", 3: "a volume"}[axes] }}. Sample x of a row stands at place x + 1,
 * and at the places before the first and after the last is what the boundary says lies there.
 * Channels follow each other; so do arrays of one number for each row and place. */
struct item {
    ptrdiff_t channels, slabs, thick; /* a slab is what stands at one place of the first axis: `thick` rows */
    ptrdiff_t rows, width;            /* rows of a channel, samples of a row */
    ptrdiff_t pitch, apart;           /* reals from row to row, from channel to channel */
};

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
{% if axes > 1 %}
/* Place i of an axis of `size`; beyond its ends what stands there, at most one round away. */
INLINE ptrdiff_t within(ptrdiff_t i, ptrdiff_t size)
{
{% if spec.periodic %}
    return i < 0 ? i + size : i < size ? i : i - size;
{% else %}
    return i < 0 ? 0 : i < size ? i : size - 1;
{% endif %}
}
{% endif %}

static struct item item_of(const ptrdiff_t *size, ptrdiff_t channels, ptrdiff_t signals)
{
    struct item item;
    item.channels = channels;
    item.slabs = {{ "size[0]" if axes > 1 else "signals" }};
    item.thick = {{ "size[1]" if axes == 3 else "1" }};
    item.rows = item.slabs * item.thick;
    item.width = size[{{ axes - 1 }}];
    item.pitch = (item.width + 2 + {{ columns - 1 }}) / {{ columns }} * {{ columns }}; /* whole vectors of any width */
    item.apart = item.rows * item.pitch;
{% if axes > 1 %}
    (void)signals;
{% endif %}
    return item;
}

/* Where the samples lie that are `step` (1 or -1) away, along an axis, from those of row y of slab s. */
INLINE ptrdiff_t place_of(const struct item *item, int axis, ptrdiff_t step, ptrdiff_t s, ptrdiff_t y)
{
{% if axes > 1 %}
    if (axis == 0)
        s = within(s + step, item->slabs);
{% endif %}
{% if axes == 3 %}
    if (axis == 1)
        y = within(y + step, item->thick);
{% endif %}
    return (s * item->thick + y) * item->pitch + (axis == {{ axes - 1 }} ? step : 0);
}

/* What lies beyond the ends of a row. */
INLINE void set_beyond(const struct item *item, real *row)
{
    row[0] = row[{{ "item->width" if spec.periodic else "1" }}];
    row[item->width + 1] = row[{{ "1" if spec.periodic else "item->width" }}];
}

/* Row r of channel c in an array without gaps. */
INLINE ptrdiff_t outside(const struct item *item, ptrdiff_t c, ptrdiff_t r)
{
    return {{ "r * item->channels + c" if axes == 1 else "c * item->rows + r" }};
}

/* Rows first <= r < end of all channels. */
static void read_rows(const struct item *item, const real *from, real *to, ptrdiff_t first, ptrdiff_t end)
{
    for (ptrdiff_t c = 0; c < item->channels; c++)
        for (ptrdiff_t r = first; r < end; r++) {
            real *const row = to + c * item->apart + r * item->pitch;
            memcpy(row + 1, from + outside(item, c, r) * item->width, (size_t)item->width * sizeof *row);
            set_beyond(item, row);
        }
}

static void write_rows(const struct item *item, const real *from, real *to, ptrdiff_t first, ptrdiff_t end)
{
    for (ptrdiff_t c = 0; c < item->channels; c++)
        for (ptrdiff_t r = first; r < end; r++)
            memcpy(to + outside(item, c, r) * item->width, from + c * item->apart + r * item->pitch + 1,
                   (size_t)item->width * sizeof *to);
}
