{# Semi-implicit steps, split by axes, on arrays. Needs vector.h, memory.h. #}
{% include "diffusivity.h" %}

{% include "given.h" %}

{% include "items.h" %}

{% include "conductances.h" %}

{% include "lines.h" %}

{% if axes == 1 %}
{% include "pieces.h" %}

{% endif %}
/* ---- Blocks ------------------------------------------------------------------------------------
 * {{ "u' = v with v - D^-(c D^+ v) = u" if axes == 1 else "u' = (1/%d) sum_a v_a with v_a - D_a^-(c_a D_a^+ v_a) = u, additive operator splitting" % axes }}; c from u.
 * In exact arithmetic u' stays within the range of u; it is clamped to that, and rounding cannot leave it either. */
struct range { real low, high; };

INLINE struct range joined(struct range a, struct range b)
{
    a.low = b.low < a.low ? b.low : a.low;
    a.high = b.high > a.high ? b.high : a.high;
    return a;
}

/* The least and the largest sample of a row; those that are no numbers do not count. */
static struct range range_of(const real *row, ptrdiff_t width)
{
    struct range all = { (real)INFINITY, -(real)INFINITY };
    vec low = splat(all.low), high = splat(all.high);
    ptrdiff_t x = 1;
    for (; x + LANES <= width + 1; x += LANES) {
        const vec here = load(row + x);
        low = min_vec(here, low);
        high = max_vec(here, high);
    }
    for (int lane = 0; lane < LANES; lane++) {
        const struct range one = { lane_of(low, lane), lane_of(high, lane) };
        all = joined(all, one);
    }
    for (; x <= width; x++) {
        const struct range one = { row[x], row[x] };
        all = joined(all, one);
    }
    all.low += {{ zero }}; /* no -0, whatever the order */
    all.high += {{ zero }};
    return all;
}

/* The sum of the solutions along the axes becomes their mean, within a range. */
static void finish_row(const struct item *item, real *row, struct range range)
{
    const vec low = splat(range.low), high = splat(range.high);
    for (ptrdiff_t x = 0; x < item->pitch; x += LANES)
        store(row + x, max_vec(low, min_vec(high, load(row + x){{ " / splat((real)%d)" % axes if axes > 1 }})));
    set_beyond(item, row);
}

{% if axes > 1 %}
/* Lines along axis `axis`, which is not the last, from place x of the rows on; line y of those that share their columns. */
static void solve_panel(const struct item *item, const struct panel *panel, int axis, ptrdiff_t y, ptrdiff_t x, const real *conductances,
                        const real *u, real *to, int add)
{
    const ptrdiff_t along = item->pitch{% if axes == 3 %} * (axis == 0 ? item->thick : 1), others = item->pitch * (axis == 0 ? 1 : item->thick){% endif %};
    const ptrdiff_t n = {{ "axis == 0 ? item->slabs : item->thick" if axes == 3 else "item->slabs" }}, end = smaller(x + PANEL, item->pitch);
    const real *const c = conductances + axis * item->apart{{ " + y * others" if axes == 3 }};
{% if axes == 3 %}
    u += y * others;
    to += y * others;
{% else %}
    (void)y;
{% endif %}
    if (x + PANEL <= end) {
        solve_columns(ABREAST, item, panel, c + x, u + x, to + x, along, n, add);
        return;
    }
    for (; x < end; x += LANES)
        solve_columns(1, item, panel, c + x, u + x, to + x, along, n, add);
}

{% endif %}
/* The reals that a thread needs. */
static ptrdiff_t panel_of(const struct item *item)
{
{% if axes == 1 %}
    if (item->width >= LONG)
        return long_of(item->width);
{% endif %}
    return ARRAYS * PANEL * larger(item->width, larger(item->slabs, item->thick));
}

/* The panel of this thread. */
INLINE struct panel own_panel(const struct item *item, real *panels)
{
    const ptrdiff_t all = panel_of(item), each = all / ARRAYS;
    real *const own = panels + THREAD * all;
    const struct panel panel = { own, own + each, own + 2 * each{{ ", own + 3 * each" if spec.periodic }} };
    return panel;
}

/* All lines along an axis: to <- what it was, if `add`, plus the solution for u. The threads of a team share them. */
static void solve_along(const struct item *item, int axis, const real *conductances, const real *u, real *to, int add, real *panels)
{
    const struct panel panel = own_panel(item, panels);
    const real *const c = conductances + {{ axes - 1 }} * item->apart;
{% for a in range(axes - 1) %}
    if (axis == {{ a }}) {
#ifdef _OPENMP
#pragma omp for schedule(dynamic)
#endif
{% if axes == 2 %}
        for (ptrdiff_t x = 0; x < item->pitch; x += PANEL)
            solve_panel(item, &panel, 0, 0, x, conductances, u, to, add);
{% else %}
        for (ptrdiff_t y = 0; y < item->{{ "thick" if a == 0 else "slabs" }}; y++)
            for (ptrdiff_t x = 0; x < item->pitch; x += PANEL)
                solve_panel(item, &panel, {{ a }}, y, x, conductances, u, to, add);
{% endif %}
        return;
    }
{% endfor %}
{% if axes == 1 %}
    (void)axis;
{% endif %}
#ifdef _OPENMP
#pragma omp for schedule(dynamic)
#endif
    for (ptrdiff_t r = 0; r < item->rows; r += PANEL) {
{% if axes == 1 %}
        if (item->width >= LONG) {
            for (ptrdiff_t each = r; each < smaller(r + PANEL, item->rows); each++)
                solve_long(item, c, u, to, each, panel.share);
            continue;
        }
{% endif %}
        if (r + PANEL <= item->rows)
            solve_rows(ABREAST, item, &panel, c, u, to, r, add);
        else
            for (ptrdiff_t some = r; some < item->rows; some += LANES)
                solve_rows(1, item, &panel, c, u, to, some, add);
    }
}

/* All blocks of an item. */
static void filter_item(const struct item *item, const real *f, real *u, int threads, const struct given *given, real *work)
{
    const ptrdiff_t volume = item->channels * item->apart, bands = smaller(threads, item->slabs);
    real *const conductances = work, *const room = conductances + {{ axes }} * item->apart + 2 * volume, *const panels = room + 2 * bands * cells_between(item);
    real *now = conductances + {{ axes }} * item->apart, *next = now + volume;
    struct range *const ranges = (struct range *)(void *)(panels + threads * panel_of(item));
    read_rows(item, f, now, 0, item->rows);
    for (int block = given->first; block < given->stop; block++) {
        const struct constants k = constants_of(given, block);
#ifdef _OPENMP
#pragma omp parallel num_threads(threads) if (threads > 1)
#endif
        {
            conduct_all(item, now, conductances, bands, room, &k);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
            for (ptrdiff_t r = 0; r < item->channels * item->rows; r++)
                ranges[r] = range_of(now + r * item->pitch, item->width);
            for (int axis = 0; axis < {{ axes }}; axis++)
                solve_along(item, axis, conductances, now, next, axis > 0, panels);
{% if axes > 1 %}
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
            for (ptrdiff_t channel = 0; channel < item->channels; channel++) /* its samples share a range */
                for (ptrdiff_t r = 1; r < item->rows; r++)
                    ranges[channel * item->rows] = joined(ranges[channel * item->rows], ranges[channel * item->rows + r]);
{% endif %}
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
            for (ptrdiff_t r = 0; r < item->channels * item->rows; r++)
                finish_row(item, next + r * item->pitch, ranges[{{ "r / item->rows * item->rows" if axes > 1 else "r" }}]);
        }
        real *const last = now;
        now = next;
        next = last;
    }
    write_rows(item, now, u, 0, item->rows);
}

/* Arrays of an item; and the threads that take items. If these are too few, threads share one. */
INLINE ptrdiff_t together_of(const ptrdiff_t *size, ptrdiff_t images)
{
{% if axes == 1 %}
    return size[0] >= LONG ? 1 : smaller(images, PANEL);
{% else %}
    (void)size;
    (void)images;
    return 1;
{% endif %}
}
INLINE int outer_of(const ptrdiff_t *size, ptrdiff_t images, int threads)
{
    return (images - 1) / together_of(size, images) + 1 < threads ? 1 : (int)larger(threads, 1);
}

/* All blocks on all arrays. */
static int filter_all(const real *f, real *u, size_t images, ptrdiff_t channels, const ptrdiff_t *size, int threads,
                      const struct given *given)
{
    if (images == 0)
        return 0;
    const ptrdiff_t together = together_of(size, (ptrdiff_t)images);
    const struct item item = item_of(size, channels, together);
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %};
    if (image == 0)
        return 0;
    const ptrdiff_t items = ((ptrdiff_t)images - 1) / together + 1;
    const int outer = outer_of(size, (ptrdiff_t)images, threads), inner = threads > outer ? threads : 1;
    const ptrdiff_t each = (2 * channels + {{ axes }}) * item.apart + inner * (2 * cells_between(&item) + panel_of(&item)) + 2 * channels * item.rows + 2 * LANES;
    char *const memory = (char *)calloc((size_t)each * (size_t)outer * sizeof(real) + 64, 1);
    if (!memory)
        return -1;
    real *const work = aligned(memory);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(outer) if (outer > 1)
#endif
    for (ptrdiff_t i = 0; i < items; i++) {
        const ptrdiff_t place = i * together;
        const struct item own = item_of(size, channels, smaller(together, (ptrdiff_t)images - place));
        filter_item(&own, f + place * image, u + place * image, inner, given, work + THREAD * each + LANES);
    }
    free(memory);
    return 0;
}
