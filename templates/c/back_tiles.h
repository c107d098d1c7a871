{# Explicit blocks on their way back, on tiles. Needs rows.h, slabs.h, slopes.h. #}
{% include "back_cells.h" if cells_share else "back_edges.h" %}

{% set rows = {1: [""], 2: ["_before", "_after"], 3: ["_before_up", "_before_down", "_after_up", "_after_down"]}[axes] %}
/* A tile on its way back: {{ "rows of cells before and after a slab, " if cells_share }}what flows in from the slab before. */
struct back {
{% if cells_share %}
    real *g[2], *turned[2];
{% endif %}
{% if axes > 1 %}
    real *over;
{% endif %}
{% if axes == 3 %}
    real *over_1;
{% endif %}
    real *share;
{% if sums %}
    real *terms;
{% endif %}
};

/* The adjoint of one block on a slab of w, as `step_slab`{{ "; sums of the %s after it are added" % ("cells" if cells_share else "edges") if sums }}. */
static void back_slab(const struct tile *tile, struct back *back, const real *u, real *w, const real *u_ahead,
                      const real *w_ahead, {{ "double factor, double *sums, " if sums }}const struct slope_constants *k)
{
    const ptrdiff_t pitch = tile->pitch, channels = {{ "tile->channels" if spec.grid.channels else "1" }}, apart = tile->rows * pitch;
{% if cells_share %}
    const real *const u_here = w ? u : u_ahead, *const w_here = w ? w : w_ahead;
    real *const g = back->g[0], *const turned = back->turned[0];
{% endif %}
    struct back_around around;
{% if axes > 1 and cells_share %}
    back->g[0] = back->g[1];
    back->turned[0] = back->turned[1];
    back->g[1] = g;
    back->turned[1] = turned;
{% endif %}
{% if axes > 1 %}
    if (!w)
        memset(back->over, 0, (size_t)tile->slab * sizeof *back->over);
{% else %}
    (void)u_ahead;
    (void)w_ahead;
{% endif %}
{% if axes == 3 %}
    memset(back->over_1, 0, (size_t)(channels * pitch) * sizeof *back->over_1);
    for (ptrdiff_t y = 0; y + 1 < tile->rows; y++) {
        const ptrdiff_t {{ "up = larger(y - 1, 0) * pitch, " if cells_share }}down = y * pitch;
{% else %}
    {
        const ptrdiff_t down = 0;
{% endif %}
{% set add_terms %}
{% if sums %}
        if (factor != 0.0{{ " && w" if not cells_share }})
            add_row(back->terms, pitch, {{ "factor * counted(y, tile->size[1])" if axes == 3 else "factor" }}, sums);
{% endif %}
{% endset %}
{% if cells_share %}
{% if axes == 1 %}
        const real *const us[1] = { u_here }, *const ws[1] = { w_here };
{% elif axes == 2 %}
        const real *const us[2] = { u_here, u_ahead }, *const ws[2] = { w_here, w_ahead };
{% else %}
        const real *const us[4] = { u_here + down, u_here + down + pitch, u_ahead + down, u_ahead + down + pitch };
        const real *const ws[4] = { w_here + down, w_here + down + pitch, w_ahead + down, w_ahead + down + pitch };
{% endif %}
        back_cells(us, ws, channels, apart, pitch, back->share, g + down, turned + down, {{ "back->terms, " if sums }}k);
{{ add_terms -}}
{% for n in rows %}
{% set place = " + up" if n.endswith("_up") else " + down" %}
        around.g{{ n }} = {{ "back->g[0]" if n.startswith("_before") else "g" }}{{ place }};
        around.turned{{ n }} = {{ "back->turned[0]" if n.startswith("_before") else "turned" }}{{ place }};
{% endfor %}
{% endif %}
        for (ptrdiff_t c = 0; c < channels && w; c++) {
            const ptrdiff_t place = c * apart + down;
            around.u = u + place;
{% if axes > 1 %}
            around.u_ahead_0 = u_ahead + place;
            around.w_ahead_0 = w_ahead + place;
            around.over_0 = back->over + place;
{% endif %}
{% if axes == 3 %}
            around.u_ahead_1 = u + place + pitch;
            around.w_ahead_1 = w + place + pitch;
            around.over_1 = back->over_1 + c * pitch;
{% endif %}
            back_row(w + place, &around, pitch, {{ ("back->share, back->terms, " if sums else "back->share, ") if not cells_share }}k);
        }
{% if not cells_share %}
{{ add_terms -}}
{% endif %}
    }
}

/* Levels that go back together, at most; and the reals that they take beside their slabs. */
INLINE int chunk_of(int levels) { return levels < MOST_LEVELS ? levels : MOST_LEVELS; }
static ptrdiff_t back_room(const struct tile *tile, int levels)
{
    const ptrdiff_t of_level = ({{ "4 * tile->rows + " if cells_share }}{{ "tile->channels" if axes == 3 else "0" }}) * tile->pitch{{ " + tile->slab" if axes > 1 }};
    return levels * of_level + (1{{ " + SUMS" if sums }}) * tile->pitch;
}

/* The reals that a tile takes: the states before all levels, w, and what levels need on their way. */
static ptrdiff_t back_work_of(const struct tile *tile, int levels)
{
    const ptrdiff_t all = {{ "tile->held[0].end - tile->held[0].first" if axes > 1 else "1" }};
    return (levels + 1) * all * tile->slab + larger(room_of(tile, chunk_of(levels)), back_room(tile, chunk_of(levels))) + 2 * {{ columns }};
}

/* Levels backwards on a tile, from block + levels - 1 down to `block`, from the states before each of them. Where `tile` has no `from`, w is at
 * work already; where it has no `to`, it stays there.{{ " Sums are those of the %s after each slab, and one more before the first; those of blocks lie `apart` apart." % ("cells" if cells_share else "edges") if sums }} */
static void back_levels(const struct tile *tile, int block, int levels, const struct given *given, const struct places *states, const struct places *w,
                        {{ "double (*sums)[SUMS], ptrdiff_t apart, " if sums }}real *room)
{
    struct back back[MOST_LEVELS];
    struct slope_constants k[MOST_LEVELS];
    ptrdiff_t next[MOST_LEVELS];
    const ptrdiff_t first = {{ "tile->held[0].first" if axes > 1 else "0" }}, end = {{ "tile->held[0].end" if axes > 1 else "1" }}, width = tile->size[{{ axes - 1 }}];
    memset(room, 0, (size_t)back_room(tile, levels) * sizeof *room);
    for (ptrdiff_t x = 0; x <= width; x++)
        room[x] = (real)counted(x, width);
    for (int l = 0; l < levels; l++) {
        back[l].share = room;
{% if sums %}
        back[l].terms = room + tile->pitch;
{% endif %}
    }
    room += (1{{ " + SUMS" if sums }}) * tile->pitch;
    for (int l = 0; l < levels; l++) {
        k[l] = slope_constants_of(given, block + l);
        next[l] = first{{ " - 1" if axes > 1 }};
{% if axes > 1 %}
        back[l].over = room;
        room += tile->slab;
{% endif %}
{% if cells_share %}
        for (int i = 0; i < 2; i++, room += 2 * tile->rows * tile->pitch) {
            back[l].g[i] = room;
            back[l].turned[i] = room + tile->rows * tile->pitch;
        }
{% endif %}
{% if axes == 3 %}
        back[l].over_1 = room;
        room += tile->channels * tile->pitch;
{% endif %}
    }
    for (ptrdiff_t read = first, written = first; written < end;) {
        for (const ptrdiff_t stop = smaller(read + BAND, end); read < stop; read++)
            if (tile->from)
                read_slab(tile, read, slab_at(tile, w, 0, read));
        for (int l = levels - 1; l >= 0; l--) {
            const ptrdiff_t made = l + 1 < levels ? next[l + 1] : read; /* slabs before it are ready */
            for (; next[l] < end && (next[l] + 1 < made || made == end); next[l]++) {
                const ptrdiff_t s = next[l], ahead = s + 1 < end ? s + 1 : s;
{% if axes > 1 and sums %}
                const int is_own = (s >= tile->kept[0].first || (s < 0 && tile->kept[0].first == 0)) && s < tile->kept[0].end;
                const double factor = is_own ? counted(s + 1, tile->size[0]) : 0.0;
{% endif %}
                back_slab(tile, &back[l], slab_at(tile, states, l, s < first ? first : s), s < first ? NULL : slab_at(tile, w, 0, s),
                          slab_at(tile, states, l, ahead), slab_at(tile, w, 0, ahead),{% if sums %} {{ "factor, sums[l * apart + (is_own ? larger(s + 1, 0) : 0)]" if axes > 1 else "1.0, sums[l * apart]" }},{% endif %} &k[l]);
                if (s >= first)
                    set_beyond(tile, slab_at(tile, w, 0, s));
            }
        }
        for (; written < next[0]; written++)
            if (tile->to{{ " && tile->kept[0].first <= written && written < tile->kept[0].end" if axes > 1 }})
                write_slab(tile, written, slab_at(tile, w, 0, written));
    }
}

/* Blocks from `block` on, forwards on a tile of u and backwards on that of w, some levels at a time. */
static void back_tile(struct tile *u, struct tile *w, int block, int levels, const struct given *given, {{ "double (*sums)[SUMS], ptrdiff_t apart, " if sums }}real *work)
{
    const ptrdiff_t first = {{ "u->held[0].first" if axes > 1 else "0" }}, all = {{ "u->held[0].end - first" if axes > 1 else "1 - first" }};
    const real *const from = w->from;
    real *const to = w->to;
    struct places states = { work + {{ columns }}, first, all, all * u->slab };
    const struct places ws = { states.slabs + levels * states.apart, first, all, 0 };
    real *const room = ws.slabs + states.apart;
    for (int l = 0; l == 0 || l < levels - 1; l += chunk_of(levels), u->from = NULL) {
        states.slabs = work + {{ columns }} + l * states.apart;
        filter_tile(u, block + l, smaller(levels - 1 - l, chunk_of(levels)), given, &states, room);
    }
    for (int end = levels; end > 0; end -= chunk_of(levels)) {
        const int l = (int)larger(end - chunk_of(levels), 0);
        states.slabs = work + {{ columns }} + l * states.apart;
        w->from = end == levels ? from : NULL;
        w->to = l == 0 ? to : NULL;
        back_levels(w, block + l, end - l, given, &states, &ws, {{ "sums + l * apart, apart, " if sums }}room);
    }
}

/* Tiles of an array, with a halo of two slabs a level: the states need one, w another. */
static ptrdiff_t back_tiles_of(const ptrdiff_t *size, ptrdiff_t images, int levels, int threads)
{
{% if axes > 1 %}
    return images < threads ? larger(1, smaller((threads - 1) / images + 1, size[0] / (8 * levels))) : 1;
{% else %}
    (void)size;
    (void)images;
    (void)levels;
    (void)threads;
    return 1;
{% endif %}
}

/* The reals that a call takes, and those for each thread. */
static ptrdiff_t back_room_of(const ptrdiff_t *size, ptrdiff_t channels, ptrdiff_t images, int levels, int threads)
{
    const ptrdiff_t tiles[2] = { back_tiles_of(size, images, levels, threads), 1 };
    ptrdiff_t each = 0;
    for (ptrdiff_t index = 0; index < tiles[0]; index++) { /* that in the middle is the largest */
        const struct tile tile = tile_of(size, channels, tiles, index, 2 * levels);
        each = larger(each, back_work_of(&tile, levels));
    }
    return threads * each;
}

/* Blocks whose states are kept at a time, at most. */
INLINE int most_back(const ptrdiff_t *size)
{
{% if spec.periodic and axes > 1 %}
    return (int)larger(1, smaller(BLOCKS, size[0] / 16)); /* each level costs two slabs of halo on both sides */
{% else %}
    (void)size;
    return BLOCKS;
{% endif %}
}

/* The adjoint of blocks first <= . < stop on all arrays; `to` is apart from both. Sums of each block, array and slab. */
static int back_pass(const real *u, const real *w, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                     int first, int stop, int threads, struct given *given, real *work{{ ", double (*sums)[SUMS]" if sums }})
{
    const int levels = stop - first;
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %}{{ (", slabs = %s" % ("size[0] + 1" if axes > 1 else "1")) if sums }};
    const ptrdiff_t tiles[2] = { back_tiles_of(size, (ptrdiff_t)images, levels, threads), 1 }, each = back_room_of(size, channels, (ptrdiff_t)images, levels, threads) / threads;
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < (ptrdiff_t)images * tiles[0]; task++) {
        const ptrdiff_t place = task / tiles[0];
        struct tile of_u = tile_of(size, channels, tiles, task % tiles[0], 2 * levels), of_w = of_u;
        of_u.from = u + place * image;
        of_w.from = w + place * image;
        of_w.to = to + place * image;
        back_tile(&of_u, &of_w, first, levels, given, {{ "sums + place * slabs, (ptrdiff_t)images * slabs, " if sums }}work + THREAD * each);
    }
    return 0;
}
