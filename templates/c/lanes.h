{# Signals side by side in the lanes of a vector: transposing, packing, unpacking. Needs vector.h. #}
{% macro unpacked(bytes, upper) %}
{# of each block of 16 bytes the lower or upper half, elements of both vectors in turn #}
{% set lanes = bytes // size %}{% set wide = 16 // size %}
{% for block in range(0, lanes, wide) %}{% for i in range(wide // 2) %}
{% set at = block + i + (wide // 2 if upper else 0) %}
{{ ", " if block or i }}{{ at }}, {{ lanes + at }}
{%- endfor %}{% endfor %}
{% endmacro %}
{% macro blocks(bytes, upper) %}
{# the blocks of 16 bytes of the lower or upper half, those of both vectors in turn #}
{% set lanes = bytes // size %}{% set wide = 16 // size %}
{% for i in range(lanes // wide // 2) %}
{% set at = i * wide + (lanes // 2 if upper else 0) %}
{{ ", " if i }}{% for j in range(wide) %}{{ at + j }}, {% endfor %}{% for j in range(wide) %}{{ ", " if j }}{{ lanes + at + j }}{% endfor %}
{%- endfor %}
{% endmacro %}
/* ---- Lanes ------------------------------------------------------------------------------------
 * Each lane of a vector holds a signal, or a part of one, of its own: the neighbours of a sample
 * are then whole vectors and nothing is shuffled in the arithmetic. */
{% include "memory.h" %}

#if VECTOR_BYTES
{% for bytes in (16, 32, 64) %}
#{{ "el" if not loop.first }}if VECTOR_BYTES == {{ bytes }}
#define LOWER_HALVES {{ unpacked(bytes, False) | replace("\n", "") }}
#define UPPER_HALVES {{ unpacked(bytes, True) | replace("\n", "") }}
{% if bytes > 16 %}
#define LOWER_BLOCKS {{ blocks(bytes, False) | replace("\n", "") }}
#define UPPER_BLOCKS {{ blocks(bytes, True) | replace("\n", "") }}
{% endif %}
{% endfor %}
#else
#error "VECTOR_BYTES is 0, 16, 32 or 64"
#endif
/* Pairs of vectors `distance` apart exchange their halves. */
#define EXCHANGE(distance, lower, upper) \
    UNROLL \
    for (int i = 0; i < LANES; i++) \
        if (!(i & (distance))) { \
            const vec low = SHUFFLE(v[i], v[i + (distance)], lower); \
            v[i + (distance)] = SHUFFLE(v[i], v[i + (distance)], upper); \
            v[i] = low; \
        }
#endif

/* Lane j of vector i changes place with lane i of vector j. */
INLINE void transpose(vec v[LANES])
{
#if VECTOR_BYTES
{% if size == 4 %}
    EXCHANGE(2, LOWER_HALVES, UPPER_HALVES)
{% endif %}
    EXCHANGE(1, LOWER_HALVES, UPPER_HALVES)
#if VECTOR_BYTES == 64
    EXCHANGE({{ 32 // size }}, LOWER_BLOCKS, UPPER_BLOCKS)
#endif
#if VECTOR_BYTES >= 32
    EXCHANGE({{ 16 // size }}, LOWER_BLOCKS, UPPER_BLOCKS)
#endif
#else
    (void)v;
#endif
}

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
