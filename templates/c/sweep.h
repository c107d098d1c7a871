{# The register wavefront over several time levels. Needs vector.h, lanes.h, flux.h. #}
/* ---- The wavefront ------------------------------------------------------------------------------
 * A level is one residual block. DEPTH levels run through a row together: in each turn, level l
 * takes what level l - 1 gave in the turn before, so that no level waits for another within a turn.
 *
 *     turn q:  level 0 takes sample q, level 1 sample q - 2, level 2 sample q - 4, ...;
 *              a level that takes sample p gives sample p - 1, one level on.
 *
 * Samples, fluxes and what is passed on stay in registers; a row is read and written in place once
 * for DEPTH levels, and its results lie where its samples lay. */
struct level {
    vec here; /* the sample taken last */
{% if spec.clamp %}
    vec left; /* the one before it; itself where there is none */
{% endif %}
    vec flux; /* the flux over its left edge */
    vec next; /* the sample to be taken next, unless it comes from the row */
};

/* Field by field: gcc keeps in memory what is copied as a whole. */
INLINE void copy_level(struct level *to, const struct level *from)
{
    to->here = from->here;
{% if spec.clamp %}
    to->left = from->left;
{% endif %}
    to->flux = from->flux;
    to->next = from->next;
}

{% if clip %}
/* a - b by the unit that multiplies: the one that adds is busy with min and max (measured: a seventh of the time). */
INLINE vec difference(vec a, vec b)
{
#ifdef NATIVE_FMA
    return NATIVE(fmsub)(a, splat({{ one }}), b);
#else
    return a - b;
#endif
}

{% endif %}
/* Where the lanes begin and end, in the count of the row; no flux crosses an end. */
struct ends { ivec first, end; };

/* One turn of a level: it takes the sample `right`, at place p of the row, with the flux over the edge on its left,
 * and gives the sample before it, one level on. `guarded` where a lane may begin or end in this turn. */
INLINE vec turn(const int guarded, ptrdiff_t p, vec right, vec over, struct level *level, const struct ends *ends, vec step)
{
    const vec here = level->here;
{% if spec.clamp %}
    vec beyond = right, behind = here; /* the right neighbour of here, and the left one of right */
{% endif %}
    if (guarded) {
        const ivec place = splat_integer((integer)p);
        const mvec is_edge = less_integer(ends->first, place) & less_integer(place, ends->end);
        over = select_vec(is_edge, over, splat({{ zero }}));
{% if spec.clamp %}
        beyond = select_vec(is_edge, right, here);
        behind = select_vec(is_edge, here, right);
{% endif %}
    }
    vec next = fma_vec(step, {{ "difference(over, level->flux)" if clip else "over - level->flux" }}, here);
{% if spec.clamp %}
    /* no sample leaves the range of the three it comes from; in this order NaN remains */
    const vec lowest = min_vec(min_vec(level->left, here), beyond);
    const vec highest = max_vec(max_vec(level->left, here), beyond);
    next = max_vec(lowest, min_vec(highest, next));
    level->left = behind;
{% endif %}
    level->here = right;
    level->flux = over;
    return next;
}

/* Turns from <= q < to, `turns` of them abreast while there are as many, of `depth` levels; one of the two is 1.
 * Returns the turn to go on with. */
INLINE ptrdiff_t sweep(const int depth, const int turns, const int guarded, vec *row, ptrdiff_t from, ptrdiff_t to,
                       struct level *level, const struct ends *ends, const struct constants *given)
{
    const struct constants k = *given;
    const int count = depth * turns;
    struct level own[DEPTH];
    ptrdiff_t q = from;
    UNROLL
    for (int l = 0; l < depth; l++)
        copy_level(&own[l], &level[l]);
{% if is_linear %}
    UNROLL_TURNS
{% endif %}
    for (; q + turns <= to; q += turns) {
        vec left[ABREAST], right[ABREAST], over[ABREAST];
        UNROLL
        for (int each = 0; each < count; each++) {
            const int l = depth > 1 ? each : 0, t = each - l;
            right[each] = l ? own[l].next : row[q + t];
            left[each] = t ? right[each - 1] : own[l].here;
        }
        fluxes(count, left, right, over, &k);
        UNROLL
        for (int each = 0; each < count; each++) {
            const int l = depth > 1 ? each : 0, t = each - l;
            const vec next = turn(guarded, q + t - 2 * l, right[each], over[each], &own[l], ends, k.step);
            if (l + 1 < depth)
                own[l + 1].next = next;
            else
                row[q + t - (2 * depth - 1)] = next;
        }
    }
    UNROLL
    for (int l = 0; l < depth; l++)
        copy_level(&level[l], &own[l]);
    return q;
}

#define SWEEP(name, depth, turns, guarded) \
    APART void name(vec *row, ptrdiff_t from, ptrdiff_t to, struct level *level, const struct ends *ends, \
                     const struct constants *k) \
    { \
        from = sweep(depth, turns, guarded, row, from, to, level, ends, k); \
        if (turns > 1) \
            sweep(depth, 1, guarded, row, from, to, level, ends, k); \
    }
SWEEP(single, 1, ABREAST, 0)
SWEEP(single_guarded, 1, 1, 1)
#if DEPTH > 1
SWEEP(deep, DEPTH, 1, 0)
SWEEP(deep_guarded, DEPTH, 1, 1)
#else
#define deep single
#define deep_guarded single_guarded
#endif

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

/* Ends in the count of a row that begins at sample `start`. */
static void set_ends(struct ends *ends, const ptrdiff_t *first, const ptrdiff_t *end, ptrdiff_t start)
{
    integer from[LANES], to[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        from[lane] = (integer)larger(first[lane] - start, -FAR);
        to[lane] = (integer)smaller(end[lane] - start, FAR);
    }
    memcpy(&ends->first, from, sizeof from);
    memcpy(&ends->end, to, sizeof to);
}

/* `levels` levels over all samples of a tile, CHUNK samples at a time; the samples that the next
 * levels still need wait in front of the chunk. `layered`: each level has constants of its own, and
 * runs alone. */
static void filter(const struct tile *tile, int levels, const struct constants *k, int layered)
{
    vec window[CHUNK + 2 * MOST_LEVELS];
    struct level level[MOST_LEVELS];
    const struct extent first = extent_of(tile->first), end = extent_of(tile->end);
    const ptrdiff_t inside = extent_of(tile->kept).least;
    const int deepest = layered ? 1 : DEPTH;
    const ptrdiff_t lag = levels / deepest * (2 * deepest - 1) + levels % deepest;
    vec *row = window + lag; /* row[i] is sample start + i */
    memset(level, 0, (size_t)levels * sizeof *level);
    for (ptrdiff_t start = 0; start < end.most + lag; start += CHUNK) {
        const ptrdiff_t rest = (end.most + lag - start + LANES - 1) / LANES * LANES, count = smaller(CHUNK, rest);
        struct ends ends;
        set_ends(&ends, tile->first, tile->end, start);
        pack(tile, inside, row, start, count);
        ptrdiff_t shift = 0; /* how far the results of a level lie behind the samples of the first */
        for (int done = 0, depth; done < levels; done += depth, shift += 2 * depth - 1) {
            const struct constants *own = k + (layered ? done : 0);
            depth = levels - done < deepest ? 1 : deepest;
            /* the turns of this chunk that any lane needs, and of these the ones in which none begins or ends */
            const ptrdiff_t from = larger(-shift, first.least - start);
            const ptrdiff_t to = smaller(CHUNK - shift, end.most + 2 * depth - 1 - start);
            const ptrdiff_t safe = larger(from, smaller(to, first.most + 2 * depth - 1 - start));
            const ptrdiff_t stop = larger(safe, smaller(to, end.least - start));
            if (from < safe)
                (depth == 1 ? single_guarded : deep_guarded)(row, from, safe, level + done, &ends, own);
            if (safe < stop)
                (depth == 1 ? single : deep)(row, safe, stop, level + done, &ends, own);
            if (stop < to)
                (depth == 1 ? single_guarded : deep_guarded)(row, stop, to, level + done, &ends, own);
        }
        unpack(tile, inside, row - lag, start - lag, count);
        memmove(window, window + CHUNK, (size_t)lag * sizeof *window);
    }
}
