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

/* The reals that a tile takes on its way back. */
static ptrdiff_t back_work_of(const struct tile *tile)
{
    return {{ "5" if axes > 1 else "2" }} * tile->slab + ({{ "4 * tile->rows + " if cells_share }}{{ "tile->channels + " if axes == 3 }}1{{ " + SUMS" if sums }}) * tile->pitch + {{ columns * 2 }};
}

/* The adjoint of one block on a tile of u and w{{ "; sums for the slabs of cells after each of its slabs, one more before the first" if sums }}. */
static void back_tile(const struct tile *u, const struct tile *w, {{ "double (*sums)[SUMS], " if sums }}const struct slope_constants *k, real *work)
{
    const ptrdiff_t first = {{ "u->held[0].first" if axes > 1 else "0" }}, end = {{ "u->held[0].end" if axes > 1 else "1" }}, width = u->size[{{ axes - 1 }}];
    struct back back;
    memset(work, 0, (size_t)back_work_of(u) * sizeof *work);
    real *const us = work + {{ columns }}, *const ws = us + {{ 2 if axes > 1 else 1 }} * u->slab;
    real *room = ws + {{ 2 if axes > 1 else 1 }} * u->slab;
{% if axes > 1 %}
    back.over = room;
    room += u->slab;
{% endif %}
{% if cells_share %}
    for (int i = 0; i < 2; i++, room += 2 * u->rows * u->pitch) {
        back.g[i] = room;
        back.turned[i] = room + u->rows * u->pitch;
    }
{% endif %}
{% if axes == 3 %}
    back.over_1 = room;
    room += u->channels * u->pitch;
{% endif %}
    back.share = room;
    for (ptrdiff_t x = 0; x <= width; x++)
        back.share[x] = (real)counted(x, width);
{% if sums %}
    back.terms = room + u->pitch;
{% endif %}
    for (ptrdiff_t s = first{{ " - 1" if axes > 1 }}; s < end; s++) {
        const ptrdiff_t place = {{ "(s - first + 2) % 2 * u->slab, next = (s - first + 1) % 2 * u->slab" if axes > 1 else "0, next = 0" }};
        const int is_last = s + 1 == end{{ "" if axes > 1 else " && 0" }};
        if (!is_last) {
            read_slab(u, {{ "s + 1" if axes > 1 else "s" }}, us + next);
            read_slab(w, {{ "s + 1" if axes > 1 else "s" }}, ws + next);
        }
{% if axes > 1 and sums %}
        const int is_own = (s >= w->kept[0].first || s < 0) && s < w->kept[0].end;
        const double factor = is_own && !(s < 0 && w->kept[0].first > 0) ? counted(s + 1, w->size[0]) : 0.0;
{% endif %}
        back_slab(u, &back, us + place, {{ "s < first ? NULL : ws + place" if axes > 1 else "ws" }}, us + (is_last ? place : next), ws + (is_last ? place : next),{% if sums %} {{ "factor, sums[s + 1 < 0 ? 0 : s + 1 > w->size[0] ? w->size[0] : s + 1]" if axes > 1 else "1.0, sums[0]" }},{% endif %} k);
        if ({{ "w->kept[0].first <= s && s < w->kept[0].end" if axes > 1 else "1" }})
            write_slab(w, s, ws + place);
    }
}

/* The reals that a call takes. */
static ptrdiff_t back_room_of(const ptrdiff_t *size, ptrdiff_t channels, ptrdiff_t images, int threads)
{
    const ptrdiff_t tiles[2] = { 1, 1 };
    const struct tile tile = tile_of(size, channels, tiles, 0, 1);
    (void)images;
    return threads * back_work_of(&tile);
}

/* The adjoint of block `block` on all arrays; `to` is apart from both. */
static void back_pass(const real *u, const real *w, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                      ptrdiff_t block, int threads, const struct given *given, real *work{{ ", double (*sums)[SUMS]" if sums }})
{
    const struct slope_constants k = slope_constants_of(given, block);
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %}, each = back_room_of(size, channels, 1, 1);
    const ptrdiff_t tiles[2] = { {{ "larger(1, smaller(4 * (threads - 1) / (ptrdiff_t)images + 1, size[0] / 8))" if axes > 1 else "1" }}, 1 };
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < (ptrdiff_t)images * tiles[0]; task++) {
        const ptrdiff_t place = task / tiles[0];
        struct tile of_u = tile_of(size, channels, tiles, task % tiles[0], 1), of_w = of_u;
        of_u.from = u + place * image;
        of_w.from = w + place * image;
        of_w.to = to + place * image;
        back_tile(&of_u, &of_w, {{ ("sums + place * (size[0] + 1), " if axes > 1 else "sums + place, ") if sums }}&k, work + THREAD * each);
    }
    (void)threads;
}
