{# The adjoint of blocks whose cells share g. Needs rows.h, given.h, slabs.h. #}
{% from "locals.h" import held, locals, all_selected with context %}
{% set corners = range(2 ** (axes - 1)) %}{% set kinds = [axes - 1] if is_even else range(axes) %}
/* ---- The adjoint --------------------------------------------------------------------------------
 * With w the gradient by the samples after a block, and the differences d of u and D of w over an edge, that by the
 * samples before it is what the block makes of w, with G D + H d for what flows over an edge: G is the sum of g over
 * the cells of the edge, H that of 2 g'(q) times the sum of d D/(2^(d-1) h^2) over the edges of a cell.
 *
 * At a break the derivatives are those of the piece to which the break belongs; jumps and clamping contribute
 * nothing. A gradient by a parameter is a sum over cells, of which one that sticks out counts for half as much. It is
 * taken in a fixed order: {{ columns }} sums to a row, in `real`; these in double; then rows, slabs and arrays. */
#ifndef TOGETHER
#define TOGETHER (1 << 18) /* samples of the arrays that go back side by side: their states stay in the last cache (measured) */
#endif
#ifndef KEPT
#define KEPT (1 << 28) /* bytes of states to be kept at most, before some are computed once more */
#endif
{% if sums %}

enum { {% for sum in sums %}at_{{ sum }}, {% endfor %}SUMS };
{% endif %}

/* What stays the same in all lanes. */
struct slope_constants {
{% for name, _ in coefficients %}
    vec {{ name }};
{% endfor %}
{% for name in slope_arguments %}
    {{ held(name) }};
{% endfor %}
};

static struct slope_constants slope_constants_of(const struct given *given, ptrdiff_t block)
{
{% for name in scalars %}
    const double {{ name }} = given->{{ name }}[given->stride * block];
{% endfor %}
{% for name, value in slope_constants %}
    const double {{ name }} = {{ value }};
{% endfor %}
    struct slope_constants k;
{% for name, value in slope_coefficients %}
    k.{{ name }} = splat((real)({{ value }}));
{% endfor %}
{% for name in slope_arguments %}
    k.{{ name }} = {{ given_table if name == table else "splat((real)%s)" % name }};
{% endfor %}
{% if not parameters %}
    (void)given;
    (void)block;
{% endif %}
    return k;
}

/* g(q) of `count` vectors of cells, and its derivatives. */
INLINE void diffusivity_and_slopes(const int count, const vec *q, vec *value{% for name in slope_outs %}, vec *{{ name }}{% endfor %}{% if slope_arguments %}, const struct slope_constants *k{% endif %})
{
{{ locals(slope_arguments, slope_branches, slope_shared) -}}
{{ all_selected(slope_branches, ["value"] + slope_outs) -}}
{% if not slope_reads_q %}
    (void)q;
{% endif %}
}

/* Cells as `cells` has them, of u and of w: g, what the differences of u are multiplied by, and what is summed;
 * `share` is what each cell counts for. */
APART void back_cells(const real *const *u, const real *const *w, ptrdiff_t channels, ptrdiff_t apart, ptrdiff_t pitch,
                      const real *share, real *g, real *turned, {{ "real *terms, " if sums }}const struct slope_constants *given)
{
    const struct slope_constants k = *given;
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
{% for a in kinds %}
        vec squares_{{ a }} = splat({{ zero }}), products_{{ a }} = splat({{ zero }});
{% endfor %}
        for (ptrdiff_t c = 0; c < channels; c++) {
{% for i in corners %}
            const vec left_{{ i }} = load(u[{{ i }}] + c * apart + x), right_{{ i }} = load(u[{{ i }}] + c * apart + x + 1);
            const vec w_left_{{ i }} = load(w[{{ i }}] + c * apart + x), w_right_{{ i }} = load(w[{{ i }}] + c * apart + x + 1);
{% endfor %}
            vec difference;
{% macro edge(from, to, kind) %}
            difference = {{ to }} - {{ from }};
            squares_{{ kind }} = fma_vec(difference, difference, squares_{{ kind }});
            products_{{ kind }} = fma_vec(difference, w_{{ to }} - w_{{ from }}, products_{{ kind }});
{% endmacro %}
{% for i in corners %}
{{ edge("left_%d" % i, "right_%d" % i, axes - 1) -}}
{% endfor %}
{% for a in range(axes - 2, -1, -1) %}
{% set bit = 2 ** (axes - 2 - a) %}
{% for i in corners if not (i // bit) % 2 %}
{% for side in ("left", "right") %}
{{ edge("%s_%d" % (side, i), "%s_%d" % (side, i + bit), axes - 1 if is_even else a) -}}
{% endfor %}
{% endfor %}
{% endfor %}
        }
        vec q = splat({{ zero }}), product = splat({{ zero }}), value{% for name in slope_outs %}, {{ name }}{% endfor %};
{% for a in kinds %}
{% set factor = "k.inverse_square_%d" % a if squares_scaled[a] else "splat(%s)" % one %}
        q = fma_vec({{ factor }}, squares_{{ a }}, q);
        product = fma_vec({{ factor }}, products_{{ a }}, product);
{% endfor %}
        diffusivity_and_slopes(1, &q, &value{% for name in slope_outs %}, &{{ name }}{% endfor %}{{ ", &k" if slope_arguments }});
        store(g + x, value);
        store(turned + x, (slope + slope) * product);
{% if sums %}
        const vec counted = load(share + x);
        const mvec is_none = equal_vec(counted, splat({{ zero }}));
{% if sums_of_flow %}
        vec flow = splat({{ zero }});
{% for a in kinds %}
        flow = fma_vec(k.step_{{ a }}, products_{{ a }}, flow);
{% endfor %}
{% endif %}
{% for sum in sums %}
{% set kind = sum.split("_")[-1] %}
        store(terms + at_{{ sum }} * pitch + x, masked_vec(not_mask(is_none), counted * ({{ "value * products_%s" % kind if sum.startswith("sum_step") else "slope * flow * squares_%s" % kind if sum.startswith("sum_square") else "%s * flow" % sum }})));
{% endfor %}
{% else %}
        (void)share;
{% endif %}
    }
{% if not (slope_arguments or squares_scaled | select | list or sums_of_flow) %}
    (void)k;
{% endif %}
}

{% set rows = {1: [""], 2: ["_before", "_after"], 3: ["_before_up", "_before_down", "_after_up", "_after_down"]}[axes] %}
{% macro summed(letter, names, shifted) %}{# the sum over the cells of an edge #}
{%- if names | length == 1 and not shifted %}{{ letter }}{{ names[0] }}
{%- elif shifted %}{% for n in names %}{{ " + " if not loop.first }}({{ letter }}_left{{ n }} + {{ letter }}{{ n }}){% endfor %}
{%- else %}{% for n in names %}{{ " + " if not loop.first }}{{ letter }}{{ n }}{% endfor %}
{%- endif %}{% endmacro %}
/* What a row of w is made of, as `around` has it. */
struct back_around {
{% for n in rows %}
    const real *g{{ n }}, *turned{{ n }};
{% endfor %}
    const real *u; /* the row of samples */
{% for a in range(axes - 1) %}
    const real *u_ahead_{{ a }}, *w_ahead_{{ a }};
    real *over_{{ a }};
{% endfor %}
};

/* The adjoint of one block on a row of w. */
APART void back_row(real *row, const struct back_around *around, ptrdiff_t pitch, const struct slope_constants *given)
{
    const struct slope_constants k = *given;
    vec before = splat({{ zero }});
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec here = load(row + x), u = load(around->u + x);
{% for n in rows %}
        const vec g{{ n }} = load(around->g{{ n }} + x), h{{ n }} = load(around->turned{{ n }} + x);
{% endfor %}
{% if axes > 1 %}
{% for n in (rows if axes == 3 else rows[1:]) if not n.startswith("_before_up") %}
        const vec g_left{{ n }} = load(around->g{{ n }} + x - 1), h_left{{ n }} = load(around->turned{{ n }} + x - 1);
{% endfor %}
{% endif %}
        const vec over = fma_vec({{ summed("g", rows, False) }}, load(row + x + 1) - here, ({{ summed("h", rows, False) }}) * (load(around->u + x + 1) - u));
        vec inflow = {{ "(over - shifted(before, over))" if is_even else "k.step_%d * (over - shifted(before, over))" % (axes - 1) }};
{% for a in range(axes - 2, -1, -1) %}
{% set names = rows[axes - 1:] if axes == 2 else (["_before_down", "_after_down"] if a == 1 else ["_after_up", "_after_down"]) %}
        const vec over_{{ a }} = fma_vec({{ summed("g", names, True) }}, load(around->w_ahead_{{ a }} + x) - here, ({{ summed("h", names, True) }}) * (load(around->u_ahead_{{ a }} + x) - u));
        inflow = {% if is_even %}inflow + (over_{{ a }} - load(around->over_{{ a }} + x)){% else %}fma_vec(k.step_{{ a }}, over_{{ a }} - load(around->over_{{ a }} + x), inflow){% endif %};
        store(around->over_{{ a }} + x, over_{{ a }});
{% endfor %}
        store(row + x, {{ "fma_vec(k.step_0, inflow, here)" if is_even else "here + inflow" }});
        before = over;
    }
}

/* A tile on its way back: rows of cells before and after a slab, what flows in from the slab before. */
struct back {
    real *g[2], *turned[2];
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
{% if sums %}

/* Adds a row of terms, of which `factor` counts. */
static void add_row(const real *terms, ptrdiff_t pitch, double factor, double *sums)
{
    for (int sum = 0; sum < SUMS; sum++, terms += pitch) {
        real found[{{ columns }}] = { {{ zero }} };
        double all = 0.0;
        for (ptrdiff_t x = 0; x < pitch; x += {{ columns }})
            for (int i = 0; i < {{ columns }}; i++)
                found[i] += terms[x + i];
        for (int i = 0; i < {{ columns }}; i++)
            all += (double)found[i];
        sums[sum] += factor * all;
    }
}
{% endif %}

/* How much of cell i of an axis of `size` samples counts, from the one before the first sample on. */
INLINE double counted(ptrdiff_t i, ptrdiff_t size)
{
{% if spec.periodic %}
    return i > 0 && i <= size ? 1.0 : 0.0;
{% else %}
    return i < 0 || i > size ? 0.0 : i == 0 || i == size ? 0.5 : 1.0;
{% endif %}
}

/* The adjoint of one block on a slab of w, as `step_slab`{{ "; sums of the cells after it are added" if sums }}. */
static void back_slab(const struct tile *tile, struct back *back, const real *u, real *w, const real *u_ahead,
                      const real *w_ahead, {{ "double factor, double *sums, " if sums }}const struct slope_constants *k)
{
    const ptrdiff_t pitch = tile->pitch, channels = {{ "tile->channels" if spec.grid.channels else "1" }}, apart = tile->rows * pitch;
    const real *const u_here = w ? u : u_ahead, *const w_here = w ? w : w_ahead;
    real *const g = back->g[0], *const turned = back->turned[0];
    struct back_around around;
{% if axes > 1 %}
    back->g[0] = back->g[1];
    back->turned[0] = back->turned[1];
    back->g[1] = g;
    back->turned[1] = turned;
    if (!w)
        memset(back->over, 0, (size_t)tile->slab * sizeof *back->over);
{% else %}
    (void)u_ahead;
    (void)w_ahead;
{% endif %}
{% if axes == 3 %}
    memset(back->over_1, 0, (size_t)(channels * pitch) * sizeof *back->over_1);
    for (ptrdiff_t y = 0; y + 1 < tile->rows; y++) {
        const ptrdiff_t up = larger(y - 1, 0) * pitch, down = y * pitch;
{% else %}
    {
        const ptrdiff_t down = 0;
{% endif %}
{% if axes == 1 %}
        const real *const us[1] = { u_here }, *const ws[1] = { w_here };
{% elif axes == 2 %}
        const real *const us[2] = { u_here, u_ahead }, *const ws[2] = { w_here, w_ahead };
{% else %}
        const real *const us[4] = { u_here + down, u_here + down + pitch, u_ahead + down, u_ahead + down + pitch };
        const real *const ws[4] = { w_here + down, w_here + down + pitch, w_ahead + down, w_ahead + down + pitch };
{% endif %}
        back_cells(us, ws, channels, apart, pitch, back->share, g + down, turned + down, {{ "back->terms, " if sums }}k);
{% if sums %}
        if (factor != 0.0)
            add_row(back->terms, pitch, {{ "factor * counted(y, tile->size[1])" if axes == 3 else "factor" }}, sums);
{% endif %}
{% for n in rows %}
{% set half = "back->%s[0]" if n.startswith("_before") else "" %}
{% set place = " + up" if n.endswith("_up") else " + down" %}
        around.g{{ n }} = {{ "back->g[0]" if n.startswith("_before") else "g" }}{{ place }};
        around.turned{{ n }} = {{ "back->turned[0]" if n.startswith("_before") else "turned" }}{{ place }};
{% endfor %}
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
            back_row(w + place, &around, pitch, k);
        }
    }
}

/* The reals that a tile takes on its way back. */
static ptrdiff_t back_work_of(const struct tile *tile)
{
    return {{ "5" if axes > 1 else "2" }} * tile->slab + (4 * tile->rows + {{ "tile->channels + " if axes == 3 }}1{{ " + SUMS" if sums }}) * tile->pitch + {{ columns * 2 }};
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
    for (int i = 0; i < 2; i++, room += 2 * u->rows * u->pitch) {
        back.g[i] = room;
        back.turned[i] = room + u->rows * u->pitch;
    }
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
{% if sums %}

/* Adds the gradients by the parameters of a block: sums over its cells, each times a constant. */
static void add_gradients(const struct given *given, ptrdiff_t block, const double *sums, double *by)
{
{% for name in scalars %}
    const double {{ name }} = (double)given->{{ name }}[given->stride * block];
{% endfor %}
{% for name in scalars %}
    (void){{ name }};
{% endfor %}
{% for gradient in by_parameters %}
    by[{{ gradient.index }} * (ptrdiff_t)BLOCKS + block] -= {% for term in gradient.terms %}{{ " + " if not loop.first }}{{ (term.factor ~ " * ") if term.factor }}sums[at_{{ term.sum }}]{% endfor %};
{% endfor %}
}
{% endif %}

/* The adjoint of block `block` on all arrays; `to` is apart from both. */
static void back_pass(const real *u, const real *w, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                      ptrdiff_t block, int threads, const struct given *given, real *work, ptrdiff_t each{% if sums %}, double (*sums)[SUMS], double *all{% endif %})
{
    const struct slope_constants k = slope_constants_of(given, block);
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %}, slabs = {{ "size[0] + 1" if axes > 1 else "1" }};
    const ptrdiff_t tiles[2] = { {{ "larger(1, smaller(4 * (threads - 1) / (ptrdiff_t)images + 1, size[0] / 8))" if axes > 1 else "1" }}, 1 };
{% if sums %}
    memset(sums, 0, images * (size_t)slabs * sizeof *sums);
{% endif %}
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < (ptrdiff_t)images * tiles[0]; task++) {
        const ptrdiff_t place = task / tiles[0];
        struct tile of_u = tile_of(size, channels, tiles, task % tiles[0], 1), of_w = of_u;
        of_u.from = u + place * image;
        of_w.from = w + place * image;
        of_w.to = to + place * image;
        back_tile(&of_u, &of_w, {{ "sums + place * slabs, " if sums }}&k, work + THREAD * each);
    }
{% if sums %}
    for (ptrdiff_t i = 0; i < (ptrdiff_t)images * slabs; i++)
        for (int sum = 0; sum < SUMS; sum++)
            all[sum] += sums[i][sum];
{% else %}
    (void)slabs;
{% endif %}
    (void)threads;
}

/* All blocks backwards. The states before each block are kept, or if they are too many those before every so many
 * blocks, and all others for these at a time; for some arrays at a time. */
{% set by %}{% if parameters %}double *by, {% endif %}{% endset %}
static int adjoint(const real *f, const real *w, real *grad, {{ by }}size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                   int threads, struct given *given)
{
    const int workers = threads < 1 ? 1 : threads;
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %}, tiles[2] = { 1, 1 };
{% if parameters %}
    memset(by, 0, sizeof(double) * {{ rows }} * (size_t)BLOCKS);
{% endif %}
    if (images == 0 || image == 0)
        return 0;
    const size_t some = (size_t)larger(1, TOGETHER / image), together = some < images ? some : images;
    const size_t state = together * (size_t)image;
    int span = BLOCKS; /* blocks whose states are kept at a time */
    if ((double)state * BLOCKS * sizeof(real) > KEPT)
        for (span = 1; span * span < BLOCKS; span++)
            continue;
    const int spans = (BLOCKS - 1) / span + 1;
    struct tile tile = tile_of(size, channels, tiles, 0, 1);
    const ptrdiff_t each = back_work_of(&tile);
    real *const states = (real *)malloc(((size_t)spans + (size_t)span) * state * sizeof(real)); /* one more for w */
    real *const work = (real *)malloc((size_t)each * (size_t)workers * sizeof(real));
{% if sums %}
    const size_t slabs = together * {{ "(size_t)(size[0] + 1)" if axes > 1 else "1" }};
    double (*const sums)[SUMS] = (double (*)[SUMS])malloc((slabs + BLOCKS) * sizeof(double[SUMS])); /* of a block; of each */
    int failed = !states || !work || !sums;
    if (sums)
        memset(sums + slabs, 0, BLOCKS * sizeof *sums);
{% else %}
    int failed = !states || !work;
{% endif %}
    for (size_t done = 0; done < images && !failed; done += together) {
        const size_t count = images - done < together ? images - done : together;
        real *const before = states + state, *const within = before + (size_t)(spans - 1) * state; /* each span, each block in it */
        const real *after = w + done * (size_t)image;
        for (int s = 1; s < spans && !failed; s++) {
            given->first = (s - 1) * span;
            given->stop = s * span;
            failed |= filter_all(s == 1 ? f + done * (size_t)image : before + (size_t)(s - 2) * state, before + (size_t)(s - 1) * state,
                                 count, channels, size, workers, given);
        }
        for (int s = spans - 1; s >= 0 && !failed; s--) {
            const int first = s * span, stop = BLOCKS - first < span ? BLOCKS : first + span;
            const real *const start = s == 0 ? f + done * (size_t)image : before + (size_t)(s - 1) * state;
            for (int block = first; block + 1 < stop; block++) {
                given->first = block;
                given->stop = block + 1;
                failed |= filter_all(block == first ? start : within + (size_t)(block - first - 1) * state,
                                     within + (size_t)(block - first) * state, count, channels, size, workers, given);
            }
            for (int block = stop - 1; block >= first && !failed; block--) {
                const real *const u = block == first ? start : within + (size_t)(block - first - 1) * state;
                real *const to = block % 2 ? states : grad + done * (size_t)image;
                back_pass(u, after, to, count, channels, size, block, workers, given, work, each{{ ", sums, sums[slabs + (size_t)block]" if sums }});
                after = to;
            }
        }
    }
    free(states);
    free(work);
{% if sums %}
    for (int block = 0; block < BLOCKS && !failed; block++)
        add_gradients(given, block, sums[slabs + (size_t)block], by);
    free(sums);
{% endif %}
    return failed ? -1 : 0;
}
