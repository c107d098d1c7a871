{# One block on images, which goes along the rows as they lie. Needs rows.h, given.h, stream.h, tiles.h, plan.h. #}
/* ---- One block ---------------------------------------------------------------------------------
 * One block goes along an image as it lies: no row is copied but its ends, which lie beside what the boundary says. Of the
 * row before only its cells and what flows from it are kept. Threads take bands of rows; in place the rows next to a band are
 * kept as they were. */
#ifndef LONG_ROW
#define LONG_ROW (32 * LANES) /* samples for which that pays: both ends cost as much as some vectors (measured) */
#endif

struct band {
    const real *from;
    real *to;
    ptrdiff_t rows, width;      /* of the image */
    struct extent kept;         /* the rows of the band */
    const real *before, *after; /* the rows next to it, where these are kept */
    real *spare;                /* a row for results that nobody needs */
    struct around around;
};

/* The samples before the first whole line of the cache. */
INLINE ptrdiff_t before_line(const real *row) { return (ptrdiff_t)(-(uintptr_t)row % sizeof(vec) / sizeof *row); }

/* Row r of the image as it was; beyond its ends the row that mirrors it. */
INLINE const real *row_of(const struct band *band, ptrdiff_t r)
{
    if (r < band->kept.first && band->before)
        return band->before;
    if (r >= band->kept.end && band->after)
        return band->after;
    return band->from + larger(0, smaller(r, band->rows - 1)) * band->width;
}

/* One block on one row or two, from x = first on. */
INLINE void step_rows(int count, const real *const *rows, real *const *to, const struct around *around, ptrdiff_t first, ptrdiff_t end,
                      struct carried *carried, const struct constants *k)
{
    if (count == 2)
        step_two_rows(rows, to, around, first, end, carried, k);
    else
        step_row(rows, to, around, first, end, carried, k);
}

/* One block on the samples `place` <= x < `place` + LANES of so many rows, as far as there are such. */
static void step_end(const struct band *band, int count, const real *const *rows, real *const *to, ptrdiff_t place,
                     struct carried *carried, const struct constants *k)
{
    const ptrdiff_t width = band->width, first = larger(place, 0), end = smaller(place + LANES, width);
    real samples[3][LANES + 1], found[2][LANES];
    const real *const corner[3] = { samples[0], samples[1], samples[2] };
    real *const results[2] = { found[0], found[1] };
    struct around around = band->around;
    for (int i = 0; i <= count; i++)
        for (ptrdiff_t x = 0; x <= LANES; x++)
            samples[i][x] = rows[i][larger(0, smaller(place + x, width - 1))];
    around.g += place;
    around.over_0 += place;
{% if spec.clamp %}
    around.behind_0 += place;
{% endif %}
    around.soon[0] = around.soon[1] = samples[0];
    around.is_streamed = 0;
    step_rows(count, corner, results, &around, 0, LANES, carried, k);
    for (int i = 0; i < count && first < end; i++)
        memcpy(to[i] + first, found[i] + (first - place), (size_t)(end - first) * sizeof **to);
}

/* One block on a band, two rows at a time: less goes to and fro between the caches. The row before it only tells what flows in. */
static void step_band(struct band *band, const struct constants *k)
{
    const ptrdiff_t width = band->width;
    const int begin_alike = width % LANES == 0 || !band->around.is_streamed; /* past the caches only whole lines go */
    int count;
    for (ptrdiff_t r = band->kept.first - 1; r < band->kept.end; r += count) {
        const real *const rows[3] = { row_of(band, r), row_of(band, r + 1), row_of(band, r + 2) };
        real *const to[2] = { r < band->kept.first ? band->spare : band->to + r * width, band->to + (r + 1) * width };
        /* whole vectors on whole lines, all of whose right neighbours are there */
        const ptrdiff_t first = before_line(to[0]);
        const ptrdiff_t last = first + larger(0, width - 1 - first) / LANES * LANES;
        struct carried carried[2];
        memset(carried, 0, sizeof carried);
        count = begin_alike && r >= band->kept.first && r + 1 < band->kept.end ? 2 : 1;
        step_end(band, count, rows, to, first - LANES, carried, k);
        band->around.soon[0] = row_of(band, r + count + 1);
        band->around.soon[1] = row_of(band, r + count + 2);
        step_rows(count, rows, to, &band->around, first, last, carried, k);
        if (last < width)
            step_end(band, count, rows, to, last, carried, k);
        if (r < 0) /* nothing flows in over the end of the image */
            memset(band->around.over_0 - LANES, 0, (size_t)(width + 2 * LANES) * sizeof **to);
    }
    if (band->around.is_streamed)
        FENCE(); /* other threads read it next */
}

/* One block on all images. */
static int step_all(const real *f, real *u, size_t images, const ptrdiff_t *size, int threads, const struct given *given)
{
    const ptrdiff_t tiles[2] = { bands_of((ptrdiff_t)images, size[0], 1, threads), 1 }, tasks = (ptrdiff_t)images * tiles[0], width = size[1], image = size[0] * width;
    const ptrdiff_t pitch = (width + 4 * LANES) / LANES * LANES, each = {{ 4 if spec.clamp else 3 }} * pitch; /* rows, with a vector before and one after, that begin in a line where `u` does */
    const ptrdiff_t kept = f == u ? 2 * tasks * width : 0;
    const struct constants k = constants_of(given, given->first);
    char *const memory = (char *)malloc((size_t)(threads * each + kept) * sizeof(real) + 64);
    if (!memory)
        return -1;
    real *const room = aligned(memory), *const rows = room + threads * each;
    for (ptrdiff_t task = 0; task < (kept ? tasks : 0); task++) {
        const struct extent band = tile_of(size, 1, tiles, task % tiles[0], 1).held[0];
        const real *const from = f + task / tiles[0] * image;
        memcpy(rows + 2 * task * width, from + band.first * width, (size_t)width * sizeof *rows);
        memcpy(rows + (2 * task + 1) * width, from + (band.end - 1) * width, (size_t)width * sizeof *rows);
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t task = 0; task < tasks; task++) {
        real *const own = room + THREAD * each + 2 * LANES - before_line(u);
        struct band band;
        band.from = f + task / tiles[0] * image;
        band.to = u + task / tiles[0] * image;
        band.rows = size[0];
        band.width = width;
        band.kept = tile_of(size, 1, tiles, task % tiles[0], 1).kept[0];
        band.before = kept && band.kept.first > 0 ? rows + 2 * task * width : NULL;
        band.after = kept && band.kept.end < size[0] ? rows + (2 * task + 1) * width : NULL;
        band.around.is_streamed = f != u && IS_STREAMED(images * (size_t)image * sizeof *u);
        band.around.g = own;
        band.around.over_0 = own + pitch;
        band.spare = own + 2 * pitch;
{% if spec.clamp %}
        band.around.behind_0 = own + 3 * pitch;
{% endif %}
        memset(room + THREAD * each, 0, (size_t)each * sizeof *own);
        step_band(&band, &k);
    }
    free(memory);
    return 0;
}
