{# Rows of cells on their way back. Needs cell_rows.h, slopes.h. #}
{% from "turns.h" import in_turns %}
{% set corners = range(2 ** (axes - 1)) %}{% set kinds = [axes - 1] if is_even else range(axes) %}{% set frozen = spec.scheme.name != "explicit" %}
{% set multiplies = turns or sums or table %}{# whether differences of u are multiplied by those of w #}
{% set where %}const real *const *u, const real *const *{{ "by" if frozen else "w" }}, ptrdiff_t channels, ptrdiff_t apart{% endset %}
{% set summed %}const real *share, {{ "struct row_sums *row_sums, " if sums }}{{ "struct waiting *waiting, real part_of_row, " if table }}{% endset %}
{% set given %}{{ where }}, ptrdiff_t pitch, const real *share, {{ "real *g, " if not frozen }}{{ "real *turned, " if turns }}{{ "struct row_sums *row_sums, " if sums }}{{ "struct waiting *waiting, real part_of_row, " if table }}{% endset %}
{% set pass_sums %}share, {{ "row_sums, " if sums }}{{ "waiting, part_of_row, " if table }}{% endset %}
{% set pass %}u, {{ "by" if frozen else "w" }}, channels, apart, pitch, share, {{ "g, " if not frozen }}{{ "turned, " if turns }}{{ "&found, " if sums }}{{ "waiting, part_of_row, " if table }}{% endset %}
{% macro all_axes(name) %}{{ {1: "%s[0]", 2: "%s[1] + %s[0]", 3: "(%s[2] + %s[1]) + %s[0]"}[axes] | replace("%s", name) }}{% endmacro %}
{% macro product(from, to, a) %}
    products[{{ a }}] = fma_vec({{ to }} - {{ from }}, w_{{ to }} - w_{{ from }}, products[{{ a }}]);
{% endmacro %}
/* Cells that are abreast on their way back: |grad u|^2, {{ "what multiplies its slope, " if turns }}g and its derivatives; sums of squares{{ " and products" if multiplies }} of differences. */
struct cells_back {
    vec q[ABREAST], {{ "factor[ABREAST], " if turns }}value[ABREAST]{% for name in slope_outs %}, {{ name }}[ABREAST]{% endfor %};
{% for a in kinds %}
    vec squares_{{ a }}[ABREAST]{{ ", products_%d[ABREAST]" % a if multiplies }};
{% endfor %}
};

{% set sums_of %}const vec *squares{{ ", const vec *products" if multiplies }}{% endset %}
/* Vector n of the cells, from sums along each axis. */
INLINE void set_cells(int n, {{ sums_of }}, struct cells_back *cells, const struct slope_constants *k)
{
    cells->q[n] = {{ "cells->factor[n] = " if turns }}splat({{ zero }});
{% for a in kinds %}
{% set measure = "k->inverse_square_%d" % a if scaled[a] else "splat(%s)" % one %}
    cells->squares_{{ a }}[n] = {{ all_axes("squares") if is_even else "squares[%d]" % a }};
    cells->q[n] = fma_vec({{ measure }}, cells->squares_{{ a }}[n], cells->q[n]);
{% if multiplies %}
    cells->products_{{ a }}[n] = {{ all_axes("products") if is_even else "products[%d]" % a }};
{% endif %}
{% if turns %}
    cells->factor[n] = fma_vec({{ "k->step_%d" % a if frozen else measure }}, cells->products_{{ a }}[n], cells->factor[n]);
{% endif %}
{% endfor %}
    (void)k;
}
{% if multiplies and not frozen %}

/* Adds the products of the differences of u and of w, a sum along each axis. */
INLINE void add_products(const vec *left, const vec *right, const vec *w_left, const vec *w_right, vec *products)
{
{% for i in corners %}
{{ product("left[%d]" % i, "right[%d]" % i, axes - 1) -}}
{% endfor %}
{% for a in range(axes - 2, -1, -1) %}
{% set bit = 2 ** (axes - 2 - a) %}
{% for i in corners if not (i // bit) % 2 %}
{% for side in ("left", "right") %}
{{ product("%s[%d]" % (side, i), "%s[%d]" % (side, i + bit), a) -}}
{% endfor %}
{% endfor %}
{% endfor %}
}
{% endif %}

/* Measures the cells at `at`, which become vector n; of channel c their samples lie c * apart further on.{% if frozen %}

 * What the sum changes by with the conductance of each edge is given, for all corners along axis 0, then axis 1, ...{% endif %} */
INLINE void measure(int n, ptrdiff_t at, {{ where }}, struct cells_back *cells, const struct slope_constants *k)
{
    vec squares[{{ axes }}]{{ ", products[%d]" % axes if multiplies }};
    UNROLL
    for (int a = 0; a < {{ axes }}; a++)
        squares[a] = {{ "products[a] = " if multiplies }}splat({{ zero }});
    for (ptrdiff_t c = 0; c < channels; c++) {
        vec left[{{ corners | length }}], right[{{ corners | length }}]{{ ", w_left[%d], w_right[%d]" % (corners | length, corners | length) if multiplies and not frozen }};
        load_corners({{ corners | length }}, c * apart + at, u, left, right);
        add_squares(left, right, squares);
{% if multiplies and not frozen %}
        load_corners({{ corners | length }}, c * apart + at, w, w_left, w_right);
        add_products(left, right, w_left, w_right, products);
{% endif %}
    }
{% if frozen %}
{% for a in range(axes) %}
{% set bit = 2 ** (axes - 2 - a) if a < axes - 1 else 0 %}
{% for i in corners if not bit or not (i // bit) % 2 %}
{% set place = "load(by[%d] + at)" % (a * corners | length + i) %}
    products[{{ a }}] = products[{{ a }}] + {{ "(%s + load(by[%d] + at + 1))" % (place, a * corners | length + i) if bit else place }};
{% endfor %}
{% endfor %}
{% endif %}
    set_cells(n, squares, {{ "products, " if multiplies }}cells, k);
{% if not multiplies %}
    (void)w;
{% endif %}
}

/* g and its derivatives in `count` vectors of cells. */
INLINE void differentiate(const int count, struct cells_back *cells, const struct slope_constants *k)
{
    with_slopes(count, cells->q, cells->value{% for name in slope_outs %}, cells->{{ name }}{% endfor %}{{ ", k" if slope_arguments }});
    (void)k;
}
{% if turns %}

/* What the differences of u are multiplied by. */
INLINE vec turned_of(int n, const struct cells_back *cells) { return (cells->slope[n] + cells->slope[n]) * cells->factor[n]; }
{% endif %}

/* Adds what is summed over the cells of vector n; `share` is what each counts for. */
INLINE void add_terms(int n, ptrdiff_t at, const struct cells_back *cells, {{ summed }}const struct slope_constants *k)
{
{% if sums or table %}
    const vec counted = load(share + at);
    const mvec is_none = equal_vec(counted, splat({{ zero }}));
{% if sums %}
    const ptrdiff_t part = at / LANES % PLACES;
{% endif %}
{% if sums_of_flow %}
    vec flow = splat({{ zero }});
{% for a in kinds %}
    flow = fma_vec(k->step_{{ a }}, cells->products_{{ a }}[n], flow);
{% endfor %}
{% endif %}
{% for sum in sums %}
{% set kind = sum.split("_")[-1] %}
    row_sums->of[at_{{ sum }}][part] = row_sums->of[at_{{ sum }}][part] + masked_vec(not_mask(is_none), counted * ({{ "cells->value[n] * cells->products_%s[n]" % kind if sum.startswith("sum_step") else "cells->slope[n] * flow * cells->squares_%s[n]" % kind if sum.startswith("sum_inverse") else "cells->%s[n] * flow" % sum }}));
{% endfor %}
{% if table %}
    if (waiting->found)
        scatter(masked_vec(not_mask(is_none), cells->place[n]), masked_vec(not_mask(is_none), part_of_row * counted * (cells->weight[n] * flow)), at % ACROSS, waiting);
{% endif %}
{% else %}
    (void)n;
    (void)at;
    (void)cells;
    (void)share;
{% endif %}
    (void)k;
}

/* `count` vectors of cells{{ ((", of u and of w" if multiplies) ~ ": g is stored") if not frozen }}{{ ", " if turns and not frozen }}{{ " what the differences of u are multiplied by" if turns }}. */
INLINE void back_cells_some(const int count, ptrdiff_t x, {{ given }}const struct slope_constants *k)
{
    struct cells_back cells;
    UNROLL
    for (int each = 0; each < count; each++)
        measure(each, x + each * LANES, u, {{ "by" if frozen else "w" }}, channels, apart, &cells, k);
    differentiate(count, &cells, k);
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t at = x + each * LANES;
{% if not frozen %}
        store(g + at, cells.value[each]);
{% endif %}
{% if turns %}
        store(turned + at, turned_of(each, &cells));
{% endif %}
        add_terms(each, at, &cells, {{ pass_sums }}k);
    }
    (void)pitch;
}

/* A row of cells on their way back. */
APART void back_cells({{ given }}const struct slope_constants *constants)
{
    const struct slope_constants k = *constants;
{% if sums %}
    struct row_sums found;
    memset(&found, 0, sizeof found);
{% endif %}
    ptrdiff_t x = 0;
{{ in_turns("back_cells_some", "x, " ~ pass ~ "&k", "pitch") -}}
{% if table %}
    add_waiting(waiting);
{% endif %}
{% if sums %}
    *row_sums = found;
{% endif %}
}

{% if is_fused and axes == 2 and not frozen %}
{% macro flow(g, change, h, difference) %}{{ "fma_vec(%s, %s, (%s) * (%s))" % (g, change, h, difference) if turns else "(%s) * (%s)" % (g, change) }}{% endmacro %}
/* What lies between a row of w and that before it: of its cells, and what flows in. */
struct back_around {
    real *g{{ ", *turned" if turns }}, *over_0;
};

/* What goes on from one vector of a row to the next. */
struct back_carried {
    vec before, g{{ ", turned" if turns }};
};

/* The adjoint of one block on `count` vectors of each of `rows` rows of w, with the cells after them. */
INLINE void back_together(const int count, const int rows, ptrdiff_t x, const real *const *u, const real *const *w, real *const *to, const struct back_around *around,
                          struct back_carried *carried, {{ summed }}const struct slope_constants *k)
{
    struct cells_back cells;
    UNROLL
    for (int each = 0; each < count; each++) {
        vec left[3], right[3]{{ ", w_left[3], w_right[3]" if multiplies }};
        load_corners(rows + 1, x + each * LANES, u, left, right);
{% if multiplies %}
        load_corners(rows + 1, x + each * LANES, w, w_left, w_right);
{% endif %}
        UNROLL
        for (int row = 0; row < rows; row++) {
            vec squares[2] = { splat({{ zero }}), splat({{ zero }}) }{{ ", products[2] = { splat(%s), splat(%s) }" % (zero, zero) if multiplies }};
            add_squares(left + row, right + row, squares);
{% if multiplies %}
            add_products(left + row, right + row, w_left + row, w_right + row, products);
{% endif %}
            set_cells(row * count + each, squares, {{ "products, " if multiplies }}&cells, k);
        }
    }
    differentiate(rows * count, &cells, k);
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t at = x + each * LANES;
        vec g_before = load(around->g + at), {{ "h_before = load(around->turned + at), " if turns }}over_before = load(around->over_0 + at), next[2];
        UNROLL
        for (int row = 0; row < rows; row++) {
            const int n = row * count + each;
            struct back_carried *const before = carried + row;
            const vec here = load(w[row] + at){{ ", here_u = load(u[row] + at)" if turns }};
            const vec g = cells.value[n]{{ ", h = turned_of(n, &cells)" if turns }};
            const vec over = {{ flow("g_before + g", "load(w[row] + at + 1) - here", "h_before + h", "load(u[row] + at + 1) - here_u") }};
            const vec over_0 = {{ flow("shifted(before->g, g) + g", "load(w[row + 1] + at) - here", "shifted(before->turned, h) + h", "load(u[row + 1] + at) - here_u") }};
{% if is_even %}
            next[row] = fma_vec(k->step_0, (over - shifted(before->before, over)) + (over_0 - over_before), here);
{% else %}
            next[row] = here + fma_vec(k->step_0, over_0 - over_before, k->step_1 * (over - shifted(before->before, over)));
{% endif %}
            add_terms(n, at, &cells, share, {{ "row_sums + row, " if sums }}{{ "waiting, part_of_row, " if table }}k);
            before->before = over;
            before->g = g_before = g;
{% if turns %}
            before->turned = h_before = h;
{% endif %}
            over_before = over_0;
        }
        store(around->g + at, g_before);
{% if turns %}
        store(around->turned + at, h_before);
{% endif %}
        store(around->over_0 + at, over_before);
        UNROLL
        for (int row = 0; row < rows; row++)
            store(to[row] + at, next[row]);
    }
}

{% for rows, name in ((1, "back_row"), (2, "back_two_rows")) if rows == 1 or not table %}
/* The adjoint of one block on {{ "a row" if rows == 1 else "two rows" }} of w, which `to` may be, with the cells after {{ "it" if rows == 1 else "each" }}. */
APART void {{ name }}(const real *const *u_rows, const real *const *w_rows, real *const *to_rows, const struct back_around *neighbours, ptrdiff_t pitch, {{ summed }}const struct slope_constants *constants)
{
    const struct slope_constants k = *constants;
    const struct back_around around = *neighbours; /* in registers: what is stored may lie anywhere */
    const real *const u[{{ rows + 1 }}] = { {% for i in range(rows + 1) %}{{ ", " if i }}u_rows[{{ i }}]{% endfor %} }, *const w[{{ rows + 1 }}] = { {% for i in range(rows + 1) %}{{ ", " if i }}w_rows[{{ i }}]{% endfor %} };
    real *const to[{{ rows }}] = { {% for i in range(rows) %}{{ ", " if i }}to_rows[{{ i }}]{% endfor %} };
    struct back_carried carried[{{ rows }}];
{% if sums %}
    struct row_sums found[{{ rows }}];
    memset(&found, 0, sizeof found);
{% endif %}
    memset(&carried, 0, sizeof carried);
    ptrdiff_t x = 0;
{% set abreast = "ABREAST" if rows == 1 else "ABREAST / 2" %}
    for (; x + {{ abreast }} * LANES <= pitch; x += {{ abreast }} * LANES)
        back_together({{ abreast }}, {{ rows }}, x, u, w, to, &around, carried, share, {{ "found, " if sums }}{{ "waiting, part_of_row, " if table }}&k);
    for (; x < pitch; x += LANES)
        back_together(1, {{ rows }}, x, u, w, to, &around, carried, share, {{ "found, " if sums }}{{ "waiting, part_of_row, " if table }}&k);
{% if table %}
    add_waiting(waiting);
{% endif %}
{% if sums %}
    memcpy(row_sums, found, sizeof found);
{% endif %}
}

{% endfor %}
{% elif not frozen %}
{% set rows = {1: [""], 2: ["_before", "_after"], 3: ["_before_up", "_before_down", "_after_up", "_after_down"]}[axes] %}
{% macro summed(letter, names, shifted) %}{# the sum over the cells of an edge #}
{%- if names | length == 1 and not shifted %}{{ letter }}{{ names[0] }}
{%- elif shifted %}{% for n in names %}{{ " + " if not loop.first }}({{ letter }}_left{{ n }} + {{ letter }}{{ n }}){% endfor %}
{%- else %}{% for n in names %}{{ " + " if not loop.first }}{{ letter }}{{ n }}{% endfor %}
{%- endif %}{% endmacro %}
{% macro flow(g, change, h, difference) %}{{ "fma_vec(%s, %s, (%s) * (%s))" % (g, change, h, difference) if turns else "(%s) * (%s)" % (g, change) }}{% endmacro %}
/* What a row of w is made of, as `around` has it. */
struct back_around {
{% for n in rows %}
    const real *g{{ n }}{{ ", *turned" ~ n if turns }};
{% endfor %}
{% if turns %}
    const real *u; /* the row of samples */
{% endif %}
{% for a in range(axes - 1) %}
    const real {{ "*u_ahead_%d, " % a if turns }}*w_ahead_{{ a }};
    real *over_{{ a }};
{% endfor %}
};

/* The adjoint of one block on a row of w. */
APART void back_row(real *row, const struct back_around *neighbours, ptrdiff_t pitch, const struct slope_constants *given)
{
    const struct slope_constants k = *given;
    const struct back_around around = *neighbours; /* in registers: what is stored may lie anywhere */
    vec before = splat({{ zero }});
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec here = load(row + x){{ ", u = load(around.u + x)" if turns }};
{% for n in rows %}
        const vec g{{ n }} = load(around.g{{ n }} + x){{ ", h%s = load(around.turned%s + x)" % (n, n) if turns }};
{% endfor %}
{% if axes > 1 %}
{% for n in (rows if axes == 3 else rows[1:]) if not n.startswith("_before_up") %}
        const vec g_left{{ n }} = load(around.g{{ n }} + x - 1){{ ", h_left%s = load(around.turned%s + x - 1)" % (n, n) if turns }};
{% endfor %}
{% endif %}
        const vec over = {{ flow(summed("g", rows, False), "load(row + x + 1) - here", summed("h", rows, False), "load(around.u + x + 1) - u") }};
        vec inflow = {{ "(over - shifted(before, over))" if is_even else "k.step_%d * (over - shifted(before, over))" % (axes - 1) }};
{% for a in range(axes - 2, -1, -1) %}
{% set names = rows[axes - 1:] if axes == 2 else (["_before_down", "_after_down"] if a == 1 else ["_after_up", "_after_down"]) %}
        const vec over_{{ a }} = {{ flow(summed("g", names, True), "load(around.w_ahead_%d + x) - here" % a, summed("h", names, True), "load(around.u_ahead_%d + x) - u" % a) }};
        inflow = {% if is_even %}inflow + (over_{{ a }} - load(around.over_{{ a }} + x)){% else %}fma_vec(k.step_{{ a }}, over_{{ a }} - load(around.over_{{ a }} + x), inflow){% endif %};
        store(around.over_{{ a }} + x, over_{{ a }});
{% endfor %}
        store(row + x, {{ "fma_vec(k.step_0, inflow, here)" if is_even else "here + inflow" }});
        before = over;
    }
}
{% endif %}
