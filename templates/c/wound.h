{# One signal in all lanes, for kernels of several blocks. Needs vector.h, lanes.h, flux.h, sweep.h and struct given. #}
/* ---- A signal alone -----------------------------------------------------------------------------
 * A signal that stays in the caches is wound around the lanes: each lane holds a piece of it, and beyond its
 * end lies the beginning of the next. No halo is computed twice.
 *
 *     lane 0:  u_0   u_1     ...  u_{n-1}   then u_n
 *     lane 1:  u_n   u_{n+1} ...  u_{2n-1}  then u_{2n}
 *     lane 2:  ...
 *
 * Where the pieces are not equal, the last lanes begin with a copy of the sample before theirs. */
#ifndef WOUND
#define WOUND (65536 / (LANES * (int)sizeof(real))) /* samples of each lane: 64 KB, on the stack */
#endif

/* All of `now` but its first lane, then its first. */
INLINE vec turned_down(vec now)
{
#if VECTOR_BYTES == 0
    return now;
{% for bytes in (16, 32, 64) %}
#elif VECTOR_BYTES == {{ bytes }}
    return SHUFFLE(now, now, {{ range(1, bytes // size + 1) | join(", ") }});
{% endfor %}
#endif
}

/* One level; `is_copy`: the lanes whose first sample is a copy; `has_next`: those that another lane follows. */
APART void level_wound(vec *row, ptrdiff_t length, mvec is_copy, mvec has_next, const struct constants *k)
{
    struct level level;
    vec over[ABREAST];
    const vec last = row[length - 1];
    const ptrdiff_t rest = length - ABREAST;
    row[length] = turned_down(select_vec(is_copy, row[1], row[0]));
{% if spec.periodic %}
    (void)has_next;
{% else %}
    row[length] = select_vec(has_next, row[length], last);
{% endif %}
    row[0] = select_vec(is_copy, shifted(last, last), row[0]);
    /* the last edges first: what flows out of a lane flows into the next */
    fluxes(ABREAST, row + rest, row + rest + 1, over, k);
{% if not spec.periodic %}
    over[ABREAST - 1] = select_vec(has_next, over[ABREAST - 1], splat({{ zero }})); /* no flux crosses an end */
{% endif %}
    level.here = row[0];
    level.flux = shifted(over[ABREAST - 1], over[ABREAST - 1]);
{% if spec.clamp %}
    level.left = shifted(last, last);
{% if not spec.periodic %}
    set_lane(&level.left, 0, lane_of(row[0], 0));
{% endif %}
{% endif %}
    const ptrdiff_t odd = sweep(1, ABREAST, 0, row, 1, rest + 1, &level, NULL, k);
    sweep(1, 1, 0, row, odd, rest + 1, &level, NULL, k);
    for (int each = 0; each < ABREAST; each++) {
        const ptrdiff_t p = rest + 1 + each;
        row[p - 1] = turn(0, p, row[p], over[each], &level, NULL, k->step);
    }
}

/* A signal of at least LANES and ABREAST, and at most WOUND, samples in each lane. */
static void filter_wound(const real *f, real *u, ptrdiff_t samples, const struct given *given)
{
    vec row[WOUND + 1], v[LANES];
    const ptrdiff_t length = (samples + LANES - 1) / LANES;
    const int whole = LANES - (int)(length * LANES - samples); /* lanes without a copy */
    ptrdiff_t begin[LANES];
    mvec is_copy = all_lanes(0), has_next = all_lanes(1);
    set_mask(&has_next, LANES - 1, 0);
    for (int lane = 0; lane < LANES; lane++) {
        begin[lane] = lane * length - (lane < whole ? 0 : lane - whole + 1);
        set_mask(&is_copy, lane, lane >= whole);
    }
    for (ptrdiff_t i = 0; i < length; i += LANES) { /* the last vectors once more, perhaps */
        const ptrdiff_t p = smaller(i, length - LANES);
        UNROLL
        for (int lane = 0; lane < LANES; lane++)
            v[lane] = load(f + begin[lane] + p);
        transpose(v);
        memcpy(row + p, v, sizeof v);
    }
    struct constants k = constants_of(given, given->first);
    for (int block = given->first; block < given->stop; block++) {
        if (given->stride)
            k = constants_of(given, block);
        level_wound(row, length, is_copy, has_next, &k);
    }
    row[0] = select_vec(is_copy, shifted(row[length - 1], row[length - 1]), row[0]);
    for (ptrdiff_t i = 0; i < length; i += LANES) {
        const ptrdiff_t p = smaller(i, length - LANES);
        memcpy(v, row + p, sizeof v);
        transpose(v);
        UNROLL
        for (int lane = 0; lane < LANES; lane++)
            store(u + begin[lane] + p, v[lane]);
    }
}
