{# Signals side by side in the lanes of a vector: transposing, packing, unpacking. Needs vector.h. #}
/* ---- Lanes ------------------------------------------------------------------------------------
 * Each lane of a vector holds a signal, or a part of one, of its own: the neighbours of a sample
 * are then whole vectors and nothing is shuffled in the arithmetic. */
{% include "memory.h" %}

{% include "transpose.h" %}

/* LANES pieces of signals that are filtered side by side. A lane counts its samples from the start
 * of its halo: it holds first <= p < end and gives back halo <= p < kept. The samples of the halo
 * belong to other lanes, which may overwrite them: they are copies. */
struct tile {
    const real *from[LANES]; /* sample `halo` in the input */
    real *to[LANES];         /* and in the output */
    ptrdiff_t first[LANES], kept[LANES], end[LANES];
    ptrdiff_t halo;
    int lanes; /* those in use; the others repeat lane 0 and give nothing back */
    real before[LANES][MOST_HALO], after[LANES][MOST_HALO];
};

struct extent { ptrdiff_t least, most; };

static struct extent extent_of(const ptrdiff_t *places)
{
    struct extent e = { places[0], places[0] };
    for (int lane = 1; lane < LANES; lane++) {
        e.least = places[lane] < e.least ? places[lane] : e.least;
        e.most = places[lane] > e.most ? places[lane] : e.most;
    }
    return e;
}

/* Lane `lane` takes `length` samples from `start` on of a signal, with `halo` more on both sides
 * where the signal has them. */
static void set_piece(struct tile *tile, int lane, const real *from, real *to, ptrdiff_t samples,
                      ptrdiff_t start, ptrdiff_t length)
{
    const ptrdiff_t halo = tile->halo, stop = start + length;
    tile->from[lane] = from + start;
    tile->to[lane] = to + start;
    tile->kept[lane] = halo + length;
{% if spec.periodic %}
    tile->first[lane] = 0;
    tile->end[lane] = halo + length + halo;
    for (ptrdiff_t p = 0; p < halo; p++) {
        tile->before[lane][p] = from[((start - halo + p) % samples + samples) % samples];
        tile->after[lane][p] = from[(stop + p) % samples];
    }
{% else %}
    tile->first[lane] = start < halo ? halo - start : 0;
    tile->end[lane] = halo + length + (samples - stop < halo ? samples - stop : halo);
    for (ptrdiff_t p = tile->first[lane]; p < halo; p++)
        tile->before[lane][p] = from[start - halo + p];
    for (ptrdiff_t p = tile->kept[lane]; p < tile->end[lane]; p++)
        tile->after[lane][p - tile->kept[lane]] = from[start - halo + p];
{% endif %}
}

/* Sample p of a lane, 0 where it has none. */
INLINE real sample_of(const struct tile *tile, int lane, ptrdiff_t p)
{
    if (p < tile->first[lane] || p >= tile->end[lane])
        return {{ zero }};
    if (p < tile->halo)
        return tile->before[lane][p];
    return p < tile->kept[lane] ? tile->from[lane][p - tile->halo] : tile->after[lane][p - tile->kept[lane]];
}

/* row[i] <- sample start + i of every lane, for `count` samples. */
static void pack(const struct tile *tile, ptrdiff_t inside, vec *row, ptrdiff_t start, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        const ptrdiff_t p = start + i;
        vec v[LANES];
        if (p >= tile->halo && p + LANES <= inside) {
            UNROLL
            for (int lane = 0; lane < LANES; lane++)
                v[lane] = load(tile->from[lane] + (p - tile->halo));
            transpose(v);
        } else
            for (int lane = 0; lane < LANES; lane++)
                for (int j = 0; j < LANES; j++)
                    set_lane(&v[j], lane, sample_of(tile, lane, p + j));
        memcpy(row + i, v, sizeof v);
    }
}

/* Samples start + i of the lanes in use <- row[i], as far as they are kept. */
static void unpack(const struct tile *tile, ptrdiff_t inside, const vec *row, ptrdiff_t start, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        const ptrdiff_t p = start + i;
        vec v[LANES];
        memcpy(v, row + i, sizeof v);
        if (p >= tile->halo && p + LANES <= inside) {
            transpose(v);
            for (int lane = 0; lane < tile->lanes; lane++)
                store(tile->to[lane] + (p - tile->halo), v[lane]);
        } else
            for (int lane = 0; lane < tile->lanes; lane++)
                for (int j = 0; j < LANES; j++)
                    if (p + j >= tile->halo && p + j < tile->kept[lane])
                        tile->to[lane][p + j - tile->halo] = lane_of(v[j], lane);
    }
}
