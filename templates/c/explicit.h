{# Explicit steps on arrays: tiles through several levels. Needs vector.h, memory.h. #}
/* How the work is cut; any choice gives the same bits. */
#ifndef MOST_LEVELS
#define MOST_LEVELS {{ 8 if axes == 3 else 16 }} /* blocks for which an array is read once */
#endif
#ifndef BAND
#define BAND {{ {1: 1, 2: 4, 3: 1}[axes] }} /* slabs that a level takes at a time */
#endif
#ifndef ROOM
#define ROOM {{ 2 ** 23 if axes == 3 else 2 ** 19 }} /* bytes of a tile at work (measured) */
#endif
#ifndef NARROW
#define NARROW(levels) {{ "(6 * (levels))" if axes == 3 else "(16 * (levels) + 64)" }} /* no tile is narrower: each level costs a sample of halo on both sides */
#endif

{% include "stream.h" %}

{% include "rows.h" %}

{% include "given.h" %}

{% include "slabs.h" %}

/* ---- Arrays ------------------------------------------------------------------------------------ */

/* Some blocks on all arrays; `from` and `to` are apart. */
static void filter_pass(const real *from, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                        const struct plan *plan, int block, int levels, int threads, const struct given *given, real *work)
{
    const ptrdiff_t tiles = plan->tiles[0] * plan->tiles[1];
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %};
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < (ptrdiff_t)images * tiles; task++) {
        struct tile tile = tile_of(size, channels, plan->tiles, task % tiles, levels);
        tile.from = from + task / tiles * image;
        tile.to = to + task / tiles * image;
        real *const own = work + THREAD * plan->work;
        const struct places places = { own + LANES, {{ "tile.held[0].first" if axes > 1 else "0" }}, levels + 1 + BAND }; /* a vector may reach beyond a row by one sample */
        memset(own, 0, (size_t)(LANES + places.ring * tile.slab) * sizeof *own);
        filter_tile(&tile, block, levels, given, &places, places.slabs + places.ring * tile.slab);
    }
    (void)threads;
}

/* All blocks in passes; of an odd number the last but one, and what is filtered in place, goes through an array between{{ "; but for one pass in one\n * tile, which writes a slab when it is needed no more" if not (spec.periodic and axes > 1) }}. */
static int filter_all(const real *f, real *u, size_t images, ptrdiff_t channels, const ptrdiff_t *size, int threads,
                      const struct given *given)
{
    const int blocks = given->stop - given->first, workers = threads < 1 ? 1 : threads;
    const size_t all = images * (size_t)channels{% for a in range(axes) %} * (size_t)size[{{ a }}]{% endfor %};
    if (all == 0)
        return 0;
    const struct plan plan = plan_of(size, channels, images, blocks, workers);
    const int passes = (blocks - 1) / plan.levels + 1;
    const int is_moved = f == u{% if not (spec.periodic and axes > 1) %} && (passes > 1 || plan.tiles[0] * plan.tiles[1] > 1){% endif %};
    real *const between = passes > 1 || is_moved ? (real *)malloc(all * sizeof(real)) : NULL;
    char *const room = (char *)malloc((size_t)plan.work * (size_t)workers * sizeof(real) + 64);
    real *const work = (real *)(void *)(room + (64 - (uintptr_t)room % 64));
    const int failed = !room || (!between && (passes > 1 || is_moved));
    for (int pass = 0; pass < passes && !failed; pass++) {
        const int block = pass * plan.levels, levels = blocks - block < plan.levels ? blocks - block : plan.levels;
        const int last = (passes - pass) % 2; /* whether it goes to u, as the last does */
        const real *const from = pass == 0 ? f : last ? between : u;
        real *const to = last && !(pass == 0 && is_moved) ? u : between;
        filter_pass(from, to, images, channels, size, &plan, given->first + block, levels, workers, given, work);
        if (pass == 0 && last && is_moved)
            memcpy(u, between, all * sizeof(real));
        if (pass == 0 && last && is_moved && passes > 1)
            memcpy(between, u, all * sizeof(real));
    }
    free(room);
    free(between);
    return failed ? -1 : 0;
}
