{% from "constants.h" import constants_function with context %}
{% from "locals.h" import held, locals with context %}
{# The adjoint of a network in the same wavefront. Needs vector.h, lanes.h, flux.h, sweep.h and struct given. #}
{% set args %}{{ ", k" if slope_arguments }}{% endset %}
/* ---- The adjoint --------------------------------------------------------------------------------
 * With w the gradient by the samples after a block, and d = w_{i+1} - w_i over an edge, that by the
 * samples before it is w_i + (tau/h) (Phi'(r_i) d_i - Phi'(r_{i-1}) d_{i-1})/h: the block itself,
 * with d for r and Phi'(r) d for the flux. So the levels run backwards in a wavefront of their own.
 * It follows that of the states 2 ADJOINT_LEVELS samples behind; what it needs of an edge waits in
 * a ring until then. Each sample is computed once in each direction.
 *
 * At a break of Phi the derivatives are those of the piece to which the break belongs, at 0 the
 * limit; jumps and clamping contribute nothing.
 *
 * Sums over edges: of a signal in order, in `real` for at most SPAN edges, then in double; of a long
 * signal first its pieces (`pieces_of`); then GROUP signals or pieces; then the groups. Every vector
 * width and any number of threads take this order. */
#define ADJOINT_LEVELS 32  /* of one pass: their rings stay in the second cache */
#ifndef ADJOINT_CHUNK
#define ADJOINT_CHUNK 128  /* samples of each lane; a multiple of LANES that divides SPAN */
#endif
#define ADJOINT_ABREAST {{ "ABREAST" if slope_branches | map(attribute="lines") | sum(start=[]) else "(ABREAST < 2 ? ABREAST : 2) /* nothing waits long (measured) */" }}
#define SPAN 128
#define GROUP 16           /* signals or pieces; a multiple of LANES */
#define LONG 8192          /* samples of a signal that is always cut */
#ifndef ADJOINT_DEPTH
#define ADJOINT_DEPTH 2    /* levels of the adjoint that run together in registers (measured) */
#endif

{% if sums %}
enum { {% for sum in sums %}at_{{ sum }}, {% endfor %}SUMS };

{% endif %}
{% if table %}
{% set across = "LANES" %}
{% include "scatter.h" %}

{% endif %}
{% if slopes_are_cheap %}
/* What the adjoint needs of an edge: the slope costs less to compute once more than to keep. */
struct edge {
    vec r;
};
{% else %}
/* What the adjoint needs of an edge: the slope, and what the gradients by parameters sum. */
struct edge {
    vec slope;
{% for sum in sums %}
    vec {{ sum }};
{% endfor %}
{% if table %}
    vec place;
{% endif %}
};
{% endif %}

/* What stays the same in all lanes. */
struct slope_constants {
    vec step; /* tau/h */
    vec back; /* tau/h^2 */
{% if inverse_h %}
    vec inverse_h;
{% endif %}
{% for name in slope_arguments %}
    {{ held(name) }};
{% endfor %}
};

/* The same for edges abreast. */
struct edges {
    vec slope[ABREAST];
{% for sum in sums %}
    vec {{ sum }}[ABREAST];
{% endfor %}
{% if table %}
    vec place[ABREAST];
{% endif %}
};

{% if slope_branches | length > 1 %}
/* Phi(r) of `count` edges abreast, and its derivatives. All pieces are computed in all lanes, and each lane takes its own. */
{% else %}
/* Phi(r) of `count` edges abreast, and its derivatives. */
{% endif %}
INLINE void flux_and_slopes(const int count, const vec *r, vec *value, struct edges *edges{% if slope_arguments %}, const struct slope_constants *k{% endif %})
{
{{ locals(slope_arguments, slope_branches, slope_shared) -}}
{% set nothing = "splat(%s)" % zero %}
{% macro take(into, index, branch) %}
{% set result = branch.results[index] %}
{% if result == nothing %}
        EACH({{ into }}, masked_vec(not_mask(mask[each]), {{ into }}[each]))
{% else %}
        EACH({{ into }}, select_vec(mask[each], {{ result }}, {{ into }}[each]))
{% endif %}
{% endmacro %}
{% if slope_clip %}
    EACH(value, min_vec({{ slope_clip }}, max_vec(-{{ slope_clip }}, r[each])))
{% endif %}
{% for branch in slope_branches | reverse %}
{% if loop.first %}
{% if not slope_clip %}
    EACH(value, {{ branch.results[0] }})
{% endif %}
{% for out in slope_outs %}
    EACH(edges->{{ out }}, {{ branch.results[loop.index] }})
{% endfor %}
{% else %}
    {
        mvec mask[ABREAST];
        EACH(mask, {{ branch.condition }})
{% if not slope_clip %}
{{ take("value", 0, branch) -}}
{% endif %}
{% for out in slope_outs %}
{{ take("edges->" ~ out, loop.index, branch) -}}
{% endfor %}
    }
{% endif %}
{% endfor %}
{% if "sum_flux" in sums %}
    EACH(edges->sum_flux, value[each])
{% endif %}
{% if "sum_slope" in sums %}
    EACH(edges->sum_slope, edges->slope[each] * r[each])
{% endif %}
}

/* One level of both wavefronts. */
struct trace {
    struct level forward, backward; /* of `backward`, `here` is w and `flux` is Phi'(r) d */
    struct edge *ring;
    ptrdiff_t size; /* edges in the ring */
{% for sum in sums %}
    vec {{ sum }};
{% endfor %}
{% if table %}
    struct ends_of_piece *found;
{% endif %}
};

/* Where the ring of a level has the edge whose right sample is p. */
INLINE ptrdiff_t place_of(const struct trace *trace, ptrdiff_t p)
{
    const ptrdiff_t rest = p % trace->size;
    return rest < 0 ? rest + trace->size : rest;
}

/* Turns from <= q < to of a level of the states, as in `sweep`; what the adjoint needs goes to `into`. */
INLINE ptrdiff_t record_some(const int turns, const int guarded, vec *row, ptrdiff_t from, ptrdiff_t to, struct edge *into,
                             struct level *level, const struct ends *ends, const struct slope_constants *k)
{
    const int count = turns;
    ptrdiff_t q = from;
    for (; q + turns <= to; q += turns, into += turns) {
        struct edges edges;
        vec right[ABREAST], r[ABREAST], over[ABREAST];
        UNROLL
        for (int each = 0; each < count; each++)
            right[each] = row[q + each];
        UNROLL
        for (int each = 0; each < count; each++)
            r[each] = {{ "(right[each] - (each ? right[each - 1] : level->here)) * k->inverse_h" if inverse_h else "right[each] - (each ? right[each - 1] : level->here)" }};
        flux_and_slopes(count, r, over, &edges{{ ", k" if slope_arguments }});
        UNROLL
        for (int each = 0; each < count; each++) {
{% if slopes_are_cheap %}
            into[each].r = r[each];
{% else %}
            into[each].slope = edges.slope[each];
{% for sum in sums %}
            into[each].{{ sum }} = edges.{{ sum }}[each];
{% endfor %}
{% if table %}
            into[each].place = edges.place[each];
{% endif %}
{% endif %}
            row[q + each - 1] = turn(guarded, q + each, right[each], over[each], level, ends, k->step);
        }
    }
    return q;
}

INLINE void record(const int turns, const int guarded, vec *row, ptrdiff_t start, ptrdiff_t from, ptrdiff_t to,
                   struct trace *trace, const struct ends *ends, const struct slope_constants *given)
{
    const struct slope_constants k = *given;
    struct level level;
    copy_level(&level, &trace->forward);
    for (ptrdiff_t q = from, place = place_of(trace, start + from); q < to; place = 0) {
        struct edge *const into = trace->ring + place;
        const ptrdiff_t stop = smaller(to, q + trace->size - place); /* the end of the ring */
        const ptrdiff_t rest = record_some(turns, guarded, row, q, stop, into, &level, ends, &k);
        record_some(1, guarded, row, rest, stop, into + (rest - q), &level, ends, &k);
        q = stop;
    }
    copy_level(&trace->forward, &level);
}

/* Turns from <= q < to of `depth` levels of the adjoint: that of `trace` and those before it. `own`: the
 * edges whose sums belong to this piece. */
INLINE void back(const int depth, const int guarded, vec *row, ptrdiff_t start, ptrdiff_t from, ptrdiff_t to,
                 struct trace *trace, const struct ends *ends, const struct ends *own, const struct slope_constants *given)
{
{% if slopes_are_cheap and slope_arguments %}
    const struct slope_constants k = *given;
{% endif %}
    const vec step = given->back;
    vec here[ADJOINT_DEPTH], before[ADJOINT_DEPTH], next[ADJOINT_DEPTH + 1];
    ptrdiff_t place[ADJOINT_DEPTH];
{% if table %}
    struct waiting waiting[ADJOINT_DEPTH];
{% endif %}
{% for sum in sums %}
    vec {{ sum }}[ADJOINT_DEPTH];
{% endfor %}
    for (int l = 0; l < depth; l++) {
        here[l] = trace[-l].backward.here;
        before[l] = trace[-l].backward.flux;
        next[l] = trace[-l].backward.next;
        place[l] = place_of(trace - l, start + from - 2 * l);
{% if table %}
        begin_waiting(&waiting[l], trace[-l].found);
{% endif %}
{% for sum in sums %}
        {{ sum }}[l] = trace[-l].{{ sum }};
{% endfor %}
    }
    for (ptrdiff_t q = from; q < to;) {
        const struct edge *in[ADJOINT_DEPTH];
        const ptrdiff_t begin = q;
        ptrdiff_t stop = to;
        for (int l = 0; l < depth; l++) {
            in[l] = trace[-l].ring + place[l];
            stop = smaller(stop, q + trace[-l].size - place[l]); /* the end of a ring */
        }
        UNROLL_TURNS
        for (; q < stop; q++) {
            next[0] = row[q];
            UNROLL
            for (int l = depth - 1; l >= 0; l--) {
                const vec right = next[l], change = right - here[l];
{% if slopes_are_cheap %}
                struct edges edge;
                vec value;
                flux_and_slopes(1, &in[l][q - begin].r, &value, &edge{{ ", &k" if slope_arguments }});
                vec over = edge.slope[0] * change;
{% else %}
                const struct edge *edge = &in[l][q - begin];
                vec over = edge->slope * change;
{% endif %}
{% if table %}
                vec place_in = edge->place, change_in = change;
{% endif %}
                if (guarded) {
                    const ivec p = splat_integer((integer)q - 2 * l);
                    over = select_vec(less_integer(ends->first, p) & less_integer(p, ends->end), over, splat({{ zero }}));
{% if sums or table %}
                    const mvec is_own = less_integer(own->first, p) & less_integer(p, own->end);
{% for sum in sums %}
                    {{ sum }}[l] = select_vec(is_own, fma_vec({{ 'edge.%s[0]' % sum if slopes_are_cheap else 'edge->%s' % sum }}, change, {{ sum }}[l]), {{ sum }}[l]);
{% endfor %}
{% endif %}
{% if table %}
                    place_in = masked_vec(is_own, place_in);
                    change_in = masked_vec(is_own, change_in);
{% endif %}
                }{% if sums %} else {
{% for sum in sums %}
                    {{ sum }}[l] = fma_vec({{ 'edge.%s[0]' % sum if slopes_are_cheap else 'edge->%s' % sum }}, change, {{ sum }}[l]);
{% endfor %}
                }
{% endif %}

{% if table %}
                scatter(place_in, change_in, &waiting[l]);
{% endif %}
                next[l + 1] = fma_vec(step, over - before[l], here[l]);
                here[l] = right;
                before[l] = over;
            }
            row[q - (2 * depth - 1)] = next[depth];
        }
        for (int l = 0; l < depth; l++)
            place[l] = place[l] + q - begin == trace[-l].size ? 0 : place[l] + q - begin;
    }
    (void)own;
    for (int l = 0; l < depth; l++) {
        trace[-l].backward.here = here[l];
        trace[-l].backward.flux = before[l];
        trace[-l].backward.next = next[l];
{% if table %}
        add_waiting(&waiting[l]);
{% endif %}
{% for sum in sums %}
        trace[-l].{{ sum }} = {{ sum }}[l];
{% endfor %}
    }
}

APART void record_inner(vec *row, ptrdiff_t start, ptrdiff_t from, ptrdiff_t to, struct trace *trace,
                         const struct ends *ends, const struct slope_constants *k)
{
    record(ADJOINT_ABREAST, 0, row, start, from, to, trace, ends, k);
}
APART void record_guarded(vec *row, ptrdiff_t start, ptrdiff_t from, ptrdiff_t to, struct trace *trace,
                           const struct ends *ends, const struct slope_constants *k)
{
    record(1, 1, row, start, from, to, trace, ends, k);
}

#define BACK(name, depth, guarded) \
    APART void name(vec *row, ptrdiff_t start, ptrdiff_t from, ptrdiff_t to, struct trace *trace, \
                     const struct ends *ends, const struct ends *own, const struct slope_constants *k) \
    { \
        back(depth, guarded, row, start, from, to, trace, ends, own, k); \
    }
BACK(back_single, 1, 0)
BACK(back_single_guarded, 1, 1)
#if ADJOINT_DEPTH > 1
BACK(back_deep, ADJOINT_DEPTH, 0)
BACK(back_deep_guarded, ADJOINT_DEPTH, 1)
#else
#define back_deep back_single
#define back_deep_guarded back_single_guarded
#endif

/* The turns of a chunk in which `depth` levels, which lag by `shift`, take samples first <= p < end, and of
 * these the ones, `safe` to `stop`, in which all lanes are beyond `inner` and before `outer`. */
struct turns { ptrdiff_t from, safe, stop, to; };
static struct turns turns_of(ptrdiff_t start, ptrdiff_t shift, int depth, ptrdiff_t first, ptrdiff_t inner,
                             ptrdiff_t outer, ptrdiff_t end)
{
    struct turns t;
    t.from = larger(-shift, first - start);
    t.to = larger(t.from, smaller(ADJOINT_CHUNK - shift, end + 2 * depth - 1 - start));
    t.safe = larger(t.from, smaller(t.to, inner + 2 * depth - 1 - start));
    t.stop = larger(t.safe, smaller(t.to, outer - start));
    return t;
}

/* The adjoint of `levels` blocks on a tile: `states` are the samples before them, `weights` the gradient
 * after them, and where that before them goes. Sums of each block and lane are added to `sums`. */
static void adjoint_tile(const struct tile *states, const struct tile *weights, int levels,
                         const struct slope_constants *k, int layered, struct edge *edges{% if sums %},
                         double (*sums)[SUMS][LANES]{% endif %}{{ ", struct ends_of_piece *found" if table }})
{
    vec window[ADJOINT_CHUNK + 2 * ADJOINT_LEVELS], back_window[ADJOINT_CHUNK + 2 * ADJOINT_LEVELS];
    struct trace trace[ADJOINT_LEVELS];
    const struct extent first = extent_of(states->first), end = extent_of(states->end);
    const struct extent kept = extent_of(states->kept);
    const ptrdiff_t lag = 2 * levels, halo = states->halo;
    vec *row = window + lag, *back_row = back_window + lag;
    ptrdiff_t own_first[LANES], own_end[LANES];
    for (int lane = 0; lane < LANES; lane++) { /* the right sample of an edge whose left one is kept */
        own_first[lane] = larger(states->first[lane], halo);
        own_end[lane] = smaller(states->kept[lane] + 1, states->end[lane]);
    }
    const ptrdiff_t inner = extent_of(own_first).most, outer = extent_of(own_end).least;
    memset(trace, 0, (size_t)levels * sizeof *trace);
    memset(window, 0, sizeof window);
    memset(back_window, 0, sizeof back_window);
    for (int l = 0; l < levels; l++) {
        trace[l].ring = edges;
        trace[l].size = ADJOINT_CHUNK + 4 * (levels - l); /* from its turn forwards to that backwards */
        edges += trace[l].size;
{% if table %}
        trace[l].found = found + (ptrdiff_t)l * FOUND;
{% endif %}
    }
    for (ptrdiff_t start = 0; start < kept.most + 2 * lag; start += ADJOINT_CHUNK) {
        const ptrdiff_t back_start = start - lag;
        struct ends ends, own;
        set_ends(&ends, states->first, states->end, start);
        pack(states, kept.least, row, start, ADJOINT_CHUNK);
        for (int l = 0; l < levels; l++) {
            const struct slope_constants *constants = k + (layered ? l : 0);
            const struct turns t = turns_of(start, 2 * l, 1, first.least, first.most, end.least, end.most);
            if (t.from < t.safe)
                record_guarded(row, start, t.from, t.safe, trace + l, &ends, constants);
            if (t.safe < t.stop)
                record_inner(row, start, t.safe, t.stop, trace + l, &ends, constants);
            if (t.stop < t.to)
                record_guarded(row, start, t.stop, t.to, trace + l, &ends, constants);
        }
        memmove(window, window + ADJOINT_CHUNK, (size_t)lag * sizeof *window);

        set_ends(&ends, states->first, states->end, back_start);
        set_ends(&own, own_first, own_end, back_start);
        pack(weights, kept.least, back_row, back_start, ADJOINT_CHUNK);
        for (int done = 0, depth; done < levels; done += depth) {
            const int l = levels - 1 - done;
            const struct slope_constants *constants = k + (layered ? l : 0);
            depth = layered || levels - done < ADJOINT_DEPTH ? 1 : ADJOINT_DEPTH;
            const struct turns t = turns_of(back_start, 2 * done, depth, first.least, inner, outer, end.most);
            if (t.from < t.safe)
                (depth == 1 ? back_single_guarded : back_deep_guarded)(back_row, back_start, t.from, t.safe, trace + l, &ends, &own, constants);
            if (t.safe < t.stop)
                (depth == 1 ? back_single : back_deep)(back_row, back_start, t.safe, t.stop, trace + l, &ends, &own, constants);
            if (t.stop < t.to)
                (depth == 1 ? back_single_guarded : back_deep_guarded)(back_row, back_start, t.stop, t.to, trace + l, &ends, &own, constants);
        }
        unpack(weights, kept.least, back_row - lag, back_start - lag, ADJOINT_CHUNK);
        memmove(back_window, back_window + ADJOINT_CHUNK, (size_t)lag * sizeof *back_window);
{% if sums %}
        if ((start + ADJOINT_CHUNK) % SPAN && start + ADJOINT_CHUNK < kept.most + 2 * lag)
            continue;
        for (int l = 0; l < levels; l++) {
{% for sum in sums %}
            for (int lane = 0; lane < LANES; lane++)
                sums[l][at_{{ sum }}][lane] += (double)lane_of(trace[l].{{ sum }}, lane);
            trace[l].{{ sum }} = splat({{ zero }});
{% endfor %}
        }
{% endif %}
    }
}

{% set of_edges = [("step", slope_step), ("back", "(%s) * (%s)" % (slope_step, slope_inverse_h) if inverse_h else slope_step)] %}
{{ constants_function("slope_constants", slope_constants, of_edges + ([("inverse_h", slope_inverse_h)] if inverse_h else []), slope_arguments) }}

{% if sums %}
/* Adds the gradients by the parameters of a block: sums over its edges, each times a constant. */
static void add_gradients(const struct given *given, ptrdiff_t block, const double *sums, double *by)
{
    const struct slope_constants k = slope_constants_of(given, block);
    const double step = (double)lane_of(k.step, 0);
{% if inverse_h %}
    const double h = 1 / (double)lane_of(k.inverse_h, 0);
{% endif %}
{% for name in scalars %}
    const double {{ name }} = (double)given->{{ name }}[given->stride * block];
{% endfor %}
{% for name in scalars %}
    (void){{ name }};
{% endfor %}
    (void)step;
{% if inverse_h %}
    (void)h;
{% endif %}
{% for gradient in by_parameters %}
    by[{{ gradient.index }} * (ptrdiff_t)BLOCKS + block] -= {% for term in gradient.terms %}{{ " + " if not loop.first }}{{ term.factor }} * sums[at_{{ term.sum }}]{% endfor %};
{% endfor %}
}

{% endif %}
{% if table %}
/* Adds the gradients by the values of the table of a block. */
static void add_values(const struct given *given, ptrdiff_t block, const double *found, double *by)
{
    const double step = (double)lane_of(slope_constants_of(given, block).step, 0);
    for (ptrdiff_t k = 0; k < LAST + 2; k++)
        by[({{ scalars | length }} + k) * (ptrdiff_t)BLOCKS + block] -= step * found[k];
}

{% endif %}
/* Into how many pieces signals are cut, so that there are enough for all lanes and threads. */
static ptrdiff_t pieces_of(size_t signals, ptrdiff_t samples, int levels)
{
    const ptrdiff_t most = samples / (8 * levels); /* a piece costs 2 samples of halo for each level on both sides */
    const ptrdiff_t wanted = larger((samples - 1) / LONG + 1, signals < 4 * GROUP ? 4 * GROUP / (ptrdiff_t)signals : 1);
    return larger(1, smaller(most, wanted));
}

/* The adjoint of blocks first to first + levels of GROUP pieces, or fewer; gradients are added to `by` in the
 * order of the groups. */
static void adjoint_group(const real *f, const real *w, real *to, ptrdiff_t samples, ptrdiff_t pieces,
                          ptrdiff_t group, ptrdiff_t all, int first, int levels, const struct given *given,
                          struct edge *edges{% if sums %}, double (*found)[SUMS]{% endif %}{{ ", struct ends_of_piece *ends, double *of_values" if table }})
{
    struct slope_constants k[ADJOINT_LEVELS];
    struct tile states, weights;
    const ptrdiff_t begin = group * GROUP, stop = smaller(begin + GROUP, all);
    for (int l = 0; l < (given->stride ? levels : 1); l++)
        k[l] = slope_constants_of(given, first + l);
{% if sums %}
    memset(found, 0, (size_t)levels * sizeof *found);
{% endif %}
{% if table %}
    memset(of_values, 0, (size_t)levels * (LAST + 2) * sizeof *of_values);
{% endif %}
    states.halo = weights.halo = {{ "2 * levels" if spec.periodic else "pieces > 1 ? 2 * levels : 0" }};
    for (ptrdiff_t item = begin; item < stop; item += LANES) {
        states.lanes = weights.lanes = (int)smaller(LANES, stop - item);
        for (int lane = 0; lane < LANES; lane++) {
            const ptrdiff_t own = lane < states.lanes ? item + lane : item;
            const ptrdiff_t signal = own / pieces, piece = own % pieces;
            const ptrdiff_t start = samples / pieces * piece + samples % pieces * piece / pieces;
            const ptrdiff_t end = samples / pieces * (piece + 1) + samples % pieces * (piece + 1) / pieces;
            set_piece(&states, lane, f + signal * samples, to + signal * samples, samples, start, end - start);
            set_piece(&weights, lane, w + signal * samples, to + signal * samples, samples, start, end - start);
        }
{% if table %}
        memset(ends, 0, (size_t)levels * FOUND * sizeof *ends);
{% endif %}
{% if sums %}
        double sums[ADJOINT_LEVELS][SUMS][LANES];
        memset(sums, 0, sizeof sums);
        adjoint_tile(&states, &weights, levels, k, given->stride != 0, edges, sums{{ ", ends" if table }});
        for (int l = 0; l < levels; l++)
            for (int sum = 0; sum < SUMS; sum++)
                for (int lane = 0; lane < states.lanes; lane++)
                    found[l][sum] += sums[l][sum][lane];
{% else %}
        adjoint_tile(&states, &weights, levels, k, given->stride != 0, edges{{ ", ends" if table }});
{% endif %}
{% if table %}
        for (int l = 0; l < levels; l++)
            gather(ends + (ptrdiff_t)l * FOUND, states.lanes, of_values + (ptrdiff_t)l * (LAST + 2));
{% endif %}
    }
}

/* The adjoint of blocks first to first + levels: f before them, w after them; `work` has `rings` edges for each thread. */
static void adjoint_all(const real *f, const real *w, real *to, size_t signals, ptrdiff_t samples, int first,
                        int levels, int threads, const struct given *given, struct edge *work, size_t rings{% if sums or table %}, double *by{% endif %}{{ ", struct ends_of_piece *ends" if table }})
{
    const ptrdiff_t pieces = pieces_of(signals, samples, levels), all = (ptrdiff_t)signals * pieces;
    const ptrdiff_t groups = (all - 1) / GROUP + 1;
#ifdef _OPENMP
#pragma omp parallel for ordered schedule(static, 1) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t group = 0; group < groups; group++) {
{% if sums %}
        double sums[ADJOINT_LEVELS][SUMS];
{% endif %}
{% if table %}
        struct ends_of_piece *const own = ends + (ptrdiff_t)THREAD * levels * FOUND;
        double *const of_values = (double *)(ends + (ptrdiff_t)threads * levels * FOUND) + (ptrdiff_t)THREAD * levels * (LAST + 2);
{% endif %}
        adjoint_group(f, w, to, samples, pieces, group, all, first, levels, given, work + (size_t)THREAD * rings{{ ", sums" if sums }}{{ ", own, of_values" if table }});
{% if sums or table %}
#ifdef _OPENMP
#pragma omp ordered
#endif
        for (int l = 0; l < levels; l++) {
{% if sums %}
            add_gradients(given, first + l, sums[l], by);
{% endif %}
{% if table %}
            add_values(given, first + l, of_values + (ptrdiff_t)l * (LAST + 2), by);
{% endif %}
        }
{% endif %}
    }
    (void)threads;
}
