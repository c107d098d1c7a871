{% include "c/header.txt" %}
#include "{{ spec.function }}.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#define WAIT(workers) if ((workers) > 1) { _Pragma("omp barrier") }
#else
#define WAIT(workers)
#endif

{% include "c/vector.h" %}

/* How the work is cut; any choice gives the same bits. */
#ifndef DEPTH
/* Levels that run together in registers, as many as there is room for (measured). */
#if {{ "1 /* a linear flux takes no room */" if is_linear else "defined __AVX512F__ || defined __aarch64__ /* 32 registers */" }}
#define DEPTH 4
#else
#define DEPTH 1
#endif
#endif
#ifndef MOST_LEVELS
#define MOST_LEVELS 64 /* levels for which a signal is read once */
#endif
#ifndef CHUNK
#define CHUNK (VECTOR_BYTES ? 4096 / (LANES * (int)sizeof(real)) : 256) /* samples of each lane in the first cache */
#endif
#define SHORT (16 * LANES) /* samples of a signal that is not worth being cut into pieces */
#define BLOCKS {{ spec.blocks }}
#define FAR (1 << 20) /* beyond all places in a window */
#ifdef __clang__
#define UNROLL _Pragma("unroll") /* a loop over lanes or levels: wholly */
#define UNROLL_TURNS _Pragma("unroll 4")
#elif defined __GNUC__
#define UNROLL _Pragma("GCC unroll 16")
#define UNROLL_TURNS _Pragma("GCC unroll 4")
#else
#define UNROLL
#define UNROLL_TURNS
#endif

{% include "c/lanes.h" %}

{% include "c/flux.h" %}

{% include "c/sweep.h" %}
{% if spec.blocks == 1 %}

{% include "c/along.h" %}
{% endif %}

/* ---- Signals ------------------------------------------------------------------------------------ */

/* The levels of one pass: all, in as few passes of as equal a size as `most` allows. */
static int levels_of_a_pass(ptrdiff_t most)
{
    const int limit = most < 1 ? 1 : most > MOST_LEVELS ? MOST_LEVELS : (int)most;
    const int passes = (BLOCKS - 1) / limit + 1;
    return (BLOCKS - 1) / passes + 1;
}

/* Up to LANES whole signals, one in each lane. */
static void filter_signals(const real *f, real *u, int signals, ptrdiff_t samples, const struct constants *k)
{
    struct tile tile;
{% if spec.periodic %}
    const int most = levels_of_a_pass(samples / 16); /* each level costs a sample of halo on both sides */
{% else %}
    const int most = levels_of_a_pass(MOST_LEVELS);
{% endif %}
    tile.lanes = signals;
{% if spec.blocks == 1 and not spec.periodic %}
    memset(tile.after, 0, sizeof tile.after); /* never read, which gcc does not see */
{% endif %}
    for (int done = 0; done < BLOCKS; done += most, f = u) {
        const int levels = BLOCKS - done < most ? BLOCKS - done : most;
        tile.halo = {{ "levels" if spec.periodic else "0" }};
        for (int lane = 0; lane < LANES; lane++) {
            const ptrdiff_t offset = lane < signals ? lane * samples : 0;
            set_piece(&tile, lane, f + offset, u + offset, samples, 0, samples);
        }
        filter(&tile, levels, k);
    }
}

{% if spec.blocks == 1 %}
#ifdef _OPENMP /* one thread goes along the signal instead */
{% endif %}
/* The pieces of one signal that are due to worker `worker` of `workers`, who all come here. */
static void filter_pieces(const real *f, real *u, ptrdiff_t samples, int worker, int workers,
                          const struct constants *k)
{
    struct tile tile;
    const ptrdiff_t pieces = (ptrdiff_t)workers * LANES;
    const int most = levels_of_a_pass(samples / pieces / 8); /* each level costs a sample of halo on both sides */
    tile.lanes = LANES;
    for (int done = 0; done < BLOCKS; done += most, f = u) {
        const int levels = BLOCKS - done < most ? BLOCKS - done : most;
        tile.halo = levels;
        for (int lane = 0; lane < LANES; lane++) {
            const ptrdiff_t piece = (ptrdiff_t)worker * LANES + lane;
            const ptrdiff_t start = samples / pieces * piece + samples % pieces * piece / pieces;
            const ptrdiff_t stop = samples / pieces * (piece + 1) + samples % pieces * (piece + 1) / pieces;
            set_piece(&tile, lane, f, u, samples, start, stop - start);
        }
        WAIT(workers) /* for the halos: now they may be overwritten */
        filter(&tile, levels, k);
        WAIT(workers) /* for the samples */
    }
}
{% if spec.blocks == 1 %}
#endif
{% endif %}

/* All signals: one in each lane, and those left over in pieces, unless they are short. */
static void filter_all(const real *f, real *u, size_t signals, size_t samples, int threads,
                       const struct constants *k)
{
    const ptrdiff_t length = (ptrdiff_t)samples;
    const int is_short = samples < SHORT;
{% if spec.blocks == 1 %}
    const size_t full = is_short ? signals / LANES : 0, left = signals - full * LANES;
{% else %}
    const size_t full = signals / LANES, left = signals % LANES;
{% endif %}
    const size_t tasks = full + (is_short ? left > 0 : left);
    if (threads > 1 && tasks < (size_t)threads && !is_short) { /* each signal by all threads together */
        const size_t most = samples / SHORT;
        const int team = most < (size_t)threads ? (int)most : threads;
#ifdef _OPENMP
#pragma omp parallel num_threads(team)
        for (size_t s = 0; s < signals; s++)
            filter_pieces(f + s * samples, u + s * samples, length, omp_get_thread_num(), omp_get_num_threads(), k);
        return;
#endif
        (void)team;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (size_t task = 0; task < tasks; task++) {
        if (task < full || is_short) {
            const size_t first = task * LANES;
            const int count = signals - first < LANES ? (int)(signals - first) : LANES;
            filter_signals(f + first * samples, u + first * samples, count, length, k);
        } else {
            const size_t s = full * LANES + (task - full);
{% if spec.blocks == 1 %}
            step_along(f + s * samples, u + s * samples, length, k);
{% else %}
            filter_pieces(f + s * samples, u + s * samples, length, 0, 1, k);
{% endif %}
        }
    }
}

{% set arguments %}const real *f, real *u, size_t signals, size_t samples
{%- for name in parameters %}, real {{ name }}{% endfor %}{% endset %}
void {{ spec.function }}_threads({{ arguments }}, int threads)
{
{% for name, value in constants %}
    const real {{ name }} = {{ value }};
{% endfor %}
    struct constants k;
    k.step = splat({{ step }});
{% if inverse_h %}
    k.inverse_h = splat({{ inverse_h }});
{% endif %}
{% for name in flux_arguments %}
    k.{{ name }} = splat({{ name }});
{% endfor %}
    if (signals > 0 && samples > 0)
        filter_all(f, u, signals, samples, threads, &k);
}

void {{ spec.function }}({{ arguments }})
{
    {{ spec.function }}_threads(f, u, signals, samples{% for name in parameters %}, {{ name }}{% endfor %}, 1);
}
