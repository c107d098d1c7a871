{# The tridiagonal system of one long line, in pieces. Needs lines.h. #}
/* ---- Long signals -------------------------------------------------------------------------------
 * A long line is cut into PIECES, which stand side by side in lanes; how many there are depends on nothing. A sample is a node of an electric
 * network: a conductance of 1 to the ground, c_i to the next node, and a current u_i. Nodes are eliminated but for the first of each
 * piece, L. What is left between it and node j is an edge e, and the node's own ground g and current s; without j, with
 * t = 1/(e + c + g),
 *
 *     e <- c t e,  g <- 1 + c t g,  s <- u_{j+1} + c t s;    at L the ground grows by e t g, the current by e t s.
 *
 * The first nodes are a line again, which is solved; then v_j = t s + e t v_L + c t v_{j+1}. No difference can cancel. */
#define LONG 8192 /* samples */
#define PIECES 48 /* a multiple of LANES */

/* The first nodes: edge to the next one, ground and current of their own and those that the next one is given. */
struct nodes { real edge[PIECES], ground[PIECES], current[PIECES], next_ground[PIECES], next_current[PIECES]; };

/* Eliminates the nodes of `count` vectors of pieces but the first; `own` holds u and receives t s, `share` holds c and receives c t, `lead` e t. */
INLINE void reduce(const int count, ptrdiff_t length, real *own, real *share, real *lead, struct nodes *nodes, ptrdiff_t piece)
{
    const ptrdiff_t turn = count * LANES;
    vec e[ABREAST], g[ABREAST], s[ABREAST], ground[ABREAST], current[ABREAST];
    EACH(e, held(load(share + each * LANES)))
    EACH(g, splat({{ one }}))
    EACH(s, load(own + turn + each * LANES))
    EACH(ground, splat({{ one }}))
    EACH(current, load(own + each * LANES))
    for (ptrdiff_t j = 1; j < length; j++)
        UNROLL
        for (int each = 0; each < count; each++) {
            const ptrdiff_t place = j * turn + each * LANES;
            const vec c = held(load(share + place)), t = splat({{ one }}) / ((e[each] + c) + g[each]), ahead = c * t, back = e[each] * t;
            ground[each] = fma_vec(back, g[each], ground[each]);
            current[each] = fma_vec(back, s[each], current[each]);
            store(lead + place, back);
            store(share + place, ahead);
            e[each] = ahead * e[each];
            g[each] = ahead * g[each];
            const vec passed = s[each];
            s[each] = ahead * passed;
            if (j + 1 < length) {
                g[each] = g[each] + splat({{ one }});
                s[each] = s[each] + load(own + place + turn);
            }
            store(own + place, t * passed);
        }
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t place = piece + each * LANES;
        store(nodes->edge + place, e[each]);
        store(nodes->ground + place, ground[each]);
        store(nodes->current + place, current[each]);
        store(nodes->next_ground + place, g[each]);
        store(nodes->next_current + place, s[each]);
    }
}

/* The other nodes from the first; `own` receives v. */
INLINE void expand(const int count, ptrdiff_t length, real *own, const real *share, const real *lead, const real *first)
{
    const ptrdiff_t turn = count * LANES;
    vec left[ABREAST], v[ABREAST];
    EACH(left, load(first + each * LANES))
    EACH(v, load(first + 1 + each * LANES))
    for (ptrdiff_t j = length - 1; j > 0; j--)
        UNROLL
        for (int each = 0; each < count; each++) {
            const ptrdiff_t place = j * turn + each * LANES;
            v[each] = fma_vec(load(share + place), v[each], fma_vec(load(lead + place), left[each], load(own + place)));
            store(own + place, v[each]);
        }
    UNROLL
    for (int each = 0; each < count; each++)
        store(own + each * LANES, left[each]);
}

/* The reals that stand for a line of `width` samples; and those that `solve_long` needs. */
INLINE ptrdiff_t whole(ptrdiff_t width) { return ((width - 1) / PIECES + 1) * PIECES + 2 * LANES; }
INLINE ptrdiff_t long_of(ptrdiff_t width) { return 5 * whole(width); }

/* v, from place 1 on, <- the solution for u, without an edge after the last sample. */
static void solve_cut(const real *c, const real *u, ptrdiff_t width, real *v, real *room)
{
    const ptrdiff_t length = (width - 1) / PIECES + 1, all = whole(width);
    const struct item pieces = { 1, PIECES, 1, PIECES, length, length, length * PIECES };
    real *const own = room, *const share = own + all, *const lead = share + all;
    struct nodes nodes;
    real first[PIECES + 1], scale[PIECES], weight = {{ zero }}, ground = {{ zero }}, current = {{ zero }};
    for (int kind = 0; kind < 2; kind++) { /* c, then u; beyond the last there is nothing */
        memset(v, 0, (size_t)all * sizeof *v);
        memcpy(v + 1, (kind ? u : c) + 1, (size_t)(width - !kind) * sizeof *v);
        for (ptrdiff_t p = 0; p < PIECES;)
            if (p + PANEL <= PIECES) {
                pack(ABREAST, &pieces, v, p, (kind ? own : share) + p * length);
                p += PANEL;
            } else {
                pack(1, &pieces, v, p, (kind ? own : share) + p * length);
                p += LANES;
            }
    }
    for (ptrdiff_t p = 0; p < PIECES;) {
        const ptrdiff_t place = p * length;
        if (p + PANEL <= PIECES) {
            reduce(ABREAST, length, own + place, share + place, lead + place, &nodes, p);
            p += PANEL;
        } else {
            reduce(1, length, own + place, share + place, lead + place, &nodes, p);
            p += LANES;
        }
    }
    for (int p = 0; p < PIECES; p++) {
        ground = (p ? nodes.next_ground[p - 1] + weight * ground : {{ zero }}) + nodes.ground[p];
        current = (p ? nodes.next_current[p - 1] + weight * current : {{ zero }}) + nodes.current[p];
        scale[p] = {{ one }} / (ground + nodes.edge[p]);
        weight = nodes.edge[p] * scale[p];
        first[p] = scale[p] * current;
    }
    first[PIECES] = {{ zero }};
    for (int p = PIECES - 1; p >= 0; p--)
        first[p] += nodes.edge[p] * scale[p] * first[p + 1];
    for (ptrdiff_t p = 0; p < PIECES;) {
        const ptrdiff_t place = p * length;
        if (p + PANEL <= PIECES) {
            expand(ABREAST, length, own + place, share + place, lead + place, first + p);
            unpack(ABREAST, &pieces, own + place, p, v, 0);
            p += PANEL;
        } else {
            expand(1, length, own + place, share + place, lead + place, first + p);
            unpack(1, &pieces, own + place, p, v, 0);
            p += LANES;
        }
    }
}

/* Row r of all channels: to <- the solution for u. */
static void solve_long(const struct item *item, const real *c, const real *u, real *to, ptrdiff_t r, real *room)
{
    const ptrdiff_t width = item->width;
    real *const v = room, *const rest = v + {{ "2 * " if spec.periodic }}whole(width);
    c += r * item->pitch;
    u += r * item->pitch;
    to += r * item->pitch;
{% if spec.periodic %}
    /* the edge that joins the ends, as in `eliminate` */
    real *const z = v + whole(width);
    memset(z, 0, (size_t)whole(width) * sizeof *z);
    z[1] = {{ one }};
    z[width] = -{{ one }};
    solve_cut(c, z, width, v, rest);
    memcpy(z, v, (size_t)whole(width) * sizeof *z);
    const real closing = MOST < c[width] ? MOST : c[width], joint = closing / ({{ one }} + closing * (z[1] - z[width]));
{% endif %}
    for (ptrdiff_t channel = 0; channel < item->channels; channel++, u += item->apart, to += item->apart) {
        solve_cut(c, u, width, v, rest);
{% if spec.periodic %}
        const real ends = joint * (v[1] - v[width]);
        for (ptrdiff_t x = 1; x <= width; x++)
            v[x] -= z[x] * ends;
{% endif %}
        memcpy(to + 1, v + 1, (size_t)width * sizeof *to);
    }
}
