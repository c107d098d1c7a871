{# Cycles on their way back. Needs fsi.h, back_frozen.h. #}
/* With v_k what the sum changes by with state k through all that comes of it but state k + 1's own past,
 *
 *     v_k = a_k (v_{k+1} + A v_{k+1}) + (1 - a_{k+1}) v_{k+2},    v_n = w,    v_{n+1} = 0:
 *
 * a cycle with the weights in reverse order, whose last steps v_0 + (1 - a_0) v_1 are the gradient. That by c is the sum of
 * -a_k D^+ v_{k+1} D^+ u_k; all states of the cycle are kept. */
static ptrdiff_t back_work_of(const struct item *item, int threads)
{
    return 2 * {{ axes }} * item->apart + (CYCLE + 2) * item->channels * item->apart + shared_of(item) + threads * room_of(item) + 2 * LANES;
}

static void back_item(const struct item *item, const real *u, const real *w, real *to, int block, int threads, const struct given *given, real *work{{ ", double (*sums)[SUMS]" if sums }})
{
    const struct constants k = constants_of(given, block);
    const ptrdiff_t volume = item->channels * item->apart, bands = bands_of(item, threads);
    real *const conductances = work, *const by = conductances + {{ axes }} * item->apart, *const backs = by + {{ axes }} * item->apart;
    real *const states = backs + 2 * volume, *const shared = states + CYCLE * volume, *const room = shared + shared_of(item);
    struct cycle cycle = { item, conductances, { states }, CYCLE, NULL, NULL };
    const struct cycle back = { item, conductances, { backs, backs + volume }, 2, &cycle, by };
    real *const grad = back.states[CYCLE % 2];
    const real *const last = back.states[(CYCLE + 1) % 2];
    const struct through through = through_of(item, states, by, {{ "sums, " if sums }}given, block, shared);
    for (int step_k = 1; step_k < CYCLE; step_k++)
        cycle.states[step_k] = states + step_k * volume;
    read_rows(item, u, states, 0, item->rows);
    read_rows(item, w, backs, 0, item->rows);
    memset(by, 0, (size_t)({{ axes }} * item->apart) * sizeof *by);
#ifdef _OPENMP
#pragma omp parallel num_threads(threads) if (threads > 1)
#endif
    conduct_all(item, states, conductances, bands, room, &k);
    run(&cycle, CYCLE - 1, bands, threads);
    run(&back, CYCLE, bands, threads);
#ifdef _OPENMP
#pragma omp parallel num_threads(threads) if (threads > 1)
#endif
    {
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
        for (ptrdiff_t r = 0; r < item->channels * item->rows; r++)
            for (ptrdiff_t x = r * item->pitch; x < (r + 1) * item->pitch; x += LANES)
                store(grad + x, fma_vec(splat({{ one }} - weight(0)), load(last + x), load(grad + x)));
        add_through(&through, conductances, grad, bands, room);
    }
    write_rows(item, grad, to, 0, item->rows);
}
