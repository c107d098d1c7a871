{# Explicit blocks on their way back, on tiles. Needs rows.h, slabs.h, slopes.h. #}
#ifndef MOST_BACK
#define MOST_BACK 32 /* blocks that go back together */
#endif
#ifndef BACK_ROOM
#define BACK_ROOM {{ 2 ** 25 if axes == 3 else 2 ** 22 }} /* bytes of a tile at work, in the last cache (measured) */
#endif
{% if table %}
#define GROUPED 16384 /* samples of small images whose sums by the table are taken together */
{% endif %}

{% include "back_cells.h" if cells_share else "back_edges.h" %}

{% set in_pairs = is_fused and axes == 2 %}{# cells and samples in one go #}
{% set rows = {1: [""], 2: ["_before", "_after"], 3: ["_before_up", "_before_down", "_after_up", "_after_down"]}[axes] %}
/* A tile on its way back: {{ "rows of cells before and after a slab, " if cells_share }}what flows in from the slab before. */
struct back {
{% if cells_share %}
    real *g[{{ 1 if in_pairs else 2 }}]{{ ", *turned[%d]" % (1 if in_pairs else 2) if turns }};
{% endif %}
{% if axes > 1 %}
    real *over;
{% endif %}
{% if axes == 3 %}
    real *over_1;
{% endif %}
    real *share;
{% if table %}
    struct ends_of_piece *of_pieces;
{% endif %}
    ptrdiff_t next; /* the slab that is next */
};

{% set counts = "factor * counted(y, tile->size[1])" if axes == 3 else "factor" %}
/* The adjoint of one block on a slab of w, as `step_slab`{{ "; sums of the %s after it are added" % ("cells" if cells_share else "edges") if sums or table }}. */
static void back_slab(const struct tile *tile, struct back *back, const real *u, real *w, const real *u_ahead,
                      const real *w_ahead, {{ "double factor, " if sums or table }}{{ "double *sums, " if sums }}const struct slope_constants *k)
{
    const ptrdiff_t pitch = tile->pitch, channels = {{ "tile->channels" if spec.grid.channels else "1" }}, apart = tile->rows * pitch;
{% if cells_share %}
    const real *const u_here = w ? u : u_ahead, *const w_here = w ? w : w_ahead;
    real *const g = back->g[0]{{ ", *const turned = back->turned[0]" if turns }};
{% endif %}
    struct back_around around;
{% if sums %}
    struct row_sums found;
{% endif %}
{% if axes > 1 and cells_share and not in_pairs %}
    back->g[0] = back->g[1];
    back->g[1] = g;
{% if turns %}
    back->turned[0] = back->turned[1];
    back->turned[1] = turned;
{% endif %}
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
{% if not in_pairs %}
        const ptrdiff_t down = 0;
{% endif %}
{% endif %}
{% if table %}
        struct waiting waiting;
        begin_waiting(&waiting, {{ counts }} != 0.0 ? back->of_pieces : NULL);
{% endif %}
{% set pieces %}{% if table %}&waiting, {% if cells_share %}(real)({{ counts }}), {% endif %}{% endif %}{% endset %}
{% set add_terms %}
{% if sums %}
        if (factor != 0.0{{ " && w" if not cells_share }})
            add_row(&found, {{ counts }}, sums);
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
{% if in_pairs %}
        if (w) {
            around.g = g;
{% if turns %}
            around.turned = turned;
{% endif %}
            around.over_0 = back->over;
            back_row(us, ws, &w, &around, pitch, back->share, {{ "&found, " if sums }}{{ pieces }}k);
        } else
            back_cells(us, ws, channels, apart, pitch, back->share, g, {{ "turned, " if turns }}{{ "&found, " if sums }}{{ pieces }}k);
{% else %}
        back_cells(us, ws, channels, apart, pitch, back->share, g + down, {{ "turned + down, " if turns }}{{ "&found, " if sums }}{{ pieces }}k);
{% endif %}
{{ add_terms -}}
{% for n in rows if not in_pairs %}
{% set place = " + up" if n.endswith("_up") else " + down" %}
        around.g{{ n }} = {{ "back->g[0]" if n.startswith("_before") else "g" }}{{ place }};
{% if turns %}
        around.turned{{ n }} = {{ "back->turned[0]" if n.startswith("_before") else "turned" }}{{ place }};
{% endif %}
{% endfor %}
{% endif %}
{% if not in_pairs %}
        for (ptrdiff_t c = 0; c < channels && w; c++) {
            const ptrdiff_t place = c * apart + down;
{% if turns %}
            around.u = u + place;
{% endif %}
{% if axes > 1 %}
{% if turns %}
            around.u_ahead_0 = u_ahead + place;
{% endif %}
            around.w_ahead_0 = w_ahead + place;
            around.over_0 = back->over + place;
{% endif %}
{% if axes == 3 %}
{% if turns %}
            around.u_ahead_1 = u + place + pitch;
{% endif %}
            around.w_ahead_1 = w + place + pitch;
            around.over_1 = back->over_1 + c * pitch;
{% endif %}
            back_row(w + place, &around, pitch, {{ "back->share, %s%s" % ("&found, " if sums else "", pieces) if not cells_share }}k);
        }
{% endif %}
{% if not cells_share %}
{{ add_terms -}}
{% endif %}
    }
}

/* ---- Two waves -----------------------------------------------------------------------------------
 * The levels of w follow those of u in a wave of their own, from the last to the first. A level of either needs what the
 * one before it has made, one slab ahead of its own; so the state before level l waits 2 (levels - l) slabs for its way
 * back, in a ring, and w moves in one. No level is computed twice, and all stay in the caches. */
INLINE ptrdiff_t ring_of(const struct tile *tile, int lag) { {% if axes > 1 %}return smaller(lag + BAND + 1, tile->held[0].end - tile->held[0].first);{% else %}(void)tile; (void)lag; return 1;{% endif %} }

/* The reals that levels take on their way back beside their slabs. */
static ptrdiff_t back_room(const struct tile *tile, int levels)
{
    const ptrdiff_t of_level = ({{ "%d * tile->rows + " % ((1 if in_pairs else 2) * (2 if turns else 1)) if cells_share }}{{ "tile->channels" if axes == 3 else "0" }}) * tile->pitch{{ " + tile->slab" if axes > 1 }};
    return levels * of_level + tile->pitch;
}

/* Those that a tile takes. */
static ptrdiff_t back_work_of(const struct tile *tile, int levels)
{
    ptrdiff_t slabs = ring_of(tile, levels); /* those of w */
    for (int l = 0; l < levels; l++)
        slabs += ring_of(tile, 2 * (levels - l));
    return slabs * tile->slab + room_of(tile, levels - 1) + back_room(tile, levels) + 2 * {{ columns }};
}

/* Levels on their way back, before the first slab. */
static void begin_back(const struct tile *tile, int block, int levels, const struct given *given, struct back *back, struct slope_constants *k, {{ "struct ends_of_piece *of_pieces, " if table }}real *room)
{
    const ptrdiff_t width = tile->size[{{ axes - 1 }}];
    real *const share = room;
    for (ptrdiff_t x = 0; x <= width; x++)
        share[x] = (real)counted(x, width);
    room += tile->pitch;
    for (int l = 0; l < levels; l++) {
        k[l] = slope_constants_of(given, block + l);
        back[l].share = share;
{% if table %}
        back[l].of_pieces = of_pieces + (ptrdiff_t)l * FOUND;
{% endif %}
        back[l].next = {{ "tile->held[0].first - 1" if axes > 1 else "0" }};
{% if axes > 1 %}
        back[l].over = room;
        room += tile->slab;
{% endif %}
{% if cells_share %}
        for (int i = 0; i < {{ 1 if in_pairs else 2 }}; i++) {
            back[l].g[i] = room;
            room += tile->rows * tile->pitch;
{% if turns %}
            back[l].turned[i] = room;
            room += tile->rows * tile->pitch;
{% endif %}
        }
{% endif %}
{% if axes == 3 %}
        back[l].over_1 = room;
        room += tile->channels * tile->pitch;
{% endif %}
    }
}

{% if in_pairs and not table %}
/* The adjoint of one block on slabs s and s + 1 of w; `after` is that after them. */
static void back_two_slabs(const struct tile *tile, const struct back *back, ptrdiff_t s, ptrdiff_t after, const struct places *states, const struct places *w, {{ "double (*sums)[SUMS], " if sums }}const struct slope_constants *k)
{
    const real *const us[3] = { slab_at(tile, states, s), slab_at(tile, states, s + 1), slab_at(tile, states, after) };
    real *const to[2] = { slab_at(tile, w, s), slab_at(tile, w, s + 1) };
    const real *const ws[3] = { to[0], to[1], slab_at(tile, w, after) };
    const struct back_around around = { back->g[0], {{ "back->turned[0], " if turns }}back->over };
{% if sums %}
    struct row_sums found[2];
{% endif %}
    back_two_rows(us, ws, to, &around, tile->pitch, back->share, {{ "found, " if sums }}k);
    for (int row = 0; row < 2; row++) {
{% if sums %}
        if (is_within(s + row, &tile->kept[0]))
            add_row(&found[row], counted(s + row + 1, tile->size[0]), sums[larger(s + row + 1, 0)]);
{% endif %}
        set_beyond(tile, to[row]);
    }
}

{% endif %}
/* All levels back, as far as they come when w after them is there before slab `read`.{{ " Sums are those of the %s after each slab, and one more before the first; those of blocks lie `apart` apart." % ("cells" if cells_share else "edges") if sums }} */
static void run_back(const struct tile *tile, int levels, struct back *back, const struct slope_constants *k, const struct places *states, const struct places *w,
                     {{ "double (*sums)[SUMS], ptrdiff_t apart, " if sums }}ptrdiff_t read)
{
    const ptrdiff_t first = {{ "tile->held[0].first" if axes > 1 else "0" }}, end = {{ "tile->held[0].end" if axes > 1 else "1" }};
    for (int l = levels - 1; l >= 0; l--)
        for (const ptrdiff_t stop = smaller(end, read - levels + l); back[l].next < stop; back[l].next++) {
            const ptrdiff_t s = back[l].next, ahead = s + 1 < end ? s + 1 : s;
{% if in_pairs and not table %}
            if (s >= first && s + 1 < stop) {
                back_two_slabs(tile, &back[l], s, smaller(s + 2, end - 1), states + l, w, {{ "sums + l * apart, " if sums }}&k[l]);
                back[l].next++;
                continue;
            }
{% endif %}
{% if axes > 1 and (sums or table) %}
            const int is_own = (s >= tile->kept[0].first || (s < 0 && tile->kept[0].first == 0)) && s < tile->kept[0].end;
            const double factor = is_own ? counted(s + 1, tile->size[0]) : 0.0;
{% endif %}
            back_slab(tile, &back[l], slab_at(tile, states + l, s < first ? first : s), s < first ? NULL : slab_at(tile, w, s),
                      slab_at(tile, states + l, ahead), slab_at(tile, w, ahead),{% if sums or table %} {{ "factor" if axes > 1 else "1.0" }},{% endif %}{% if sums %} {{ "sums[l * apart + (is_own ? larger(s + 1, 0) : 0)]" if axes > 1 else "sums[l * apart]" }},{% endif %} &k[l]);
            if (s >= first)
                set_beyond(tile, slab_at(tile, w, s));
        }
}

/* Blocks from `block` on, forwards on a tile of u and backwards on that of w. */
static void back_tile(const struct tile *u, const struct tile *w, int block, int levels, const struct given *given, {{ "double (*sums)[SUMS], ptrdiff_t apart, " if sums }}{{ "struct ends_of_piece *of_pieces, " if table }}real *work)
{
    struct level level[MOST_BACK];
    struct constants c[MOST_BACK];
    struct back back[MOST_BACK];
    struct slope_constants k[MOST_BACK];
    struct places states[MOST_BACK], place;
    const ptrdiff_t first = {{ "u->held[0].first" if axes > 1 else "0" }}, end = {{ "u->held[0].end" if axes > 1 else "1" }};
    real *room = work + {{ columns }}; /* a vector may reach beyond a row by one sample */
    memset(work, 0, (size_t)back_work_of(u, levels) * sizeof *work);
    place.slabs = room;
    place.first = first;
    place.ring = ring_of(u, levels);
    room += place.ring * u->slab;
    for (int l = 0; l < levels; l++) {
        states[l].slabs = room;
        states[l].first = first;
        states[l].ring = ring_of(u, 2 * (levels - l));
        room += states[l].ring * u->slab;
    }
    {{ "real *const rows = " if axes == 3 }}begin_levels(u, block, levels - 1, given, level, c, room);
    begin_back(w, block, levels, given, back, k, {{ "of_pieces, " if table }}room + room_of(u, levels - 1));
    for (ptrdiff_t read = first, found = first, written = first; written < end;) {
        for (const ptrdiff_t stop = read + BAND; read < stop; read++)
            if (read < end)
                read_slab(u, read, NULL, slab_at(u, states, read));
        const ptrdiff_t made = read - (levels - 1); /* the states before it are there */
        run_levels(u, levels - 1, level, c, states, read{{ ", rows" if axes == 3 }});
        for (; found < smaller(end, made); found++)
            read_slab(w, found, NULL, slab_at(w, &place, found));
        run_back(w, levels, back, k, states, &place, {{ "sums, apart, " if sums }}made);
        for (; written < smaller(end, made - levels); written++)
{% if axes > 1 %}
            if (w->kept[0].first <= written && written < w->kept[0].end)
{% endif %}
                write_slab(w, written, slab_at(w, &place, written));
    }
}

/* Tiles of an array, with a halo of two slabs a level: the states need one, w another. */
static ptrdiff_t back_tiles_of(const ptrdiff_t *size, ptrdiff_t images, int levels, int threads)
{
{% if axes > 1 %}
{% if table %}
    (void)threads;
    return images < 16 ? bands_of(images, size[0], levels, 16) : 1; /* for any number of threads the same sums */
{% else %}
    return bands_of(images, size[0], levels, threads);
{% endif %}
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

/* Blocks that go back together: as many as the caches hold{{ "; each costs two slabs of halo on both sides" if spec.periodic and axes > 1 }}. If the states
 * between these would be too many, more of them. */
static int blocks_back(const ptrdiff_t *size, ptrdiff_t channels, size_t state)
{
    const ptrdiff_t tiles[2] = { 1, 1 };
    int limit = BLOCKS < MOST_BACK ? BLOCKS : MOST_BACK;
{% if spec.periodic and axes > 1 %}
    limit = (int)larger(1, smaller(limit, size[0] / 16));
{% endif %}
    int most = limit;
    for (; most > 1; most--) {
        const struct tile tile = tile_of(size, channels, tiles, 0, 2 * most);
        if (back_work_of(&tile, most) * (ptrdiff_t)sizeof(real) <= BACK_ROOM)
            break;
    }
    if ((double)state * (BLOCKS / most) * sizeof(real) > KEPT)
        while (most < limit && most * most < BLOCKS)
            most++;
    return most;
}

/* The adjoint of blocks first <= . < stop on all arrays; `to` is apart from both. Sums of each block, array and slab. */
static int back_pass(const real *u, const real *w, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                     int first, int stop, int threads, struct given *given, real *work{{ ", double (*sums)[SUMS]" if sums }}{{ ", struct ends_of_piece *of_pieces, double *of_values" if table }})
{
    const int levels = stop - first;
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %}{{ (", slabs = %s" % ("size[0] + 1" if axes > 1 else "1")) if sums }};
    const ptrdiff_t tiles[2] = { back_tiles_of(size, (ptrdiff_t)images, levels, threads), 1 }, each = back_room_of(size, channels, (ptrdiff_t)images, levels, threads) / threads;
{% macro tile_back() %}
        const ptrdiff_t place = task / tiles[0];
        struct tile of_u = tile_of(size, channels, tiles, task % tiles[0], 2 * levels), of_w = of_u;
        of_u.from = u + place * image;
        of_w.from = w + place * image;
        of_w.to = to + place * image;
        back_tile(&of_u, &of_w, first, levels, given, {{ "sums + place * slabs, (ptrdiff_t)images * slabs, " if sums }}{{ "own, " if table }}work + THREAD * each);
{% endmacro %}
{% if table %}
    const ptrdiff_t tasks = (ptrdiff_t)images * tiles[0], together = larger(1, GROUPED * tiles[0] / image); /* sums are taken over so many tasks */
#ifdef _OPENMP
#pragma omp parallel for ordered schedule(static, 1) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t group = 0; group < (tasks - 1) / together + 1; group++) {
        struct ends_of_piece *const own = of_pieces + THREAD * (ptrdiff_t)levels * FOUND;
        memset(own, 0, (size_t)levels * FOUND * sizeof *own);
        for (ptrdiff_t task = group * together; task < smaller(tasks, (group + 1) * together); task++) {
{{ tile_back() | indent(4) }}
        }
#ifdef _OPENMP
#pragma omp ordered
#endif
        for (int l = 0; l < levels; l++)
            gather(own + (ptrdiff_t)l * FOUND, ACROSS, of_values + (ptrdiff_t)(first + l) * (LAST + 2));
    }
{% else %}
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < (ptrdiff_t)images * tiles[0]; task++) {
{{ tile_back() -}}
    }
{% endif %}
    return 0;
}
