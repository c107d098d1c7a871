{# Cycles of explicit steps with g frozen, on arrays. Needs vector.h, memory.h. #}
/* How the work is cut; any choice gives the same bits. */
#ifndef ROOM
#define ROOM (1 << 19) /* bytes of the slabs that several steps pass over while these are in the caches */
#endif
{% if axes == 1 %}
#ifndef SEGMENT
#define SEGMENT 1024 /* places of a row that a step takes at a time, a multiple of LANES */
#endif
{% endif %}
#define CYCLE {{ spec.cycle }}

{% include "diffusivity.h" %}

{% include "given.h" %}

{% include "items.h" %}

{% include "conductances.h" %}

/* ---- Cycles ------------------------------------------------------------------------------------
 * u_{k+1} = a_k (u_k + tau A u_k) + (1 - a_k) u_{k-1} with A v = sum_a D_a^-(c D_a^+ v), c as at the beginning of the cycle.
 * Two states stand in two arrays, and step k writes over state k - 1. */
struct cycle {
    const struct item *item;
    const real *conductances;
    real *states[CYCLE < 2 ? 2 : CYCLE]; /* state k is in states[k % kept] */
    int kept;
    const struct cycle *forwards; /* of a cycle that goes back */
    real *by;                     /* and what the sum changes by with each conductance */
};

INLINE real weight(int k) { return (real)((4.0 * k + 2.0) / (2.0 * k + 3.0)); }

{% if gradients %}
#ifndef WITHOUT_VJP
{% include "products.h" %}
#endif

{% endif %}
/* A step on a row, places from <= x < to: next <- a (now + what flows in) + rest before. */
APART void step_row(const real *now, const real *before, const struct beside *beside, real *next, ptrdiff_t from, ptrdiff_t to, real a, real rest)
{
    UNROLL_TURNS
    for (ptrdiff_t x = from; x < to; x += LANES) {
        const vec here = load(now + x);
        store(next + x, fma_vec(splat(a), here + inflow(here, beside, x), splat(rest) * load(before + x)));
    }
}

/* Step k on slab s{{ ", here a segment," if axes == 1 }} of all channels; on its way back first what its differences tell of conductances. */
static void step(const struct cycle *cycle, int k, ptrdiff_t s)
{
    const struct item *const item = cycle->item;
    const real *const state = cycle->states[k % cycle->kept], *const last = k ? cycle->states[(k + cycle->kept - 1) % cycle->kept] : state;
    real *const next = cycle->states[(k + 1) % cycle->kept];
    const real a = weight(cycle->forwards ? CYCLE - 1 - k : k), rest = {{ one }} - (!cycle->forwards ? a : k ? weight(CYCLE - k) : {{ one }});
{% if axes == 1 %}
    const ptrdiff_t from = s * SEGMENT, to = smaller(from + SEGMENT, item->pitch);
    s = 0;
{% else %}
    const ptrdiff_t from = 0, to = item->pitch;
{% endif %}
    for (ptrdiff_t c = 0; c < item->channels; c++)
        for (ptrdiff_t y = 0; y < item->thick; y++) {
            const ptrdiff_t channel = c * item->apart, place = channel + (s * item->thick + y) * item->pitch;
            struct beside beside[{{ axes }}];
{% if gradients %}
#ifndef WITHOUT_VJP
            for (int axis = 0; axis < {{ axes }} && cycle->forwards; axis++) {
                const real *const with = cycle->forwards->states[CYCLE - 1 - k] + channel;
                const ptrdiff_t here = place - channel, ahead = place_of(item, axis, 1, s, y);
                add_products_row(state + place, state + channel + ahead, with + here, with + ahead, a, cycle->by + axis * item->apart + here, from, to);
            }
#endif
{% endif %}
            for (int axis = 0; axis < {{ axes }}; axis++)
                beside[axis] = beside_of(item, axis, state + channel, cycle->conductances, s, y);
            step_row(state + place, last + place, beside, next + place, from, to, a, rest);
            set_beyond(item, next + place);
        }
}

/* Slabs first <= s < end{{ " (segments of a signal)" if axes == 1 }}, through steps k <= . < k + levels, each one slab behind the one before: what a step
 * writes over is read no more. At an open end each step leaves one slab more to be done: it needs the neighbours. */
static void steps(const struct cycle *cycle, int k, int levels, ptrdiff_t first, ptrdiff_t end, int open_first, int open_end)
{
    for (ptrdiff_t t = first; t < end + levels - 1; t++)
        for (int level = 0; level < levels; level++) {
            const ptrdiff_t s = t - level;
            if (s >= first + (open_first ? level : 0) && s < end - (open_end ? level : 0))
                step(cycle, k + level, s);
        }
}

{% if axes > 1 %}
/* What the bands on both sides of slab `between` have left. */
static void steps_left(const struct cycle *cycle, int k, int levels, ptrdiff_t between)
{
    for (int level = 1; level < levels; level++)
        for (ptrdiff_t s = between - level; s < between + level; s++)
            step(cycle, k + level, {{ "within(s, cycle->item->slabs)" if spec.periodic else "s" }});
}

/* Some steps on an item in bands of slabs, one for each thread; then what they have left. */
static void steps_in_bands(const struct cycle *cycle, int k, int levels, ptrdiff_t bands, int threads)
{
    const ptrdiff_t slabs = cycle->item->slabs;
#ifdef _OPENMP
#pragma omp parallel num_threads(threads) if (threads > 1)
#endif
    {
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
        for (ptrdiff_t band = 0; band < bands; band++)
            steps(cycle, k, levels, slabs * band / bands, slabs * (band + 1) / bands, {{ "1, 1" if spec.periodic else "band > 0, band + 1 < bands" }});
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
        for (ptrdiff_t band = {{ 0 if spec.periodic else 1 }}; band < bands; band++)
            steps_left(cycle, k, levels, slabs * band / bands);
    }
    (void)threads;
}
{% endif %}

/* Steps that pass over the slabs together: as many as the caches hold, and no more than bands have slabs for. */
static int levels_of(const struct item *item, ptrdiff_t bands, int is_back)
{
{% if axes == 1 %}
    const ptrdiff_t slab = SEGMENT * ((2 + is_back) * item->channels + (1 + is_back)) * (ptrdiff_t)sizeof(real), slabs = (item->pitch - 1) / SEGMENT + 1;
{% else %}
    const ptrdiff_t slab = item->thick * item->pitch * ((2 + is_back) * item->channels + (1 + is_back) * {{ axes }}) * (ptrdiff_t)sizeof(real), slabs = item->slabs;
{% endif %}
    ptrdiff_t levels = smaller(larger(ROOM / slab - 2, 1), CYCLE);
{% if spec.periodic %}
    levels = {{ "slabs > 1 ? 1 : levels" if axes == 1 else "larger(1, smaller(levels, slabs / bands / 2))" }};
{% else %}
    if (bands > 1)
        levels = larger(1, smaller(levels, slabs / bands / 2));
{% endif %}
    (void)slabs;
    (void)bands;
    return (int)((CYCLE - 1) / ((CYCLE - 1) / levels + 1) + 1); /* groups of equal size */
}

/* Some steps of a cycle. */
static void run(const struct cycle *cycle, int count, ptrdiff_t bands, int threads)
{
    const int levels = levels_of(cycle->item, bands, cycle->forwards != NULL);
    for (int k = 0; k < count; k += levels) {
        const int some = (int)smaller(levels, count - k);
{% if axes == 1 %}
        steps(cycle, k, some, 0, (cycle->item->pitch - 1) / SEGMENT + 1, 0, 0);
{% else %}
        steps_in_bands(cycle, k, some, bands, threads);
{% endif %}
    }
    (void)threads;
}

/* Bands of slabs, each for a thread. */
INLINE ptrdiff_t bands_of(const struct item *item, int threads)
{
{% if axes == 1 %}
    (void)item;
    (void)threads;
    return 1;
{% else %}
    return smaller(threads, larger(1, item->slabs / 8));
{% endif %}
}

/* All blocks of an item. */
static void filter_item(const struct item *item, const real *f, real *u, int threads, const struct given *given, real *work)
{
    const ptrdiff_t volume = item->channels * item->apart, bands = bands_of(item, threads);
    real *const conductances = work, *const states = conductances + {{ axes }} * item->apart, *const room = states + 2 * volume;
    struct cycle cycle = { item, conductances, { states, states + volume }, 2, NULL, NULL };
    read_rows(item, f, states, 0, item->rows);
    for (int block = given->first; block < given->stop; block++) {
        const struct constants k = constants_of(given, block);
#ifdef _OPENMP
#pragma omp parallel num_threads(threads) if (threads > 1)
#endif
        conduct_all(item, cycle.states[0], conductances, bands, room, &k);
        run(&cycle, CYCLE, bands, threads);
        if (CYCLE % 2) {
            real *const last = cycle.states[1];
            cycle.states[1] = cycle.states[0];
            cycle.states[0] = last;
        }
    }
    write_rows(item, cycle.states[0], u, 0, item->rows);
}

/* Arrays of an item; and the threads that take items. If these are too few, threads share one. */
INLINE ptrdiff_t together_of(const ptrdiff_t *size, ptrdiff_t images) { (void)size; (void)images; return 1; }
INLINE int outer_of(const ptrdiff_t *size, ptrdiff_t images, int threads)
{
    (void)size;
{% if axes == 1 %}
    (void)images;
    return (int)larger(threads, 1);
{% else %}
    return images < threads ? 1 : (int)larger(threads, 1);
{% endif %}
}

/* All blocks on all arrays. */
static int filter_all(const real *f, real *u, size_t images, ptrdiff_t channels, const ptrdiff_t *size, int threads,
                      const struct given *given)
{
    const struct item item = item_of(size, channels, 1);
    const ptrdiff_t image = channels * item.rows * item.width;
    if (images == 0 || image == 0)
        return 0;
    const int outer = outer_of(size, (ptrdiff_t)images, threads), inner = threads > outer ? threads : 1;
    const ptrdiff_t each = (2 * channels + {{ axes }}) * item.apart + 2 * inner * cells_between(&item) + 2 * LANES;
    char *const memory = (char *)calloc((size_t)each * (size_t)outer * sizeof(real) + 64, 1);
    if (!memory)
        return -1;
    real *const work = aligned(memory);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(outer) if (outer > 1)
#endif
    for (ptrdiff_t i = 0; i < (ptrdiff_t)images; i++)
        filter_item(&item, f + i * image, u + i * image, inner, given, work + THREAD * each + LANES);
    free(memory);
    return 0;
}
