{# How an array is cut into tiles. Needs tiles.h, slabs.h. #}
{% set cut = 1 if axes == 3 else axes - 1 %}{# the axis of tiles that stay in the caches: rows are whole in volumes #}
/* How an array is cut, and what a tile needs. */
struct plan {
    int levels;                /* of one pass */
    ptrdiff_t tiles[2];        /* along the first axis, and along {{ "the second" if axes == 3 else "the last" }} */
    ptrdiff_t work, halo;      /* reals of a tile at work, and those of its neighbours */
};

{% if axes > 1 %}
/* Into how many bands tiles are cut along the first axis, so that each thread has as many of them;
 * where there are many tiles that does not matter. */
static ptrdiff_t bands_of(ptrdiff_t tiles, ptrdiff_t slabs, int levels, int threads)
{
    ptrdiff_t bands = 1;
    if (tiles < 8 * (ptrdiff_t)threads)
        while (tiles * bands % threads != 0 && slabs / (bands + 1) >= 8 * levels)
            bands++;
    return bands;
}

{% endif %}
/* The fewest tiles, and the most levels, with which a tile stays in the caches; as many for each thread. */
static struct plan plan_of(const ptrdiff_t *size, ptrdiff_t channels, size_t images, int blocks, int threads)
{
    struct plan plan;
    int most = blocks < MOST_LEVELS ? blocks : MOST_LEVELS;
{% if axes > 1 %}
    if ((ptrdiff_t)images < threads) /* tiles enough for all threads */
        most = (int)smaller(most, larger(4, (ptrdiff_t)images * size[0] / (8 * threads)));
{% endif %}
{% if spec.periodic %}
    most = (int)larger(1, smaller(most, size[0] / 16)); /* each level costs a sample of halo on both sides */
{% endif %}
    plan.tiles[0] = 1;
    for (;; most--) {
        plan.levels = (blocks - 1) / ((blocks - 1) / most + 1) + 1; /* passes of equal size */
        for (plan.tiles[1] = 1;; plan.tiles[1]++) {
            const struct tile tile = tile_of(size, channels, plan.tiles, 0, plan.levels);
            plan.work = work_of(&tile, plan.levels);
            if (plan.work * (ptrdiff_t)sizeof(real) <= ROOM || size[{{ cut }}] / (plan.tiles[1] + 1) < NARROW(plan.levels))
                break;
        }
        if (plan.work * (ptrdiff_t)sizeof(real) <= ROOM || most == 1)
            break;
    }
{% if axes > 1 %}
    plan.tiles[0] = bands_of((ptrdiff_t)images * plan.tiles[1], size[0], plan.levels, threads);
{% else %}
    (void)images;
    (void)threads;
{% endif %}
    plan.halo = 0;
    for (ptrdiff_t index = 0; index < plan.tiles[0] * plan.tiles[1]; index++) { /* that in the middle is the largest */
        const struct tile tile = tile_of(size, channels, plan.tiles, index, plan.levels);
        plan.work = larger(plan.work, work_of(&tile, plan.levels));
        plan.halo = larger(plan.halo, halo_of(&tile));
    }
    return plan;
}
