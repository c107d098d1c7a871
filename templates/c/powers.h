{# A look into a table of eight powers of two. Needs vector.h. Data: powers, their bits. #}
/* 2^(j/8), rounded, for j = 0 to 7: its bits, less j eighths of a unit of the exponent, which `scaled` brings back. */
static const integer POWERS[8] = {
{% for row in powers | batch(4) %}
    {{ row | join(", ") }}{{ "," if not loop.last }}
{% endfor %}
};

/* POWERS[j mod 8] in each lane. */
INLINE ivec looked_up(ivec j)
{
#if VECTOR_BYTES == 64 && defined NATIVE
{% if real == "float" %}
    const __m256i powers = _mm256_loadu_si256((const __m256i *)POWERS);
    return (ivec)_mm512_permutexvar_epi32((__m512i)j, _mm512_inserti64x4(_mm512_castsi256_si512(powers), powers, 1));
{% else %}
    return (ivec)_mm512_permutexvar_epi64((__m512i)j, _mm512_loadu_si512(POWERS));
{% endif %}
#elif VECTOR_BYTES == 32 && defined NATIVE
{% if real == "float" %}
    return (ivec)_mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)POWERS), (__m256i)j);
{% else %}
    /* in halves: AVX2 looks up 32 bits */
    const __m256i low = _mm256_setr_epi32({% for k in range(8) %}{{ ", " if k }}(int)POWERS[{{ k }}]{% endfor %});
    const __m256i high = _mm256_setr_epi32({% for k in range(8) %}{{ ", " if k }}(int)(POWERS[{{ k }}] >> 32){% endfor %});
    const __m256i twice = _mm256_shuffle_epi32((__m256i)j, 0xa0);
    return (ivec)_mm256_blend_epi32(_mm256_permutevar8x32_epi32(low, twice), _mm256_permutevar8x32_epi32(high, twice), 0xaa);
{% endif %}
{% if real == "float" %}
#elif defined NEON
    /* byte by byte: those of POWERS[j] are 4 j to 4 j + 3 */
    const uint8x16x2_t bytes = { { vld1q_u8((const uint8_t *)POWERS), vld1q_u8((const uint8_t *)(POWERS + 4)) } };
    const uint32x4_t places = vmlaq_n_u32(vdupq_n_u32(0x03020100), (uint32x4_t)(j & 7), 0x04040404);
    return (ivec)vqtbl2q_u8(bytes, vreinterpretq_u8_u32(places));
{% endif %}
#else
    for (int lane = 0; lane < LANES; lane++)
        set_integer(&j, lane, POWERS[integer_of(j, lane) & 7]);
    return j;
#endif
}
/* 2^y of the number of eighths in the last bits of y. */
INLINE vec scaled(ivec y)
{
    return of_bits(add_bits(looked_up(y), (ivec)((uvec)y << {{ stored - 3 }})));
}

