{# Semi-implicit blocks on their way back. Needs semi_implicit.h, back_frozen.h. #}
/* With v_a the solution for u along axis a and z_a that for w, the gradient is the mean of z_a, since the matrices are
 * symmetric, and that by c_a is -D^+ z_a D^+ v_a over the number of axes. Both are solved for at once, as channels of one item. */
static ptrdiff_t back_work_of(const struct item *item, int threads)
{
    return 2 * {{ axes }} * item->apart + 5 * item->channels * item->apart + shared_of(item) + threads * (room_of(item) + panel_of(item)) + 2 * LANES;
}

static void back_item(const struct item *item, const real *u, const real *w, real *to, int block, int threads, const struct given *given, real *work{{ ", double (*sums)[SUMS]" if sums }})
{
    const struct constants k = constants_of(given, block);
    const ptrdiff_t volume = item->channels * item->apart, bands = smaller(threads, item->slabs);
    real *const conductances = work, *const by = conductances + {{ axes }} * item->apart, *const both = by + {{ axes }} * item->apart;
    real *const solved = both + 2 * volume, *const grad = solved + 2 * volume, *const shared = grad + volume;
    real *const room = shared + shared_of(item), *const panels = room + threads * room_of(item);
    const real share = {{ one }} / (real){{ axes }};
    const struct through through = through_of(item, both, by, {{ "sums, " if sums }}given, block, shared);
    struct item twice = *item;
    twice.channels = 2 * item->channels;
    read_rows(item, u, both, 0, item->rows);
    read_rows(item, w, both + volume, 0, item->rows);
    memset(by, 0, (size_t)({{ axes }} * item->apart) * sizeof *by);
    memset(grad, 0, (size_t)volume * sizeof *grad);
#ifdef _OPENMP
#pragma omp parallel num_threads(threads) if (threads > 1)
#endif
    {
        conduct_all(item, both, conductances, bands, room, &k);
        for (int axis = 0; axis < {{ axes }}; axis++) {
            solve_along(&twice, axis, conductances, both, solved, 0, panels);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
            for (ptrdiff_t r = 0; r < twice.channels * item->rows; r++)
                set_beyond(item, solved + r * item->pitch);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
            for (ptrdiff_t s = 0; s < item->slabs; s++)
                add_products(item, axis, solved, solved + volume, share, by, s);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
            for (ptrdiff_t r = 0; r < item->channels * item->rows; r++)
                for (ptrdiff_t x = r * item->pitch; x < (r + 1) * item->pitch; x += LANES)
                    store(grad + x, fma_vec(splat(share), load(solved + volume + x), load(grad + x)));
        }
        add_through(&through, conductances, grad, bands, room);
    }
    write_rows(item, grad, to, 0, item->rows);
}
