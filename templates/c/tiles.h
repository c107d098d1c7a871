{# Tiles of an array, and how their samples come and go. Needs memory.h, stream.h. #}
{% set last = axes - 1 %}
{% set slabs = ("tile->held[0].first", "tile->held[0].end") if axes > 1 else ("0", "1") %}
{% set cut = 1 if axes == 3 else axes - 1 %}{# the axis of tiles that stay in the caches: rows are whole in volumes #}
/* ---- Slabs -------------------------------------------------------------------------------------
 * An array is filtered in tiles, with the samples of their neighbours as a halo that shrinks by one with each level.
 * A slab is what a tile has at one place of the first axis: {{ {1: "a row", 2: "a row", 3: "rows"}[axes] }} of each channel.{% if axes > 1 %} A level
 * follows one slab behind the level before it, so that all levels pass over the slabs while these are in the caches.{% endif %}

 * Beyond both ends of a row{{ ", and before and after the rows," if axes == 3 }} lies one more, what the boundary says. */
struct extent { ptrdiff_t first, end; }; /* along one axis */

struct tile {
    const real *from;
    real *to;
    ptrdiff_t channels, size[{{ axes }}]; /* of the whole array */
    struct extent kept[{{ axes }}], held[{{ axes }}]; /* what the tile gives back; with its halo */
    ptrdiff_t rows, width, pitch, slab; /* rows of a slab with those beyond, samples of a row, reals from row to row, of a slab */
};

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
{% if spec.periodic %}
INLINE ptrdiff_t wrapped(ptrdiff_t i, ptrdiff_t size) { return (i % size + size) % size; }
{% endif %}
INLINE int is_whole(const struct tile *tile, int axis) { return tile->kept[axis].end - tile->kept[axis].first == tile->size[axis]; }

/* What lies beyond the ends of the rows of a slab, from what lies within. */
static void set_beyond(const struct tile *tile, real *slab)
{
    const ptrdiff_t width = tile->width, pitch = tile->pitch;
{% if spec.periodic %}
    const int wraps = is_whole(tile, {{ axes - 1 }});
    const ptrdiff_t before = wraps ? width : 1, after = wraps ? 1 : width;
{% else %}
    const ptrdiff_t before = 1, after = width;
{% endif %}
    for (ptrdiff_t row = 0; row < tile->channels * tile->rows; row++) {
        slab[row * pitch] = slab[row * pitch + before];
        slab[row * pitch + width + 1] = slab[row * pitch + after];
    }
{% if axes == 3 %}
    for (ptrdiff_t c = 0; c < tile->channels; c++) {
        real *const first = slab + c * tile->rows * pitch, *const last = first + (tile->rows - 1) * pitch;
        memcpy(first, {{ "is_whole(tile, 1) ? last - pitch : first + pitch" if spec.periodic else "first + pitch" }}, (size_t)pitch * sizeof *first);
        memcpy(last, {{ "is_whole(tile, 1) ? first + pitch : last - pitch" if spec.periodic else "last - pitch" }}, (size_t)pitch * sizeof *first);
    }
{% endif %}
}

/* Row y of slab s of channel c in an array. */
INLINE ptrdiff_t row_at(const struct tile *tile, ptrdiff_t c, ptrdiff_t s, ptrdiff_t y)
{
{% if axes == 1 %}
    (void)s;
    (void)y;
    return c * tile->size[0];
{% else %}
    const ptrdiff_t slab = c * tile->size[0] + {{ "wrapped(s, tile->size[0])" if spec.periodic else "s" }};
{% if axes == 2 %}
    (void)y;
    return slab * tile->size[1];
{% else %}
    return (slab * tile->size[1] + {{ "wrapped(y, tile->size[1])" if spec.periodic else "y" }}) * tile->size[2];
{% endif %}
{% endif %}
}

/* Samples of a row; returns the place after them. */
INLINE real *copy_samples(const struct tile *tile, const real *row, ptrdiff_t first, ptrdiff_t end, real *to)
{
{% if spec.periodic %}
    const ptrdiff_t width = tile->size[{{ last }}];
    for (ptrdiff_t count; first < end; first += count, to += count) {
        const ptrdiff_t start = wrapped(first, width);
        count = smaller(end - first, width - start);
        memcpy(to, row + start, (size_t)count * sizeof *to);
    }
    return to;
{% else %}
    (void)tile;
    memcpy(to, row + first, (size_t)(end - first) * sizeof *to);
    return to + (end - first);
{% endif %}
}

{% if axes > 1 %}
INLINE int is_within(ptrdiff_t i, const struct extent *some) { return some->first <= i && i < some->end; }

{% endif %}
/* What a tile keeps of row y of slab s; nothing, if these are of its halo. */
INLINE struct extent kept_of(const struct tile *tile, ptrdiff_t s, ptrdiff_t y)
{
{% if axes > 1 %}
    const struct extent none = { tile->held[{{ last }}].end, tile->held[{{ last }}].end };
    if (!is_within(s, &tile->kept[0]){{ " || !is_within(y, &tile->kept[1])" if axes == 3 }})
        return none;
{% endif %}
{% if axes == 1 %}
    (void)s;
{% endif %}
{% if axes < 3 %}
    (void)y;
{% endif %}
    return tile->kept[{{ last }}];
}

{% set each_row %}
{% if axes == 3 %}
        for (ptrdiff_t y = tile->held[1].first; y < tile->held[1].end; y++) {
{% else %}
        {
            const ptrdiff_t y = 0;
{% endif %}
            const real *const row = tile->from + row_at(tile, c, s, y);
            const struct extent held = tile->held[{{ last }}]{% endset %}
/* The samples of the neighbours of a tile, in the order in which `read_slab` takes them. */
static void save_halo(const struct tile *tile, real *halo)
{
    for (ptrdiff_t s = {{ slabs[0] }}; s < {{ slabs[1] }}; s++)
        for (ptrdiff_t c = 0; c < tile->channels; c++)
{{ each_row | indent(4, first=True) }}, kept = kept_of(tile, s, y);
                halo = copy_samples(tile, row, held.first, kept.first, halo);
                halo = copy_samples(tile, row, kept.end, held.end, halo);
            }
}

/* Slab s of the array. In place its neighbours may have overwritten what is theirs: then that comes from a halo; returns what is left of this. */
static const real *read_slab(const struct tile *tile, ptrdiff_t s, const real *halo, real *slab)
{
    for (ptrdiff_t c = 0; c < tile->channels; c++)
{{ each_row }}, some = halo ? kept_of(tile, s, y) : held;
            const size_t before = (size_t)(some.first - held.first), after = (size_t)(held.end - some.end);
            real *to = slab + {{ "(c * tile->rows + y - tile->held[1].first + 1)" if axes == 3 else "c" }} * tile->pitch + 1;
            if (halo)
                memcpy(to, halo, before * sizeof *to);
            to = copy_samples(tile, row, some.first, some.end, to + before);
            if (halo) {
                memcpy(to, halo + before, after * sizeof *to);
                halo += before + after;
            }
        }
    set_beyond(tile, slab);
    return halo;
}

/* A row of a large array goes past the caches, where these do not have it yet. */
INLINE void write_row(real *to, const real *from, ptrdiff_t count, int is_streamed)
{
    ptrdiff_t i = 0;
    if (is_streamed) {
        i = smaller(count, (ptrdiff_t)(-(uintptr_t)to % sizeof(vec) / sizeof *to));
        memcpy(to, from, (size_t)i * sizeof *to);
        for (; i + LANES <= count; i += LANES)
            STREAM(to + i, load(from + i));
    }
    memcpy(to + i, from + i, (size_t)(count - i) * sizeof *to);
}

/* What the tile keeps of slab s. */
static void write_slab(const struct tile *tile, ptrdiff_t s, const real *slab)
{
    const struct extent kept = tile->kept[{{ axes - 1 }}];
    const ptrdiff_t halo = kept.first - tile->held[{{ last }}].first, count = kept.end - kept.first;
    const int is_streamed = tile->from != tile->to && IS_STREAMED((size_t)(tile->channels{% for a in range(axes) %} * tile->size[{{ a }}]{% endfor %}) * sizeof *slab);
    for (ptrdiff_t c = 0; c < tile->channels; c++)
{% if axes == 3 %}
        for (ptrdiff_t y = tile->kept[1].first; y < tile->kept[1].end; y++)
            write_row(tile->to + row_at(tile, c, s, y) + kept.first,
                      slab + (c * tile->rows + y - tile->held[1].first + 1) * tile->pitch + 1 + halo, count, is_streamed);
{% else %}
        write_row(tile->to + row_at(tile, c, s, 0) + kept.first, slab + c * tile->pitch + 1 + halo, count, is_streamed);
{% endif %}
    if (is_streamed)
        FENCE(); /* other threads read it next */
}

/* The largest tile there may be. */
static struct tile tile_of(const ptrdiff_t *size, ptrdiff_t channels, const ptrdiff_t *tiles, ptrdiff_t index, int levels)
{
    struct tile tile;
    memset(&tile, 0, sizeof tile);
    tile.channels = channels;
    for (int axis = 0; axis < {{ axes }}; axis++) {
        const ptrdiff_t count = axis == {{ cut }} ? tiles[1] : axis == 0 ? tiles[0] : 1;
        const ptrdiff_t place = axis == {{ cut }} ? index % tiles[1] : axis == 0 ? index / tiles[1] : 0;
        const ptrdiff_t share = size[axis] / count, rest = size[axis] % count;
        tile.size[axis] = size[axis];
        tile.kept[axis].first = share * place + smaller(place, rest);
        tile.kept[axis].end = tile.kept[axis].first + share + (place < rest);
{% if spec.periodic %}
        const int wraps = count == 1 && axis > {{ 0 if axes > 1 else -1 }}; /* what lies beyond is at hand in each slab */
        tile.held[axis].first = tile.kept[axis].first - (wraps ? 0 : levels);
        tile.held[axis].end = tile.kept[axis].end + (wraps ? 0 : levels);
{% else %}
        tile.held[axis].first = larger(tile.kept[axis].first - levels, 0);
        tile.held[axis].end = smaller(tile.kept[axis].end + levels, size[axis]);
{% endif %}
    }
    tile.rows = {{ "tile.held[1].end - tile.held[1].first + 2" if axes == 3 else "1" }};
    tile.width = tile.held[{{ axes - 1 }}].end - tile.held[{{ axes - 1 }}].first;
    tile.pitch = (tile.width + 2 + {{ columns - 1 }}) / {{ columns }} * {{ columns }}; /* whole vectors of any width */
    tile.slab = channels * tile.rows * tile.pitch;
    return tile;
}

/* The samples of the neighbours of a tile. */
static ptrdiff_t halo_of(const struct tile *tile)
{
    ptrdiff_t held = 1, kept = 1;
    for (int axis = 0; axis < {{ axes }}; axis++) {
        held *= tile->held[axis].end - tile->held[axis].first;
        kept *= tile->kept[axis].end - tile->kept[axis].first;
    }
    return tile->channels * (held - kept);
}

/* Where the slabs of a level are at work: slab s is in place s % ring. */
struct places {
    real *slabs;
    ptrdiff_t first, ring;
};

INLINE real *slab_at(const struct tile *tile, const struct places *places, ptrdiff_t s)
{
    return places->slabs + (s - places->first) % places->ring * tile->slab;
}
