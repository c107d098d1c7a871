{# Slabs of a tile through several levels. Needs rows.h, given.h. #}
{% set cut = 1 if axes == 3 else axes - 1 %}{# the axis of tiles that stay in the caches: rows are whole in volumes #}
/* ---- Slabs -------------------------------------------------------------------------------------
 * An array is filtered in tiles, with the samples of their neighbours as a halo that shrinks by one with each level.
 * A slab is what a tile has at one place of the first axis: {{ {1: "a row", 2: "a row", 3: "rows"}[axes] }} of each channel.{% if axes > 1 %} A level
 * follows one slab behind the level before it, so that all levels pass over the slabs while these are in the caches.{% endif %}

 * Beyond both ends of a row{{ ", and before and after the rows," if axes == 3 }} lies one more, what the boundary says. */
struct extent { ptrdiff_t first, end; }; /* along one axis */

struct tile {
    const real *from;
    real *to;
    ptrdiff_t channels, size[{{ axes }}]; /* of the whole array */
    struct extent kept[{{ axes }}], held[{{ axes }}]; /* what the tile gives back; with its halo */
    ptrdiff_t rows, width, pitch, slab; /* rows of a slab with those beyond, samples of a row, reals from row to row, of a slab */
};

/* What a level remembers of the slabs that it has passed. */
struct level {
{% if cells_share %}
    real *cells[2]; /* g of the cells before and after the slab that is next */
{% endif %}
{% if axes > 1 %}
    real *over;     /* what flows in from the slab before */
{% if spec.clamp %}
    real *behind;   /* that slab, as it was */
{% endif %}
{% endif %}
    ptrdiff_t next; /* the slab that is next */
};

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
{% if spec.periodic %}
INLINE ptrdiff_t wrapped(ptrdiff_t i, ptrdiff_t size) { return (i % size + size) % size; }
{% endif %}
INLINE int is_whole(const struct tile *tile, int axis) { return tile->kept[axis].end - tile->kept[axis].first == tile->size[axis]; }

/* What lies beyond the ends of the rows of a slab, from what lies within. */
static void set_beyond(const struct tile *tile, real *slab)
{
    const ptrdiff_t width = tile->width, pitch = tile->pitch;
{% if spec.periodic %}
    const int wraps = is_whole(tile, {{ axes - 1 }});
    const ptrdiff_t before = wraps ? width : 1, after = wraps ? 1 : width;
{% else %}
    const ptrdiff_t before = 1, after = width;
{% endif %}
    for (ptrdiff_t row = 0; row < tile->channels * tile->rows; row++) {
        slab[row * pitch] = slab[row * pitch + before];
        slab[row * pitch + width + 1] = slab[row * pitch + after];
    }
{% if axes == 3 %}
    for (ptrdiff_t c = 0; c < tile->channels; c++) {
        real *const first = slab + c * tile->rows * pitch, *const last = first + (tile->rows - 1) * pitch;
        memcpy(first, {{ "is_whole(tile, 1) ? last - pitch : first + pitch" if spec.periodic else "first + pitch" }}, (size_t)pitch * sizeof *first);
        memcpy(last, {{ "is_whole(tile, 1) ? first + pitch : last - pitch" if spec.periodic else "last - pitch" }}, (size_t)pitch * sizeof *first);
    }
{% endif %}
}

/* Slab s of the array. */
static void read_slab(const struct tile *tile, ptrdiff_t s, real *slab)
{
    const ptrdiff_t width = tile->size[{{ axes - 1 }}]{{ ", rows = tile->size[1]" if axes == 3 }};
{% if axes > 1 %}
    const ptrdiff_t place = {{ "wrapped(s, tile->size[0])" if spec.periodic else "s" }};
{% else %}
    (void)s;
{% endif %}
    for (ptrdiff_t c = 0; c < tile->channels; c++)
{% if axes == 3 %}
        for (ptrdiff_t y = 0; y + 2 < tile->rows; y++) {
            const ptrdiff_t row = {{ "wrapped(tile->held[1].first + y, rows)" if spec.periodic else "tile->held[1].first + y" }};
            const real *const from = tile->from + ((c * tile->size[0] + place) * rows + row) * width;
            real *const to = slab + (c * tile->rows + y + 1) * tile->pitch + 1;
{% else %}
        {
            const real *const from = tile->from + {{ "(c * tile->size[0] + place)" if axes == 2 else "c" }} * width;
            real *const to = slab + c * tile->pitch + 1;
{% endif %}
{% if spec.periodic %}
            for (ptrdiff_t x = 0, count; x < tile->width; x += count) {
                const ptrdiff_t start = wrapped(tile->held[{{ axes - 1 }}].first + x, width);
                count = smaller(tile->width - x, width - start);
                memcpy(to + x, from + start, (size_t)count * sizeof *to);
            }
{% else %}
            memcpy(to, from + tile->held[{{ axes - 1 }}].first, (size_t)tile->width * sizeof *to);
{% endif %}
        }
    set_beyond(tile, slab);
}

/* A row of a large array goes past the caches, where these do not have it yet. */
INLINE void write_row(real *to, const real *from, ptrdiff_t count, int is_streamed)
{
    ptrdiff_t i = 0;
    if (is_streamed) {
        i = smaller(count, (ptrdiff_t)(-(uintptr_t)to % sizeof(vec) / sizeof *to));
        memcpy(to, from, (size_t)i * sizeof *to);
        for (; i + LANES <= count; i += LANES)
            STREAM(to + i, load(from + i));
    }
    memcpy(to + i, from + i, (size_t)(count - i) * sizeof *to);
}

/* What the tile keeps of slab s. */
static void write_slab(const struct tile *tile, ptrdiff_t s, const real *slab)
{
    const struct extent kept = tile->kept[{{ axes - 1 }}];
    const ptrdiff_t width = tile->size[{{ axes - 1 }}]{{ ", rows = tile->size[1]" if axes == 3 }}, halo = kept.first - tile->held[{{ axes - 1 }}].first, count = kept.end - kept.first;
    const int is_streamed = tile->from != tile->to && IS_STREAMED((size_t)(tile->channels{% for a in range(axes) %} * tile->size[{{ a }}]{% endfor %}) * sizeof *slab);
{% if axes == 1 %}
    (void)s;
{% endif %}
    for (ptrdiff_t c = 0; c < tile->channels; c++)
{% if axes == 3 %}
        for (ptrdiff_t y = tile->kept[1].first; y < tile->kept[1].end; y++)
            write_row(tile->to + ((c * tile->size[0] + s) * rows + y) * width + kept.first,
                      slab + (c * tile->rows + y - tile->held[1].first + 1) * tile->pitch + 1 + halo, count, is_streamed);
{% else %}
        write_row(tile->to + {{ "(c * tile->size[0] + s)" if axes == 2 else "c" }} * width + kept.first,
                  slab + c * tile->pitch + 1 + halo, count, is_streamed);
{% endif %}
    if (is_streamed)
        FENCE(); /* other threads read it next */
}

/* One level on a slab{{ ": the cells between it and the slab ahead, then its samples" if cells_share }}. Before the first slab of a tile
 * there is none: then `slab` is NULL. `to` may be the slab itself. */
static void step_slab(const struct tile *tile, struct level *level, const real *slab, const real *ahead, real *to,{% if axes == 3 %} real *over_1,{% if spec.clamp %} real *behind_1,{% endif %}{% endif %} const struct constants *k)
{
    const ptrdiff_t pitch = tile->pitch{% if not is_fused %}, channels = {{ "tile->channels" if spec.grid.channels else "1" }}{{ ", apart = tile->rows * pitch" if cells_share or axes == 3 }}{% endif %};
{% if cells_share %}
    const real *const here = slab ? slab : ahead;
    real *const after = level->cells[0];
{% endif %}
    struct around around;
{% if axes > 1 %}
    if (!slab) {
        memset(level->over, 0, (size_t)tile->slab * sizeof *level->over);
{% if spec.clamp %}
        memcpy(level->behind, ahead, (size_t)tile->slab * sizeof *ahead);
{% endif %}
    }
{% endif %}
{% if axes == 1 %}
    const real *corner[1] = { here };
    (void)ahead;
    cells(corner, channels, apart, pitch, after, k);
    around.g = after;
    for (ptrdiff_t c = 0; c < channels; c++)
        step_row(slab + c * pitch, to + c * pitch, &around, pitch, k);
{% elif axes == 2 %}
{% if cells_share %}
    const real *corner[2] = { here, ahead };
    level->cells[0] = level->cells[1];
    level->cells[1] = after;
    around.g_before = level->cells[0];
{% if is_fused %}
    around.over_0 = level->over;
{% if spec.clamp %}
    around.behind_0 = level->behind;
{% endif %}
    if (slab)
        step_row(corner, to, after, &around, pitch, k);
    else
        cells(corner, 1, 0, pitch, after, k);
{% else %}
    cells(corner, channels, apart, pitch, after, k);
    around.g_after = after;
{% endif %}
{% endif %}
{% if not is_fused %}
    for (ptrdiff_t c = 0; c < channels && slab; c++) {
        around.ahead_0 = ahead + c * pitch;
        around.over_0 = level->over + c * pitch;
{% if spec.clamp %}
        around.behind_0 = level->behind + c * pitch;
{% endif %}
        step_row(slab + c * pitch, to + c * pitch, &around, pitch, k);
    }
{% endif %}
{% else %}
{% if cells_share %}
    level->cells[0] = level->cells[1];
    level->cells[1] = after;
{% endif %}
    memset(over_1, 0, (size_t)({{ "channels * " if not is_fused }}pitch) * sizeof *over_1);
    for (ptrdiff_t y = 0; y + 1 < tile->rows; y++) {
{% if cells_share %}
        const ptrdiff_t up = larger(y - 1, 0) * pitch, down = y * pitch; /* the rows of cells before and after row y */
        const real *corner[4] = { here + down, here + down + pitch, ahead + down, ahead + down + pitch };
        around.g_before_up = level->cells[0] + up;
        around.g_before_down = level->cells[0] + down;
        around.g_after_up = after + up;
{% if is_fused %}
        around.over_0 = level->over + down;
        around.over_1 = over_1;
{% if spec.clamp %}
        around.behind_0 = level->behind + down;
        around.behind_1 = behind_1;
{% endif %}
        if (slab)
            step_row(corner, to + down, after + down, &around, pitch, k);
        else
            cells(corner, 1, 0, pitch, after + down, k);
{% else %}
        around.g_after_down = after + down;
        cells(corner, channels, apart, pitch, after + down, k);
{% endif %}
{% endif %}
{% if not is_fused %}
        for (ptrdiff_t c = 0; c < channels && slab; c++) {
            const ptrdiff_t place = c * apart + {{ "down" if cells_share else "y * pitch" }};
            around.ahead_0 = ahead + place;
            around.ahead_1 = slab + place + pitch;
            around.over_0 = level->over + place;
            around.over_1 = over_1 + c * pitch;
{% if spec.clamp %}
            around.behind_0 = level->behind + place;
            around.behind_1 = behind_1 + c * pitch;
{% endif %}
            step_row(slab + place, to + place, &around, pitch, k);
        }
{% endif %}
    }
{% endif %}
    if (slab)
        set_beyond(tile, to);
}

/* How an array is cut, and what a tile needs. */
struct plan {
    int levels;                /* of one pass */
    ptrdiff_t tiles[2];        /* along the first axis, and along {{ "the second" if axes == 3 else "the last" }} */
    ptrdiff_t ring, work;      /* slabs, and reals, of a tile at work */
};

/* The largest tile there may be. */
static struct tile tile_of(const ptrdiff_t *size, ptrdiff_t channels, const ptrdiff_t *tiles, ptrdiff_t index, int levels)
{
    struct tile tile;
    memset(&tile, 0, sizeof tile);
    tile.channels = channels;
    for (int axis = 0; axis < {{ axes }}; axis++) {
        const ptrdiff_t count = axis == {{ cut }} ? tiles[1] : axis == 0 ? tiles[0] : 1;
        const ptrdiff_t place = axis == {{ cut }} ? index % tiles[1] : axis == 0 ? index / tiles[1] : 0;
        const ptrdiff_t share = size[axis] / count, rest = size[axis] % count;
        tile.size[axis] = size[axis];
        tile.kept[axis].first = share * place + smaller(place, rest);
        tile.kept[axis].end = tile.kept[axis].first + share + (place < rest);
{% if spec.periodic %}
        const int wraps = count == 1 && axis > {{ 0 if axes > 1 else -1 }}; /* what lies beyond is at hand in each slab */
        tile.held[axis].first = tile.kept[axis].first - (wraps ? 0 : levels);
        tile.held[axis].end = tile.kept[axis].end + (wraps ? 0 : levels);
{% else %}
        tile.held[axis].first = larger(tile.kept[axis].first - levels, 0);
        tile.held[axis].end = smaller(tile.kept[axis].end + levels, size[axis]);
{% endif %}
    }
    tile.rows = {{ "tile.held[1].end - tile.held[1].first + 2" if axes == 3 else "1" }};
    tile.width = tile.held[{{ axes - 1 }}].end - tile.held[{{ axes - 1 }}].first;
    tile.pitch = (tile.width + 2 + {{ columns - 1 }}) / {{ columns }} * {{ columns }}; /* whole vectors of any width */
    tile.slab = channels * tile.rows * tile.pitch;
    return tile;
}

/* The reals that levels take beside their slabs: cells and fluxes. */
static ptrdiff_t room_of(const struct tile *tile, int levels)
{
    const ptrdiff_t of_level = {{ "2 * tile->rows * tile->pitch + " if cells_share }}{{ "tile->slab" if axes > 1 else "0" }}{{ " + tile->slab" if axes > 1 and spec.clamp }};
    return levels * of_level{% if axes == 3 %} + {{ 2 if spec.clamp else 1 }} * tile->channels * tile->pitch{% endif %};
}

/* Those that a tile takes, with the slabs of all levels and those being read. */
static ptrdiff_t work_of(const struct tile *tile, int levels)
{
    return (levels + 1 + BAND) * tile->slab + room_of(tile, levels) + 2 * LANES;
}

/* The fewest tiles, and the most levels, with which a tile stays in the caches; enough tiles for all threads. */
static struct plan plan_of(const ptrdiff_t *size, ptrdiff_t channels, size_t images, int blocks, int threads)
{
    struct plan plan;
    int most = blocks < MOST_LEVELS ? blocks : MOST_LEVELS;
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
    const ptrdiff_t tasks = (ptrdiff_t)images * plan.tiles[1];
    if (tasks < threads)
        plan.tiles[0] = larger(1, smaller((threads - 1) / tasks + 1, size[0] / (8 * plan.levels)));
{% else %}
    (void)images;
    (void)threads;
{% endif %}
    for (ptrdiff_t index = 0; index < plan.tiles[0] * plan.tiles[1]; index++) { /* that in the middle is the largest */
        const struct tile tile = tile_of(size, channels, plan.tiles, index, plan.levels);
        plan.work = larger(plan.work, work_of(&tile, plan.levels));
    }
    return plan;
}

/* Where the slabs of a level are at work: slab s is in place s % ring. */
struct places {
    real *slabs;
    ptrdiff_t first, ring;
};

INLINE real *slab_at(const struct tile *tile, const struct places *places, ptrdiff_t s)
{
    return places->slabs + (s - places->first) % places->ring * tile->slab;
}

/* Levels from block `block` on, before the first slab; returns what is left of the room. */
static real *begin_levels(const struct tile *tile, int block, int levels, const struct given *given, struct level *level, struct constants *k, real *room)
{
    memset(room, 0, (size_t)room_of(tile, levels) * sizeof *room);
    for (int l = 0; l < levels; l++) {
        k[l] = constants_of(given, block + l);
        level[l].next = {{ "tile->held[0].first - 1" if axes > 1 else "0" }};
{% if cells_share %}
        for (int i = 0; i < 2; i++, room += tile->rows * tile->pitch)
            level[l].cells[i] = room;
{% endif %}
{% if axes > 1 %}
        level[l].over = room;
        room += tile->slab;
{% if spec.clamp %}
        level[l].behind = room;
        room += tile->slab;
{% endif %}
{% endif %}
    }
    return room;
}

/* All levels as far as they come when the slabs before `read` are there, each one slab behind the one before; a tile that ends
 * earlier has no more of them, and they come to its end. `places`: of each level, and of what the last makes. */
static void run_levels(const struct tile *tile, int levels, struct level *level, const struct constants *k, const struct places *places, ptrdiff_t read{{ ", real *room" if axes == 3 }})
{
    const ptrdiff_t first = {{ "tile->held[0].first" if axes > 1 else "0" }}, end = {{ "tile->held[0].end" if axes > 1 else "1" }};
    for (int l = 0; l < levels; l++)
        for (const ptrdiff_t stop = smaller(end, read - l - 1); level[l].next < stop; level[l].next++) {
            const ptrdiff_t s = level[l].next, ahead = s + 1 < end ? s + 1 : s;
            step_slab(tile, &level[l], s < first ? NULL : slab_at(tile, places + l, s), slab_at(tile, places + l, ahead),
                      slab_at(tile, places + l + 1, s < first ? first : s),{% if axes == 3 %} room,{% if spec.clamp %} room + tile->channels * tile->pitch,{% endif %}{% endif %} &k[l]);
        }
}

/* Levels on a tile, from block `block` on, all in the same places. */
static void filter_tile(const struct tile *tile, int block, int levels, const struct given *given, const struct places *place, real *room)
{
    struct level level[MOST_LEVELS];
    struct constants k[MOST_LEVELS];
    struct places places[MOST_LEVELS + 1];
    const ptrdiff_t first = {{ "tile->held[0].first" if axes > 1 else "0" }}, end = {{ "tile->held[0].end" if axes > 1 else "1" }};
    {{ "real *const rows = " if axes == 3 }}begin_levels(tile, block, levels, given, level, k, room);
    for (int l = 0; l <= levels; l++)
        places[l] = *place;
    for (ptrdiff_t read = first, written = first; written < end;) {
        for (const ptrdiff_t stop = read + BAND; read < stop; read++)
            if (read < end)
                read_slab(tile, read, slab_at(tile, place, read));
        run_levels(tile, levels, level, k, places, read{{ ", rows" if axes == 3 }});
        for (const ptrdiff_t made = smaller(end, read - levels); written < made; written++)
{% if axes > 1 %}
            if (tile->kept[0].first <= written && written < tile->kept[0].end)
{% endif %}
                write_slab(tile, written, slab_at(tile, place, written));
    }
}
