{# The processor's approximation of 1/sqrt, a first guess. For float; needs vector.h. #}
#ifdef __SSE__
#include <xmmintrin.h>
#define NATIVE_RSQRT
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
#endif

