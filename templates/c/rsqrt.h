{# The processor's approximation of 1/sqrt, a first guess. Needs vector.h. #}
#ifdef __SSE2__
#include <immintrin.h>
#define NATIVE_RSQRT
{% if real == "float" %}
/* About 1/sqrt(a), by the processor: the same bits for every form and width, but other makers have other bits. */
INLINE vec about_rsqrt(vec a)
{
#if VECTOR_BYTES == 64 && defined NATIVE
    /* in halves: the instruction for 16 lanes gives other bits */
    const __m256 low = _mm256_rsqrt_ps(_mm512_castps512_ps256(a));
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), _mm256_rsqrt_ps(_mm512_extractf32x8_ps(a, 1)), 1);
#elif VECTOR_BYTES && defined NATIVE
    return NATIVE(rsqrt)(a);
#else
    vec v = a;
    for (int lane = 0; lane < LANES; lane++)
        set_lane(&v, lane, _mm_cvtss_f32(_mm_rsqrt_ss(_mm_set_ss(lane_of(a, lane)))));
    return v;
#endif
}
{% else %}
/* About 1/sqrt(a), by the processor, in float: useless where a is no normal float. The same bits for every form and
 * width, but other makers have other bits. */
INLINE vec about_rsqrt(vec a)
{
#if VECTOR_BYTES == 64 && defined NATIVE
    return _mm512_cvtps_pd(_mm256_rsqrt_ps(_mm512_cvtpd_ps(a)));
#elif VECTOR_BYTES == 32 && defined NATIVE
    return _mm256_cvtps_pd(_mm_rsqrt_ps(_mm256_cvtpd_ps(a)));
#elif VECTOR_BYTES == 16 && defined NATIVE
    return _mm_cvtps_pd(_mm_rsqrt_ps(_mm_cvtpd_ps(a)));
#else
    vec v = a;
    for (int lane = 0; lane < LANES; lane++)
        set_lane(&v, lane, (real)_mm_cvtss_f32(_mm_rsqrt_ss(_mm_set_ss((float)lane_of(a, lane)))));
    return v;
#endif
}
{% if "rsqrt" in inlined %}
/* Whether `count` masks hold in all lanes. */
INLINE int all_hold(const int count, const mvec *mask)
{
    mvec both = mask[0];
    for (int each = 1; each < count; each++)
        both &= mask[each];
#ifdef NATIVE_MASK
    return both == all_lanes(1);
#elif VECTOR_BYTES == 32 && defined NATIVE
    return _mm256_movemask_pd((__m256d)both) == 0xf;
#elif VECTOR_BYTES == 16 && defined NATIVE
    return _mm_movemask_pd((__m128d)both) == 3;
#else
    for (int lane = 0; lane < LANES; lane++)
        if (!integer_of(both, lane))
            return 0;
    return 1;
#endif
}
{% endif %}
{% endif %}
#endif
