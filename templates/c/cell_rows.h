{# Rows of cells that share g. Needs diffusivity.h. #}
{% from "turns.h" import in_turns %}
{% set corners = range(2 ** (axes - 1)) %}
/* Adds the squares of the differences of cells, a sum along each axis: none waits for the others. */
INLINE void add_squares(const vec *left, const vec *right, vec *squares)
{
{% for i in corners %}
    squares[{{ axes - 1 }}] = fma_vec(right[{{ i }}] - left[{{ i }}], right[{{ i }}] - left[{{ i }}], squares[{{ axes - 1 }}]);
{% endfor %}
{% for a in range(axes - 2, -1, -1) %}
{% set bit = 2 ** (axes - 2 - a) %}
{% for i in corners if not (i // bit) % 2 %}
{% for side in ("left", "right") %}
    squares[{{ a }}] = fma_vec({{ side }}[{{ i + bit }}] - {{ side }}[{{ i }}], {{ side }}[{{ i + bit }}] - {{ side }}[{{ i }}], squares[{{ a }}]);
{% endfor %}
{% endfor %}
{% endfor %}
}

/* |grad u|^2 of cells. */
INLINE vec size_of(const vec *squares, const struct constants *k)
{
{% if is_even %}
{% if not scaled[0] %}
    (void)k;
{% endif %}
    return {{ "k->inverse_square_0 * " if scaled[0] }}{{ {1: "squares[0]", 2: "(squares[1] + squares[0])", 3: "((squares[2] + squares[1]) + squares[0])"}[axes] }};
{% else %}
{% for a in range(axes - 1, -1, -1) %}
{% set factor = "k->inverse_square_%d" % a if scaled[a] else "splat(%s)" % one %}
    {{ "vec " if loop.first }}{{ "q = %s * squares[%d]" % (factor, a) if loop.first else "return fma_vec(%s, squares[%d], q)" % (factor, a) if loop.last else "q = fma_vec(%s, squares[%d], q)" % (factor, a) }};
{% endfor %}
{% endif %}
}

/* Samples of `count` rows from place x on, and those right of them. */
INLINE void load_corners(const int count, ptrdiff_t x, const real *const *corner, vec *left, vec *right)
{
    UNROLL
    for (int i = 0; i < count; i++) {
        left[i] = load(corner[i] + x);
        right[i] = load(corner[i] + x + 1);
    }
{% if axes == 3 %}
#ifdef NATIVE_MASK /* in registers, of which there are enough: compilers would load them again and again */
    together(count, left);
    together(count, right);
#endif
{% endif %}
}

/* g of the cells x, x + 1, ... between rows of samples; of channel c they lie c * apart further on. Stored in a row. */
INLINE void store_cells(const int count, ptrdiff_t x, const real *const *corner, ptrdiff_t channels, ptrdiff_t apart,
                        real *g, const struct constants *k)
{
    vec q[ABREAST], found[ABREAST];
    UNROLL
    for (int each = 0; each < count; each++) {
        vec squares[{{ axes }}] = { {% for a in range(axes) %}{{ ", " if a }}splat({{ zero }}){% endfor %} };
        for (ptrdiff_t c = 0; c < channels; c++) {
            vec left[{{ corners | length }}], right[{{ corners | length }}];
            load_corners({{ corners | length }}, c * apart + x + each * LANES, corner, left, right);
            add_squares(left, right, squares);
        }
        q[each] = size_of(squares, k);
    }
    diffusivity(count, q, found{{ ", k" if flux_arguments }});
    UNROLL
    for (int each = 0; each < count; each++)
        store(g + x + each * LANES, found[each]);
}

/* g of a row of cells, `pitch` of them. */
APART void cells(const real *const *corner, ptrdiff_t channels, ptrdiff_t apart, ptrdiff_t pitch, real *g, const struct constants *given)
{
    const struct constants k = *given;
    ptrdiff_t x = 0;
{{ in_turns("store_cells", "x, corner, channels, apart, g, &k", "pitch") -}}
}
