{# Tridiagonal systems, one for each line of samples, side by side in lanes. Needs vector.h, memory.h, items.h. #}
/* ---- Lines -------------------------------------------------------------------------------------
 * Along an axis v - D^-(c D^+ v) = u is one tridiagonal system for each line of n samples. The elimination of Thomas,
 * without a difference that could cancel: with m_i the pivot of sample i less the weight c_i of the edge after it,
 *
 *     m_0 = 1,    scale_i = 1/(m_i + c_i),    share_i = c_i scale_i,    m_{i+1} = 1 + share_i m_i,
 *     y_0 = u_0,  y_{i+1} = u_{i+1} + share_i y_i,    v_i = scale_i y_i + share_i v_{i+1},    c_{n-1} = 0.
{% if spec.periodic %}
 *
 * The edge that joins the ends, of weight w, adds to the matrix w e e^T, e = (1, 0, ..., 0, -1) (Sherman and Morrison):
 * with z the solution for e, v - z w (v_0 - v_{n-1})/(1 + w (z_0 - z_{n-1})) is the one on the ring.
{% endif %}
 * A panel is `count` vectors of lines; its arrays have the samples of all lines side by side. */
{% include "transpose.h" %}

/* What the lines of a panel are solved by. */
struct panel {
    real *share, *scale, *v{{ ", *z" if spec.periodic }};
};
#define PANEL (ABREAST * LANES)

/* A conductance beyond which more makes no difference to any float; so no tau is too large. NaN remains. */
#define MOST {{ "1e300" if size == 8 else "1e30f" }}
INLINE vec held(vec c) { return min_vec(splat(MOST), c); }

#define ARRAYS {{ 4 if spec.periodic else 3 }}

/* v <- the solution for u, which may be v itself, of lines whose samples are `stride` apart; without the edge that joins the ends. */
INLINE void solve_open(const int count, const struct panel *panel, const real *u, ptrdiff_t stride, ptrdiff_t n, real *v)
{
    const ptrdiff_t turn = count * LANES;
    vec y[ABREAST];
    EACH(y, load(u + each * LANES))
    for (ptrdiff_t i = 0; i + 1 < n; i++) {
        UNROLL
        for (int each = 0; each < count; each++)
            store(v + i * turn + each * LANES, y[each]);
        EACH(y, fma_vec(load(panel->share + i * turn + each * LANES), y[each], load(u + (i + 1) * stride + each * LANES)))
    }
    EACH(y, load(panel->scale + (n - 1) * turn + each * LANES) * y[each])
    for (ptrdiff_t i = n - 1;; i--) {
        UNROLL
        for (int each = 0; each < count; each++)
            store(v + i * turn + each * LANES, y[each]);
        if (i == 0)
            break;
        const ptrdiff_t place = (i - 1) * turn;
        EACH(y, fma_vec(load(panel->share + place + each * LANES), y[each], load(panel->scale + place + each * LANES) * load(v + place + each * LANES)))
    }
}

INLINE void eliminate_lines(const int count, const struct panel *panel, const real *c, ptrdiff_t stride, ptrdiff_t n)
{
    const ptrdiff_t turn = count * LANES;
    vec m[ABREAST];
{% if spec.periodic %}
    vec joint[ABREAST], ends[ABREAST];
    EACH(joint, held(load(c + (n - 1) * stride + each * LANES)))
{% endif %}
    EACH(m, splat({{ one }}))
    for (ptrdiff_t i = 0; i < n; i++) {
        UNROLL
        for (int each = 0; each < count; each++) {
            const vec weight = i + 1 < n ? held(load(c + i * stride + each * LANES)) : splat({{ zero }});
            const vec scale = splat({{ one }}) / (m[each] + weight), share = weight * scale;
            store(panel->scale + i * turn + each * LANES, scale);
            store(panel->share + i * turn + each * LANES, share);
            m[each] = fma_vec(share, m[each], splat({{ one }}));
        }
    }
{% if spec.periodic %}
    memset(panel->z, 0, (size_t)(n * turn) * sizeof(real));
    for (ptrdiff_t lane = 0; lane < turn; lane++) {
        panel->z[lane] += {{ one }};
        panel->z[(n - 1) * turn + lane] -= {{ one }};
    }
    solve_open(count, panel, panel->z, turn, n, panel->z);
    EACH(ends, load(panel->z + each * LANES) - load(panel->z + (n - 1) * turn + each * LANES))
    EACH(ends, joint[each] / fma_vec(joint[each], ends[each], splat({{ one }})))
    for (ptrdiff_t i = 0; i < n; i++)
        UNROLL
        for (int each = 0; each < count; each++)
            store(panel->z + i * turn + each * LANES, load(panel->z + i * turn + each * LANES) * ends[each]);
{% endif %}
}

INLINE void solve_lines(const int count, const struct panel *panel, const real *u, ptrdiff_t stride, ptrdiff_t n)
{
    solve_open(count, panel, u, stride, n, panel->v);
{% if spec.periodic %}
    const ptrdiff_t turn = count * LANES;
    vec ends[ABREAST];
    EACH(ends, load(panel->v + each * LANES) - load(panel->v + (n - 1) * turn + each * LANES))
    for (ptrdiff_t i = 0; i < n; i++)
        UNROLL
        for (int each = 0; each < count; each++)
            store(panel->v + i * turn + each * LANES,
                  fma_vec(-load(panel->z + i * turn + each * LANES), ends[each], load(panel->v + i * turn + each * LANES)));
{% endif %}
}

/* Prepares a panel for conductances c, which may stand in its array `share`. */
APART void eliminate(int count, const struct panel *given, const real *c, ptrdiff_t stride, ptrdiff_t n)
{
    const struct panel panel = *given; /* in registers: what is stored may lie anywhere */
    if (count == ABREAST)
        eliminate_lines(ABREAST, &panel, c, stride, n);
    else
        eliminate_lines(1, &panel, c, stride, n);
}

/* panel->v <- the solution for u, which may stand there. */
APART void solve(int count, const struct panel *given, const real *u, ptrdiff_t stride, ptrdiff_t n)
{
    const struct panel panel = *given;
    if (count == ABREAST)
        solve_lines(ABREAST, &panel, u, stride, n);
    else
        solve_lines(1, &panel, u, stride, n);
}

{% if axes > 1 %}
/* Lines across the rows, whose samples are `stride` apart, in the columns of count vectors: to <- what it was, if `add`, plus the solution. */
INLINE void solve_columns(const int count, const struct item *item, const struct panel *panel, const real *c, const real *u, real *to,
                          ptrdiff_t stride, ptrdiff_t n, int add)
{
    eliminate(count, panel, c, stride, n);
    for (ptrdiff_t channel = 0; channel < item->channels; channel++, u += item->apart, to += item->apart) {
        solve(count, panel, u, stride, n);
        for (ptrdiff_t i = 0; i < n; i++)
            UNROLL
            for (int each = 0; each < count; each++) {
                const vec v = load(panel->v + (i * count + each) * LANES);
                real *const place = to + i * stride + each * LANES;
                store(place, add ? load(place) + v : v);
            }
    }
}
{% endif %}

/* The samples of count * LANES rows from row r on side by side; of rows that are none, zeros. */
INLINE void pack(int count, const struct item *item, const real *from, ptrdiff_t r, real *to)
{
    for (ptrdiff_t x = 0; x < item->width; x += LANES)
        for (int each = 0; each < count; each++) {
            vec v[LANES];
            for (int lane = 0; lane < LANES; lane++) {
                const ptrdiff_t row = r + each * LANES + lane;
                v[lane] = row < item->rows ? load(from + row * item->pitch + 1 + x) : splat({{ zero }});
            }
            transpose(v);
            for (int lane = 0; lane < LANES && x + lane < item->width; lane++)
                store(to + ((x + lane) * count + each) * LANES, v[lane]);
        }
}

/* And back: to <- what it was, if `add`, plus what is in `from`. */
INLINE void unpack(int count, const struct item *item, const real *from, ptrdiff_t r, real *to, int add)
{
    for (ptrdiff_t x = 0; x < item->width; x += LANES)
        for (int each = 0; each < count; each++) {
            const size_t bytes = (size_t)smaller(LANES, item->width - x) * sizeof(real);
            vec v[LANES];
            for (int lane = 0; lane < LANES; lane++)
                v[lane] = x + lane < item->width ? load(from + ((x + lane) * count + each) * LANES) : splat({{ zero }});
            transpose(v);
            for (int lane = 0; lane < LANES && r + each * LANES + lane < item->rows; lane++) {
                real *const place = to + (r + each * LANES + lane) * item->pitch + 1 + x;
                vec sum = splat({{ zero }});
                if (add)
                    memcpy(&sum, place, bytes);
                sum = add ? sum + v[lane] : v[lane];
                memcpy(place, &sum, bytes);
            }
        }
}

/* Lines along the rows, from row r on. */
static void solve_rows(int count, const struct item *item, const struct panel *panel, const real *c, const real *u, real *to,
                       ptrdiff_t r, int add)
{
    pack(count, item, c, r, panel->share);
    eliminate(count, panel, panel->share, count * LANES, item->width);
    for (ptrdiff_t channel = 0; channel < item->channels; channel++, u += item->apart, to += item->apart) {
        pack(count, item, u, r, panel->v);
        solve(count, panel, panel->v, count * LANES, item->width);
        unpack(count, item, panel->v, r, to, add);
    }
}
