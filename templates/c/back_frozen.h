{# Blocks with g frozen on their way back: first with g as it is, then through g. Needs conductances.h, slopes.h. #}
{% set corners = 2 ** (axes - 1) %}
{% if spec.scheme.name != "fsi" %}
{% include "products.h" %}

/* The same on the edges along an axis after the samples of slab s, summed over the channels. */
static void add_products(const struct item *item, int axis, const real *v, const real *w, real weight, real *by, ptrdiff_t s)
{
    for (ptrdiff_t y = 0; y < item->thick; y++) {
        const ptrdiff_t here = (s * item->thick + y) * item->pitch, ahead = place_of(item, axis, 1, s, y);
        for (ptrdiff_t c = 0; c < item->channels * item->apart; c += item->apart)
            add_products_row(v + c + here, v + c + ahead, w + c + here, w + c + ahead, weight, by + axis * item->apart + here, 0, item->pitch);
    }
}

{% endif %}
/* What leads through g: the samples before the block, what the sum changes by with the conductance of each edge, and
 * what the samples of a row count for. */
struct through {
    const struct item *item;
    const real *u, *by, *share, *zeros;
    struct slope_constants k;
    struct constants inverse; /* its steps are 1/h^2 */
{% if sums %}
    double (*sums)[SUMS]; /* of the {{ "cells before each slab, and after the last" if cells_share and axes > 1 else "edges of each slab" }} */
{% endif %}
};

{% if cells_share %}
{% include "back_cells.h" %}

/* The cells {{ "before slab s" if axes > 1 else "of signal s" }}, as `cells_before`{{ "; sums over them are added, if they count" if sums }}. */
static void back_cells_before(const struct through *through, ptrdiff_t s, real *turned{{ ", int count" if sums }})
{
    const struct item *const item = through->item;
    const ptrdiff_t pitch = item->pitch, channels = {{ "item->channels" if spec.grid.channels else "1" }};
    const real *u[{{ corners }}], *by[{{ axes * corners }}];
{% if sums %}
    struct row_sums found;
{% endif %}
{% if axes == 3 %}
    const ptrdiff_t before = within(s - 1, item->slabs) * item->thick * pitch, after = within(s, item->slabs) * item->thick * pitch;
    for (ptrdiff_t y = 0; y <= item->thick; y++) {
        const ptrdiff_t up = within(y - 1, item->thick) * pitch, down = within(y, item->thick) * pitch;
        const ptrdiff_t place[{{ corners }}] = { before + up, before + down, after + up, after + down };
{% else %}
    {
{% if axes == 2 %}
        const ptrdiff_t place[{{ corners }}] = { within(s - 1, item->slabs) * pitch, within(s, item->slabs) * pitch };
{% else %}
        const ptrdiff_t place[{{ corners }}] = { s * pitch };
{% endif %}
{% endif %}
        for (int i = 0; i < {{ corners }}; i++) {
            u[i] = through->u + place[i];
            for (int axis = 0; axis < {{ axes }}; axis++)
                by[axis * {{ corners }} + i] = through->by + axis * item->apart + place[i];
{% if axes > 1 and not spec.periodic %}
            if (s == 0)
                by[i] = through->zeros; /* nothing lies before the first slab */
{% if axes == 3 %}
            if (y == 0)
                by[{{ corners }} + i] = through->zeros;
{% endif %}
{% endif %}
        }
        back_cells(u, by, channels, item->apart, pitch, through->share, turned{{ " + y * pitch" if axes == 3 }}, {{ "&found, " if sums }}&through->k);
{% if sums %}
        if (count)
            add_row(&found, {{ "counted(s, item->slabs)" if axes > 1 else "1.0" }}{{ " * counted(y, item->thick)" if axes == 3 }}, through->sums[s]);
{% endif %}
    }
}

/* The weights h of D^-(h D^+ u), what g adds to the gradient by u, of the slabs first <= s < end. */
static void go_through(const struct through *through, real *h, ptrdiff_t first, ptrdiff_t end, real *room)
{
    const struct item *const item = through->item;
{% if axes > 1 %}
    real *before = room, *after = room + cells_between(item);
    back_cells_before(through, first, after{{ ", first == 0" if sums }});
{% endif %}
    for (ptrdiff_t s = first; s < end; s++) {
{% if axes > 1 %}
        real *const passed = before;
        before = after;
        after = passed;
        back_cells_before(through, s + 1, after{{ ", 1" if sums }});
{% else %}
        back_cells_before(through, s, room{{ ", 1" if sums }});
{% endif %}
        for (ptrdiff_t y = 0; y < item->thick; y++)
            conduct_rows(item, {{ "room" if axes == 1 else "before, after" }}, h, s, y, &through->inverse);
    }
}
{% else %}
{% from "edge_sums.h" import edge_sums with context %}
{% set outs = ["value"] + slope_outs %}
/* The weights h of D^-(h D^+ u), what g adds to the gradient by u, of the edges after row y of slab s{{ "; and what is summed over these" if sums }}. */
APART void go_through_row(const struct through *through, real *h, ptrdiff_t s, ptrdiff_t y{{ ", struct row_sums *found" if sums }})
{
    const struct item *const item = through->item;
    const struct slope_constants k = through->k;
    const ptrdiff_t pitch = item->pitch, here = (s * item->thick + y) * pitch;
    const real *const share = through->share;
{% if sums %}
    struct row_sums row_sums;
    memset(&row_sums, 0, sizeof row_sums);
{% endif %}
{% for a in range(axes) %}
    const real *const ahead_{{ a }} = through->u + place_of(item, {{ a }}, 1, s, y), *const by_{{ a }} = through->by + {{ a }} * item->apart + here;
{% endfor %}
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec u = load(through->u + here + x);
        vec by[ABREAST], flow[ABREAST], moved[ABREAST], q[ABREAST];
        vec {% for name in outs %}{{ name }}[ABREAST]{{ ", " if not loop.last }}{% endfor %};
{% for a in range(axes) %}
        by[{{ a }}] = load(by_{{ a }} + x);
        flow[{{ a }}] = k.step_{{ a }} * by[{{ a }}];
        moved[{{ a }}] = (load(ahead_{{ a }} + x) - u) * (load(ahead_{{ a }} + x) - u);
        q[{{ a }}] = {{ "k.inverse_square_%d * " % a if scaled[a] }}moved[{{ a }}];
{% endfor %}
        with_slopes({{ axes }}, q{% for name in outs %}, {{ name }}{% endfor %}{{ ", &k" if slope_arguments }});
{% for a in range(axes) %}
        store(h + {{ a }} * item->apart + here + x, {{ "k.inverse_square_%d * " % a if scaled[a] }}((slope[{{ a }}] + slope[{{ a }}]) * flow[{{ a }}]));
{% endfor %}
{{ edge_sums("by") -}}
    }
{% if sums %}
    *found = row_sums;
{% endif %}
}

/* The same of the slabs first <= s < end{{ "; sums are added" if sums }}. */
static void go_through(const struct through *through, real *h, ptrdiff_t first, ptrdiff_t end, real *room)
{
    for (ptrdiff_t s = first; s < end; s++)
        for (ptrdiff_t y = 0; y < through->item->thick; y++) {
{% if sums %}
            struct row_sums found;
{% endif %}
            go_through_row(through, h, s, y{{ ", &found" if sums }});
{% if sums %}
            add_row(&found, 1.0, through->sums[s]);
{% endif %}
        }
    (void)room;
}
{% endif %}

/* The reals that this takes for each band of slabs; and those that all share. */
INLINE ptrdiff_t room_of(const struct item *item) { return 2 * cells_between(item); }
INLINE ptrdiff_t shared_of(const struct item *item) { return 2 * item->pitch + 2 * LANES; }

static struct through through_of(const struct item *item, const real *u, const real *by, {{ "double (*sums)[SUMS], " if sums }}const struct given *given, ptrdiff_t block, real *shared)
{
    struct through through;
    through.item = item;
    through.u = u;
    through.by = by;
    through.k = slope_constants_of(given, block);
    through.inverse = constants_of(given, block);
{% for a in range(axes) %}
    through.inverse.step_{{ a }} = {{ "through.inverse.inverse_square_%d" % a if scaled[a] else "splat(%s)" % one }};
{% endfor %}
    memset(shared, 0, (size_t)shared_of(item) * sizeof *shared);
    for (ptrdiff_t x = 0; x <= item->width; x++)
        shared[x] = (real)counted(x, item->width);
    through.share = shared;
    through.zeros = shared + item->pitch;
{% if sums %}
    through.sums = sums;
{% endif %}
    return through;
}

/* grad <- grad + D^-(h D^+ u), with h in the place of the conductances. The threads of a team share the slabs. */
static void add_through(const struct through *through, real *h, real *grad, ptrdiff_t bands, real *room)
{
    const struct item *const item = through->item;
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (ptrdiff_t band = 0; band < bands; band++)
        go_through(through, h, item->slabs * band / bands, item->slabs * (band + 1) / bands, room + band * room_of(item));
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (ptrdiff_t r = 0; r < item->channels * item->rows; r++) {
        const ptrdiff_t channel = r / item->rows * item->apart, s = r % item->rows / item->thick, y = r % item->thick;
        const ptrdiff_t here = channel + (s * item->thick + y) * item->pitch;
        struct beside beside[{{ axes }}];
        for (int axis = 0; axis < {{ axes }}; axis++)
            beside[axis] = beside_of(item, axis, through->u + channel, h, s, y);
        for (ptrdiff_t x = 0; x < item->pitch; x += LANES)
            store(grad + here + x, load(grad + here + x) + inflow(load(through->u + here + x), beside, x));
    }
}

{% include "back_cycle.h" if spec.scheme.name == "fsi" else "back_solve.h" %}

/* Blocks that go back together: their states are kept. Where they would be too many, those before every so many blocks, and all others for
 * these at a time. */
static int blocks_back(const ptrdiff_t *size, ptrdiff_t channels, size_t state)
{
    int most = BLOCKS;
    (void)size;
    (void)channels;
    if ((double)state * BLOCKS * sizeof(real) > KEPT)
        for (most = 1; most * most < BLOCKS;)
            most++;
    return most;
}

/* The reals that a call takes: states of the blocks but the first, w between blocks, and what items need. */
static ptrdiff_t back_room_of(const ptrdiff_t *size, ptrdiff_t channels, ptrdiff_t images, int levels, int threads)
{
    const struct item item = item_of(size, channels, together_of(size, images));
    const int outer = outer_of(size, images, threads);
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %};
    return (levels + 1) * images * image + outer * back_work_of(&item, threads > outer ? threads : 1);
}

/* The adjoint of blocks first <= . < stop on all arrays; `to` is apart from both. Sums of each block, array and slab. */
static int back_pass(const real *u, const real *w, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                     int first, int stop, int threads, struct given *given, real *work{{ ", double (*sums)[SUMS]" if sums }})
{
    const ptrdiff_t together = together_of(size, (ptrdiff_t)images), items = ((ptrdiff_t)images - 1) / together + 1;
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %}, all = (ptrdiff_t)images * image{{ (", slabs = %s" % ("size[0] + 1" if axes > 1 else "1")) if sums }};
    const int outer = outer_of(size, (ptrdiff_t)images, threads), inner = threads > outer ? threads : 1;
    const struct item largest = item_of(size, channels, together);
    const ptrdiff_t each = back_work_of(&largest, inner);
    real *const states = work, *const between = states + (stop - first - 1) * all, *const room = between + 2 * all;
    int failed = 0;
    for (int block = first; block + 1 < stop; block++) {
        given->first = block;
        given->stop = block + 1;
        failed |= filter_all(block == first ? u : states + (block - first - 1) * all, states + (block - first) * all, images, channels, size, threads, given);
    }
    for (int block = stop - 1; block >= first && !failed; block--) {
        const real *const before = block == first ? u : states + (block - first - 1) * all;
        const real *const after = block + 1 == stop ? w : between + (block + 1 - first) % 2 * all;
        real *const result = block == first ? to : between + (block - first) % 2 * all;
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(outer) if (outer > 1)
#endif
        for (ptrdiff_t i = 0; i < items; i++) {
            const ptrdiff_t place = i * together;
            const struct item item = item_of(size, channels, smaller(together, (ptrdiff_t)images - place));
            back_item(&item, before + place * image, after + place * image, result + place * image, block, inner, given, room + THREAD * each + LANES{{ ", sums + ((block - first) * (ptrdiff_t)images + place) * slabs" if sums }});
        }
    }
    return failed;
}
