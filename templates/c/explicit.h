{# Explicit steps on arrays: tiles through several levels. Needs vector.h, memory.h. #}
/* How the work is cut; any choice gives the same bits. */
#ifndef MOST_LEVELS
#define MOST_LEVELS {{ 8 if axes == 3 else 32 }} /* blocks for which an array is read once */
#endif
#ifndef BAND
#define BAND {{ {1: 1, 2: 8, 3: 1}[axes] }} /* slabs that a level takes at a time */
#endif
#ifndef ROOM
#define ROOM {{ "(1 << 23)" if axes == 3 else "(3 << 18)" }} /* bytes of a tile at work (measured) */
#endif
#ifndef NARROW
#define NARROW(levels) {{ "(6 * (levels))" if axes == 3 else "(16 * (levels) + 64)" }} /* no tile is narrower: each level costs a sample of halo on both sides */
#endif

{% include "stream.h" %}

{% include "rows.h" %}

{% include "given.h" %}

{% include "tiles.h" %}

{% include "slabs.h" %}

{% include "plan.h" %}

/* ---- Arrays ------------------------------------------------------------------------------------ */

/* Tile `task` of all arrays. */
static struct tile task_of(const real *from, real *to, ptrdiff_t channels, const ptrdiff_t *size, const struct plan *plan,
                           ptrdiff_t task, int levels)
{
    const ptrdiff_t tiles = plan->tiles[0] * plan->tiles[1], image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %};
    struct tile tile = tile_of(size, channels, plan->tiles, task % tiles, levels);
    tile.from = from + task / tiles * image;
    tile.to = to + task / tiles * image;
    return tile;
}

/* Some blocks on all arrays; in place (`from` is `to`) with room for the halos of all tiles. */
static void filter_pass(const real *from, real *to, size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                        const struct plan *plan, int block, int levels, int threads, const struct given *given, real *work, real *halos)
{
    const ptrdiff_t tasks = (ptrdiff_t)images * plan->tiles[0] * plan->tiles[1];
    const int has_halos = from == to && plan->halo > 0;
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < (has_halos ? tasks : 0); task++) {
        const struct tile tile = task_of(from, to, channels, size, plan, task, levels);
        save_halo(&tile, halos + task * plan->halo);
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < tasks; task++) {
        const struct tile tile = task_of(from, to, channels, size, plan, task, levels);
        real *const own = work + THREAD * plan->work;
        const struct places places = { own + LANES, {{ "tile.held[0].first" if axes > 1 else "0" }}, levels + 1 + BAND }; /* a vector may reach beyond a row by one sample */
        memset(own, 0, (size_t)(LANES + places.ring * tile.slab) * sizeof *own);
        filter_tile(&tile, block, levels, given, &places, has_halos ? halos + task * plan->halo : NULL,
                    places.slabs + places.ring * tile.slab);
    }
    (void)threads;
}

{% if goes_along %}
{% include "along_rows.h" %}

{% endif %}
/* All blocks in passes, all but the first in place. */
static int filter_all(const real *f, real *u, size_t images, ptrdiff_t channels, const ptrdiff_t *size, int threads,
                      const struct given *given)
{
    const int blocks = given->stop - given->first, workers = threads < 1 ? 1 : threads;
    if (images * (size_t)channels{% for a in range(axes) %} * (size_t)size[{{ a }}]{% endfor %} == 0)
        return 0;
{% if goes_along %}
    if (size[1] >= LONG_ROW && 4 * size[1] * (ptrdiff_t)sizeof(real) <= ROOM)
        return step_all(f, u, images, size, workers, given);
{% endif %}
    const struct plan plan = plan_of(size, channels, images, blocks, workers);
    const int is_in_place = f == u || blocks > plan.levels;
    const size_t halos = is_in_place ? images * (size_t)(plan.tiles[0] * plan.tiles[1] * plan.halo) : 0;
    const size_t work = (size_t)plan.work * (size_t)workers;
    char *const memory = (char *)malloc((work + halos) * sizeof(real) + 64);
    if (!memory)
        return -1;
    real *const room = aligned(memory);
    for (int block = 0, levels; block < blocks; block += levels) {
        levels = (int)smaller(plan.levels, blocks - block);
        filter_pass(block == 0 ? f : u, u, images, channels, size, &plan, given->first + block, levels, workers, given,
                    room, room + work);
    }
    free(memory);
    return 0;
}
