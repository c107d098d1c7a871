{# The conductances of a block: one pass over the cells or edges. Needs diffusivity.h, items.h. #}
{% set rows = {1: ["g"], 2: ["before", "after"], 3: ["before_up", "before_down", "after_up", "after_down"]}[axes] %}
{% set names %}{% for a in range(axes) %}c_{{ a }}, {% endfor %}{% endset %}
/* ---- Conductances -------------------------------------------------------------------------------
 * That of an edge is tau/h^2 times {{ "the mean of g over the cells that share it" if cells_share else "its g" }}. A block keeps its conductances: with each
 * sample, in array a, that of the edge from it to the next one along axis a. */
{% if cells_share %}
{% include "cell_rows.h" %}

{% macro both(name) %}load({{ name }} + x - 1) + load({{ name }} + x){% endmacro %}
/* Conductances of a row, from g of the rows of cells around it. */
APART void conduct_row({% for name in rows %}const real *{{ name }}, {% endfor %}{% for a in range(axes) %}real *c_{{ a }}, {% endfor %}ptrdiff_t pitch, const struct constants *k)
{
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
{% if axes == 1 %}
        store(c_0 + x, k->step_0 * load(g + x));
{% elif axes == 2 %}
        store(c_0 + x, k->step_0 * ({{ both("after") }}));
        store(c_1 + x, k->step_1 * (load(before + x) + load(after + x)));
{% else %}
        store(c_0 + x, k->step_0 * (({{ both("after_up") }}) + ({{ both("after_down") }})));
        store(c_1 + x, k->step_1 * (({{ both("before_down") }}) + ({{ both("after_down") }})));
        store(c_2 + x, k->step_2 * ((load(before_up + x) + load(before_down + x)) + (load(after_up + x) + load(after_down + x))));
{% endif %}
    }
}

/* The reals of the cells between two slabs. */
INLINE ptrdiff_t cells_between(const struct item *item) { return {{ "(item->thick + 1) * " if axes == 3 }}item->pitch; }

/* {{ "The cells between slab s - 1 and slab s" if axes > 1 else "The cells of signal s" }}. */
static void cells_before(const struct item *item, const real *u, ptrdiff_t s, real *g, const struct constants *k)
{
    const ptrdiff_t pitch = item->pitch, channels = {{ "item->channels" if spec.grid.channels else "1" }};
{% if axes > 1 %}
    const real *const before = u + within(s - 1, item->slabs) * item->thick * pitch;
{% endif %}
    const real *const after = u + {{ "within(s, item->slabs)" if axes > 1 else "s" }} * item->thick * pitch;
{% if axes == 3 %}
    for (ptrdiff_t y = 0; y <= item->thick; y++) {
        const ptrdiff_t up = within(y - 1, item->thick) * pitch, down = within(y, item->thick) * pitch;
        const real *const corner[4] = { before + up, before + down, after + up, after + down };
        cells(corner, channels, item->apart, pitch, g + y * pitch, k);
    }
{% else %}
    const real *const corner[{{ axes }}] = { {{ "before, after" if axes == 2 else "after" }} };
    cells(corner, channels, item->apart, pitch, g, k);
{% endif %}
}

/* Conductances of row y of slab s, from g of the cells around the slab. */
INLINE void conduct_rows(const struct item *item, {{ "const real *g" if axes == 1 else "const real *before, const real *after" }}, real *conductances, ptrdiff_t s, ptrdiff_t y, const struct constants *k)
{
    const ptrdiff_t pitch = item->pitch;
    real *const c_0 = conductances + (s * item->thick + y) * pitch{% for a in range(1, axes) %}, *const c_{{ a }} = c_{{ a - 1 }} + item->apart{% endfor %};
{% if axes == 1 %}
    conduct_row(g, {{ names }}pitch, k);
{% elif axes == 2 %}
    conduct_row(before, after, {{ names }}pitch, k);
{% else %}
    const ptrdiff_t up = y * pitch, down = up + pitch;
    conduct_row(before + up, before + down, after + up, after + down, {{ names }}pitch, k);
{% endif %}
}

/* Conductances of the slabs first <= s < end; `room` is for the cells around one slab. */
static void conduct(const struct item *item, const real *u, real *conductances, ptrdiff_t first, ptrdiff_t end, real *room, const struct constants *k)
{
{% if axes > 1 %}
    real *before = room, *after = room + cells_between(item);
    cells_before(item, u, first, after, k);
{% endif %}
    for (ptrdiff_t s = first; s < end; s++) {
{% if axes > 1 %}
        real *const passed = before;
        before = after;
        after = passed;
        cells_before(item, u, s + 1, after, k);
{% else %}
        cells_before(item, u, s, room, k);
{% endif %}
        for (ptrdiff_t y = 0; y < item->thick; y++)
            conduct_rows(item, {{ "room" if axes == 1 else "before, after" }}, conductances, s, y, k);
    }
}
{% else %}
/* Conductances of a row along one axis, from the rows of samples at both ends of its edges. */
APART void conduct_row(const real *here, const real *there, vec step, vec inverse_square, real *c, ptrdiff_t pitch, const struct constants *k)
{
    const int count = 1;
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec difference = load(there + x) - load(here + x);
        vec q[ABREAST], value[ABREAST];
        q[0] = inverse_square * (difference * difference);
        diffusivity(count, q, value{{ ", k" if flux_arguments }});
        store(c + x, step * value[0]);
    }
    (void)k;
}

INLINE ptrdiff_t cells_between(const struct item *item) { (void)item; return 0; } /* there are none */

/* Conductances of the slabs first <= s < end. */
static void conduct(const struct item *item, const real *u, real *conductances, ptrdiff_t first, ptrdiff_t end, real *room, const struct constants *k)
{
    for (ptrdiff_t s = first; s < end; s++)
        for (ptrdiff_t y = 0; y < item->thick; y++) {
            const ptrdiff_t place = (s * item->thick + y) * item->pitch;
{% for a in range(axes) %}
            conduct_row(u + place, u + place_of(item, {{ a }}, 1, s, y), k->step_{{ a }}, {{ "k->inverse_square_%d" % a if scaled[a] else "splat(%s)" % one }}, conductances + {{ a }} * item->apart + place, item->pitch, k);
{% endfor %}
        }
    (void)room;
}
{% endif %}

/* All conductances of an item. The threads of a team share them. */
static void conduct_all(const struct item *item, const real *u, real *conductances, ptrdiff_t bands, real *room, const struct constants *k)
{
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (ptrdiff_t band = 0; band < bands; band++)
        conduct(item, u, conductances, item->slabs * band / bands, item->slabs * (band + 1) / bands, room + band * 2 * cells_between(item), k);
}

/* Along one axis the neighbours of a row of samples and the conductances in between. */
struct beside { const real *before, *after, *c_before, *c_after; };

INLINE struct beside beside_of(const struct item *item, int axis, const real *u, const real *conductances, ptrdiff_t s, ptrdiff_t y)
{
    const real *const c = conductances + axis * item->apart;
    const ptrdiff_t before = place_of(item, axis, -1, s, y), place = (s * item->thick + y) * item->pitch;
    const struct beside beside = { u + before, u + place_of(item, axis, 1, s, y), c + before, c + place };
    return beside;
}

/* D^-(c D^+ u), summed over the axes, at the places x, x + 1, ... of a row. */
INLINE vec inflow(vec here, const struct beside *beside, ptrdiff_t x)
{
    vec flow = splat({{ zero }});
{% for a in range(axes - 1, -1, -1) %}
    flow = fma_vec(load(beside[{{ a }}].c_after + x), load(beside[{{ a }}].after + x) - here, flow);
    flow = fma_vec(load(beside[{{ a }}].c_before + x), load(beside[{{ a }}].before + x) - here, flow);
{% endfor %}
    return flow;
}
