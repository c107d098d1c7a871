{# One level along a signal, for kernels of one block. Needs vector.h, lanes.h, flux.h. #}
/* ---- One block alone ----------------------------------------------------------------------------
 * With nothing to gain from samples that stay in registers, the lanes hold consecutive samples: a
 * signal is read and written once, as it lies, and bound by memory. The bits are those of a sweep. */

{% include "stream.h" %}

/* The processor looks ahead by itself, but not far enough (measured: a fifth of the time of a signal in memory). */
#ifdef __GNUC__
#define FETCH(place) __builtin_prefetch(place)
#else
#define FETCH(place) (void)(place)
#endif
#define FETCHED (4096 / (ptrdiff_t)sizeof(real)) /* samples ahead */
#define LINE (64 / (int)sizeof(real))            /* samples of a line of the cache */

/* `over`, `before`: the fluxes over the right and left edges of the samples `here`{{ ", which lie between `left` and `right`" if spec.clamp }}. */
INLINE vec stepped(vec here, vec over, vec before{% if spec.clamp %}, vec left, vec right{% endif %}, const struct constants *k)
{
    const vec next = fma_vec(k->step, over - before, here);
{% if spec.clamp %}
    const vec lowest = min_vec(min_vec(left, here), right);
    const vec highest = max_vec(max_vec(left, here), right);
    return max_vec(lowest, min_vec(highest, next));
{% else %}
    return next;
{% endif %}
}

/* The flux over one edge in each lane. */
INLINE vec flux_over(vec left, vec right, const struct constants *k)
{
    vec over;
    fluxes(1, &left, &right, &over, k);
    return over;
}

/* One block on a signal of more than LANES samples; u may be f. */
static void step_along(const real *f, real *u, ptrdiff_t samples, const struct constants *given)
{
    const struct constants k = *given;
    real rest[2 * LANES + 1] = { {{ zero }} };
{% if spec.periodic %}
    const real first = f[0];
    vec before = flux_over(splat(f[samples - 1]), splat(first), &k);
{% if spec.clamp %}
    vec behind = splat(f[samples - 1]);
{% endif %}
{% else %}
    vec before = splat({{ zero }}); /* no flux crosses an end */
{% if spec.clamp %}
    vec behind = splat(f[0]);
{% endif %}
{% endif %}
    ptrdiff_t i = 0;
    const int is_streamed = u != f && IS_STREAMED((size_t)samples * sizeof *u);
    const ptrdiff_t crooked = is_streamed ? (ptrdiff_t)(-(uintptr_t)u % sizeof(vec) / sizeof *u) : 0;
    if (crooked > 0) { /* whole vectors go to the memory's own boundaries: begin there */
        const vec here = load(f), right = load(f + 1), over = flux_over(here, right, &k);
        store(u, stepped(here, over, shifted(before, over){% if spec.clamp %}, shifted(behind, here), right{% endif %}, &k));
        i = crooked;
        before = flux_over(splat(f[i - 1]), splat(f[i]), &k);
{% if spec.clamp %}
        behind = splat(f[i - 1]);
{% endif %}
    }
    for (; i + ABREAST * LANES < samples; i += ABREAST * LANES) {
        vec here[ABREAST], right[ABREAST], over[ABREAST];
        for (int ahead = 0; ahead < ABREAST * LANES; ahead += LINE)
            FETCH(f + smaller(i + FETCHED + ahead, samples - 1));
        UNROLL
        for (int each = 0; each < ABREAST; each++) {
            here[each] = load(f + i + each * LANES);
            right[each] = load(f + i + each * LANES + 1);
        }
        fluxes(ABREAST, here, right, over, &k);
        UNROLL
        for (int each = 0; each < ABREAST; each++) {
            const vec next = stepped(here[each], over[each], shifted(before, over[each]){% if spec.clamp %}, shifted(behind, here[each]), right[each]{% endif %}, &k);
            if (is_streamed)
                STREAM(u + i + each * LANES, next);
            else
                store(u + i + each * LANES, next);
            before = over[each];
{% if spec.clamp %}
            behind = here[each];
{% endif %}
        }
    }
    for (; i + LANES < samples; i += LANES) {
        const vec here = load(f + i), right = load(f + i + 1), over = flux_over(here, right, &k);
        store(u + i, stepped(here, over, shifted(before, over){% if spec.clamp %}, shifted(behind, here), right{% endif %}, &k));
        before = over;
{% if spec.clamp %}
        behind = here;
{% endif %}
    }
    if (is_streamed)
        FENCE();
    const ptrdiff_t left_over = samples - i; /* 1 to LANES */
    memcpy(rest, f + i, (size_t)left_over * sizeof *rest);
{% if spec.periodic %}
    rest[left_over] = first;
    const vec here = load(rest), right = load(rest + 1), over = flux_over(here, right, &k);
{% else %}
    rest[left_over] = rest[left_over - 1];
    mvec is_edge = all_lanes(0);
    for (int lane = 0; lane < left_over - 1; lane++)
        set_mask(&is_edge, lane, 1);
    const vec here = load(rest), right = load(rest + 1);
    const vec over = select_vec(is_edge, flux_over(here, right, &k), splat({{ zero }}));
{% endif %}
    store(rest, stepped(here, over, shifted(before, over){% if spec.clamp %}, shifted(behind, here), right{% endif %}, &k));
    memcpy(u + i, rest, (size_t)left_over * sizeof *rest);
}

