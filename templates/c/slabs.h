{# Slabs of a tile through several levels. Needs rows.h, given.h, tiles.h. #}
/* What a level remembers of the slabs that it has passed. */
struct level {
{% if is_fused %}
    real *cells;    /* g of the cells before the slab that is next; of those after it, as far as this is done */
{% elif cells_share %}
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

/* One level on a slab{{ ": the cells between it and the slab ahead, then its samples" if cells_share }}. Before the first slab of a tile
 * there is none: then `slab` is NULL. `to` may be the slab itself. */
static void step_slab(const struct tile *tile, struct level *level, const real *slab, const real *ahead, real *to,{% if axes == 3 %} real *over_1,{% if is_fused %} real *g_before_up,{% endif %}{% if spec.clamp %} real *behind_1,{% endif %}{% endif %} const struct constants *k)
{
    const ptrdiff_t pitch = tile->pitch{% if not is_fused %}, channels = {{ "tile->channels" if spec.grid.channels else "1" }}{{ ", apart = tile->rows * pitch" if cells_share or axes == 3 }}{% endif %};
{% if cells_share %}
    const real *const here = slab ? slab : ahead;
{% if not is_fused %}
    real *const after = level->cells[0];
{% endif %}
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
{% if axes > 1 and cells_share and not is_fused %}
    level->cells[0] = level->cells[1];
    level->cells[1] = after;
{% endif %}
{% if axes == 3 %}
    memset(over_1, 0, (size_t)({{ "channels * " if not is_fused }}pitch) * sizeof *over_1);
    for (ptrdiff_t y = 0; y + 1 < tile->rows; y++) {
        const ptrdiff_t {{ "up = larger(y - 1, 0) * pitch, " if cells_share }}down = y * pitch;{{ " /* the rows of cells before and after row y */" if cells_share }}
{% else %}
    {
{% endif %}
{% set down = " + down" if axes == 3 else "" %}
{% if cells_share %}
        const real *corner[{{ 2 ** (axes - 1) }}] = { {{ {1: "here", 2: "here, ahead", 3: "here + down, here + down + pitch, ahead + down, ahead + down + pitch"}[axes] }} };
{% if is_fused %}
        around.g = level->cells{{ down }};
        around.over_0 = level->over{{ down }};
{% if axes == 3 %}
        around.g_before_up = g_before_up;
        around.g_after_up = level->cells + up;
        around.over_1 = over_1;
{% endif %}
{% if spec.clamp %}
        around.behind_0 = level->behind{{ down }};
{% if axes == 3 %}
        around.behind_1 = behind_1;
{% endif %}
{% endif %}
{% if goes_along %}
        around.soon[0] = here; /* this is there */
        around.is_streamed = 0;
{% endif %}
        if (slab)
            step_row(corner, {{ "&to" if axes == 2 else "to" ~ down }}, &around, 0, pitch, NULL, k);
        else
            cells(corner, 1, 0, pitch, around.g, k);
{% else %}
        cells(corner, channels, apart, pitch, after{{ down }}, k);
{% if axes == 1 %}
        (void)ahead;
        around.g = after;
{% elif axes == 2 %}
        around.g_before = level->cells[0];
        around.g_after = after;
{% else %}
        around.g_before_up = level->cells[0] + up;
        around.g_before_down = level->cells[0] + down;
        around.g_after_up = after + up;
        around.g_after_down = after + down;
{% endif %}
{% endif %}
{% endif %}
{% if not is_fused %}
        for (ptrdiff_t c = 0; c < channels && slab; c++) {
            const ptrdiff_t place = c * {{ "pitch" if axes < 3 else "apart + down" }};
{% for a in range(axes - 1) %}
            around.ahead_{{ a }} = {{ "ahead + place" if a == 0 else "slab + place + pitch" }};
            around.over_{{ a }} = {{ "level->over + place" if a == 0 else "over_1 + c * pitch" }};
{% if spec.clamp %}
            around.behind_{{ a }} = {{ "level->behind + place" if a == 0 else "behind_1 + c * pitch" }};
{% endif %}
{% endfor %}
            step_row(slab + place, to + place, &around, pitch, k);
        }
{% endif %}
    }
    if (slab)
        set_beyond(tile, to);
}

{% if is_fused and axes == 2 %}
/* One level on two slabs, where that after them is at hand. */
static void step_two_slabs(const struct tile *tile, const struct level *level, const real *const *slabs, real *const *to, const struct constants *k)
{
    struct around around;
    memset(&around, 0, sizeof around);
    around.g = level->cells;
    around.over_0 = level->over;
{% if spec.clamp %}
    around.behind_0 = level->behind;
{% endif %}
{% if goes_along %}
    around.soon[0] = slabs[0]; /* these are there */
    around.soon[1] = slabs[1];
{% endif %}
    step_two_rows(slabs, to, &around, 0, tile->pitch, NULL, k);
    set_beyond(tile, to[0]);
    set_beyond(tile, to[1]);
}

{% endif %}
/* The reals that levels take beside their slabs: cells and fluxes. */
static ptrdiff_t room_of(const struct tile *tile, int levels)
{
    const ptrdiff_t of_level = {{ ("tile->rows" if is_fused else "2 * tile->rows") + " * tile->pitch + " if cells_share }}{{ "tile->slab" if axes > 1 else "0" }}{{ " + tile->slab" if axes > 1 and spec.clamp }};
    return levels * of_level{% if axes == 3 %} + {{ 1 + is_fused + spec.clamp }} * tile->channels * tile->pitch{% endif %};
}

/* Those that a tile takes, with the slabs of all levels and those being read. */
static ptrdiff_t work_of(const struct tile *tile, int levels)
{
    return (levels + 1 + BAND) * tile->slab + room_of(tile, levels) + 2 * LANES;
}

{% if axes > 1 %}
/* The slabs of level l. Where a tile ends within an array, each level has one less to go by. */
INLINE struct extent slabs_of(const struct tile *tile, int l)
{
{% if spec.periodic %}
    const int is_cut_before = 1, is_cut_after = 1;
{% else %}
    const int is_cut_before = tile->held[0].first > 0, is_cut_after = tile->held[0].end < tile->size[0];
{% endif %}
    const struct extent slabs = { tile->held[0].first + is_cut_before * l, tile->held[0].end - is_cut_after * (l + 1) };
    return slabs;
}

{% endif %}
/* Levels from block `block` on, before the first slab; returns what is left of the room. */
static real *begin_levels(const struct tile *tile, int block, int levels, const struct given *given, struct level *level, struct constants *k, real *room)
{
    memset(room, 0, (size_t)room_of(tile, levels) * sizeof *room);
    for (int l = 0; l < levels; l++) {
        k[l] = constants_of(given, block + l);
        level[l].next = {{ "slabs_of(tile, l).first - 1" if axes > 1 else "0" }};
{% if is_fused %}
        level[l].cells = room;
        room += tile->rows * tile->pitch;
{% elif cells_share %}
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
    const ptrdiff_t end = {{ "tile->held[0].end" if axes > 1 else "1" }};
    for (int l = 0; l < levels; l++) {
{% if axes > 1 %}
        const struct extent slabs = slabs_of(tile, l);
{% else %}
        const struct extent slabs = { 0, 1 };
{% endif %}
        for (const ptrdiff_t stop = smaller(slabs.end, read - l - 1); level[l].next < stop; level[l].next++) {
            const ptrdiff_t s = level[l].next, ahead = s + 1 < end ? s + 1 : s;
{% if is_fused and axes == 2 %}
            if (s >= slabs.first && s + 1 < stop) {
                const real *const rows[3] = { slab_at(tile, places + l, s), slab_at(tile, places + l, ahead), slab_at(tile, places + l, smaller(s + 2, end - 1)) };
                real *const to[2] = { slab_at(tile, places + l + 1, s), slab_at(tile, places + l + 1, ahead) };
                step_two_slabs(tile, &level[l], rows, to, &k[l]);
                level[l].next++;
                continue;
            }
{% endif %}
            step_slab(tile, &level[l], s < slabs.first ? NULL : slab_at(tile, places + l, s), slab_at(tile, places + l, ahead),
                      slab_at(tile, places + l + 1, s < slabs.first ? ahead : s),{% if axes == 3 %} room,{% if is_fused %} room + tile->pitch,{% endif %}{% if spec.clamp %} room + {{ 2 if is_fused else "tile->channels" }} * tile->pitch,{% endif %}{% endif %} &k[l]);
        }
    }
}

/* Levels on a tile, from block `block` on, all in the same places; in place with a halo. */
static void filter_tile(const struct tile *tile, int block, int levels, const struct given *given, const struct places *place, const real *halo, real *room)
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
                halo = read_slab(tile, read, halo, slab_at(tile, place, read));
        run_levels(tile, levels, level, k, places, read{{ ", rows" if axes == 3 }});
        for (const ptrdiff_t made = smaller(end, read - levels); written < made; written++)
{% if axes > 1 %}
            if (tile->kept[0].first <= written && written < tile->kept[0].end)
{% endif %}
                write_slab(tile, written, slab_at(tile, place, written));
    }
}
