{# The vector type of a kernel and its primitives. Data: real, integer, wide, narrow (suffixes of x86), literals one, zero. #}
/* ---- Vectors ----------------------------------------------------------------------------------
 * A `vec` holds LANES reals, an `ivec` as many integers of the same width, an `mvec` a yes or no for
 * each lane: an ivec of lanes 0 (no) and -1 (yes), or a bit for each lane where the processor has masks.
 * GNU vector extensions where the compiler has them, one lane where not.
 * VECTOR_BYTES follows the machine unless set from outside; 0 is the scalar form. Every form and
 * every width gives the same bits: each operation below rounds once, as IEEE 754 says. */
#ifndef VECTOR_BYTES
#if !defined __GNUC__
#define VECTOR_BYTES 0
#elif defined __AVX512F__ && defined __AVX512DQ__
#define VECTOR_BYTES 64
#elif defined __AVX2__
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
#endif

typedef {{ real }} real;
typedef {{ integer }}_t integer;
#define REAL(name) name{{ "##f" if real == "float" }} /* a function of math.h for this type */

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline, unused))
#define APART static __attribute__((noinline)) /* a loop that needs the registers for itself */
#pragma GCC diagnostic ignored "-Wpsabi" /* all functions of vectors are inlined: none has an ABI */
#else
#define INLINE static inline
#define APART static
#endif

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)") /* a loop over lanes or levels: wholly */
#define UNROLL_TURNS _Pragma("unroll 4")
#elif defined __GNUC__
#define UNROLL _Pragma("GCC unroll 16")
#define UNROLL_TURNS _Pragma("GCC unroll 4")
#else
#define UNROLL
#define UNROLL_TURNS
#endif

#if VECTOR_BYTES
#define LANES (VECTOR_BYTES / (int)sizeof(real))
typedef real vec __attribute__((vector_size(VECTOR_BYTES)));
typedef integer ivec __attribute__((vector_size(VECTOR_BYTES)));
/* The few operations that have an instruction but no operator. */
#if VECTOR_BYTES == 64 && defined __AVX512F__ && defined __AVX512DQ__
#include <immintrin.h>
#define NATIVE(name) _mm512_##name##_{{ wide }}
#define NATIVE_SELECT(m, a, b) _mm512_mask_blend_{{ wide }}(m, b, a)
#define NATIVE_MASK __mmask{{ 512 // bits }}
#define NATIVE_FMA
#elif VECTOR_BYTES == 32 && defined __AVX2__
#include <immintrin.h>
#define NATIVE(name) _mm256_##name##_{{ wide }}
#define NATIVE_SELECT(m, a, b) _mm256_blendv_{{ wide }}(b, a, (vec)(m))
#elif VECTOR_BYTES == 16 && defined __SSE4_1__
#include <immintrin.h>
#define NATIVE(name) _mm_##name##_{{ wide }}
#define NATIVE_SELECT(m, a, b) _mm_blendv_{{ wide }}(b, a, (vec)(m))
#elif VECTOR_BYTES == 16 && defined __aarch64__
#include <arm_neon.h>
#define NEON(name) name##q_f{{ bits }}
#endif
#if defined NATIVE && defined __FMA__
#define NATIVE_FMA
#endif

INLINE vec splat(real x) { const vec nothing = { 0 }; return x - nothing; } /* - keeps the sign of -0 */
INLINE ivec bits_of(vec v) { return (ivec)v; }
INLINE vec of_bits(ivec v) { return (vec)v; }
INLINE ivec splat_integer(integer x) { const ivec nothing = { 0 }; return x - nothing; }
INLINE real lane_of(vec v, int lane) { return v[lane]; }
INLINE void set_lane(vec *v, int lane, real x) { (*v)[lane] = x; }
INLINE integer integer_of(ivec v, int lane) { return v[lane]; }
INLINE void set_integer(ivec *v, int lane, integer x) { (*v)[lane] = x; }
#ifdef NATIVE_MASK
typedef NATIVE_MASK mvec;
INLINE mvec all_lanes(int yes) { return (mvec)-yes; }
INLINE void set_mask(mvec *m, int lane, int yes) { *m = (mvec)((*m & ~(1u << lane)) | (unsigned)yes << lane); }
INLINE mvec not_mask(mvec m) { return (mvec)~m; }
INLINE mvec less_vec(vec a, vec b) { return _mm512_cmp_{{ wide }}_mask(a, b, _CMP_LT_OQ); }
INLINE mvec less_equal_vec(vec a, vec b) { return _mm512_cmp_{{ wide }}_mask(a, b, _CMP_LE_OQ); }
INLINE mvec equal_vec(vec a, vec b) { return _mm512_cmp_{{ wide }}_mask(a, b, _CMP_EQ_OQ); }
INLINE mvec less_integer(ivec a, ivec b) { return _mm512_cmplt_epi{{ bits }}_mask((__m512i)a, (__m512i)b); }
INLINE vec masked_vec(mvec m, vec v) { return _mm512_maskz_mov_{{ wide }}(m, v); } /* v where yes, 0 where no */
#else
typedef ivec mvec;
INLINE mvec all_lanes(int yes) { return splat_integer(-yes); }
INLINE void set_mask(mvec *m, int lane, int yes) { (*m)[lane] = -yes; }
INLINE mvec not_mask(mvec m) { return ~m; }
INLINE mvec less_vec(vec a, vec b) { return (mvec)(a < b); }
INLINE mvec less_equal_vec(vec a, vec b) { return (mvec)(a <= b); }
INLINE mvec equal_vec(vec a, vec b) { return (mvec)(a == b); }
INLINE mvec less_integer(ivec a, ivec b) { return (mvec)(a < b); }
INLINE vec masked_vec(mvec m, vec v) { return of_bits(m & bits_of(v)); } /* v where yes, 0 where no */
#endif
INLINE vec abs_vec(vec v) { return of_bits(bits_of(v) & ~bits_of(splat(-{{ zero }}))); }
INLINE vec copysign_vec(vec magnitude, vec sign)
{
    const ivec top = bits_of(splat(-{{ zero }}));
    return of_bits((bits_of(magnitude) & ~top) | (bits_of(sign) & top));
}
INLINE vec select_vec(mvec m, vec yes, vec no)
{
#ifdef NATIVE_SELECT
    return NATIVE_SELECT(m, yes, no);
#else
    return of_bits((m & bits_of(yes)) | (~m & bits_of(no)));
#endif
}
INLINE vec fma_vec(vec a, vec b, vec c)
{
#ifdef NATIVE_FMA
    return NATIVE(fmadd)(a, b, c);
#elif defined NEON
    return NEON(vfma)(c, a, b);
#else
    vec v = a;
    for (int lane = 0; lane < LANES; lane++)
        v[lane] = REAL(fma)(a[lane], b[lane], c[lane]);
    return v;
#endif
}
INLINE vec sqrt_vec(vec a)
{
#ifdef NATIVE
    return NATIVE(sqrt)(a);
#elif defined NEON
    return NEON(vsqrt)(a);
#else
    vec v = a;
    for (int lane = 0; lane < LANES; lane++)
        v[lane] = REAL(sqrt)(a[lane]);
    return v;
#endif
}
{% if table %}
/* The whole part of a >= 0. */
INLINE vec whole_vec(vec a)
{
#ifdef NATIVE
    return NATIVE(floor)(a);
#elif defined NEON
    return NEON(vrndm)(a);
#else
    vec v = a;
    for (int lane = 0; lane < LANES; lane++)
        v[lane] = REAL(floor)(a[lane]);
    return v;
#endif
}
INLINE ivec integers_of(vec whole) { return __builtin_convertvector(whole, ivec); }
{% endif %}
/* a < b ? a : b: of two numbers the smaller, and b where one of them is NaN. */
INLINE vec min_vec(vec a, vec b)
{
#ifdef NATIVE
    return NATIVE(min)(a, b);
#else
    return select_vec(less_vec(a, b), a, b);
#endif
}
/* a > b ? a : b: of two numbers the larger, and b where one of them is NaN. */
INLINE vec max_vec(vec a, vec b)
{
#ifdef NATIVE
    return NATIVE(max)(a, b);
#else
    return select_vec(less_vec(b, a), a, b);
#endif
}
/* name_vec(v): the function of the C library, lane by lane. */
#define LANEWISE(name) \
    INLINE vec name##_vec(vec v) \
    { \
        for (int lane = 0; lane < LANES; lane++) \
            v[lane] = REAL(name)(v[lane]); \
        return v; \
    }

#else /* the scalar form */
#define LANES 1
typedef real vec;
typedef integer ivec;
INLINE vec splat(real x) { return x; }
INLINE ivec bits_of(vec v) { ivec n; memcpy(&n, &v, sizeof n); return n; }
INLINE vec of_bits(ivec n) { vec v; memcpy(&v, &n, sizeof v); return v; }
INLINE ivec splat_integer(integer x) { return x; }
INLINE real lane_of(vec v, int lane) { (void)lane; return v; }
INLINE void set_lane(vec *v, int lane, real x) { (void)lane; *v = x; }
INLINE integer integer_of(ivec v, int lane) { (void)lane; return v; }
INLINE void set_integer(ivec *v, int lane, integer x) { (void)lane; *v = x; }
typedef ivec mvec;
INLINE mvec all_lanes(int yes) { return -yes; }
INLINE void set_mask(mvec *m, int lane, int yes) { (void)lane; *m = -yes; }
INLINE mvec not_mask(mvec m) { return ~m; }
INLINE mvec less_vec(vec a, vec b) { return -(mvec)(a < b); }
INLINE mvec less_equal_vec(vec a, vec b) { return -(mvec)(a <= b); }
INLINE mvec equal_vec(vec a, vec b) { return -(mvec)(a == b); }
INLINE mvec less_integer(ivec a, ivec b) { return -(mvec)(a < b); }
INLINE vec masked_vec(mvec m, vec v) { return m ? v : {{ zero }}; }
INLINE vec abs_vec(vec v) { return REAL(fabs)(v); }
INLINE vec copysign_vec(vec magnitude, vec sign) { return REAL(copysign)(magnitude, sign); }
INLINE vec select_vec(mvec m, vec yes, vec no) { return m ? yes : no; }
INLINE vec fma_vec(vec a, vec b, vec c) { return REAL(fma)(a, b, c); }
INLINE vec sqrt_vec(vec a) { return REAL(sqrt)(a); }
{% if table %}
INLINE vec whole_vec(vec a) { return REAL(floor)(a); }
INLINE ivec integers_of(vec whole) { return (ivec)whole; }
{% endif %}
INLINE vec min_vec(vec a, vec b) { return a < b ? a : b; }
INLINE vec max_vec(vec a, vec b) { return a > b ? a : b; }
#define LANEWISE(name) INLINE vec name##_vec(vec v) { return REAL(name)(v); }
#endif
/* Up to ABREAST vectors side by side. A chain of operations waits for each result before the next can begin; with
 * STEP each operation is done for all vectors before the next one, and none has to wait. `together` is no
 * instruction: it keeps the compiler from changing that order. */
#ifndef ABREAST
#ifdef NATIVE_MASK
#define ABREAST 3 /* enough for twice the lanes, and registers are left (measured) */
#else
#define ABREAST 4
#endif
#endif
#if defined NATIVE && VECTOR_BYTES == 64
#define IN_REGISTER "+v"
#elif defined NATIVE
#define IN_REGISTER "+x"
#elif defined NEON
#define IN_REGISTER "+w"
#endif
INLINE void together(const int count, vec *v)
{
#ifdef IN_REGISTER
    if (count == 4)
        __asm__("" : IN_REGISTER(v[0]), IN_REGISTER(v[1]), IN_REGISTER(v[2]), IN_REGISTER(v[3]));
    else if (count == 3)
        __asm__("" : IN_REGISTER(v[0]), IN_REGISTER(v[1]), IN_REGISTER(v[2]));
    else if (count == 2)
        __asm__("" : IN_REGISTER(v[0]), IN_REGISTER(v[1]));
#endif
    (void)count;
    (void)v;
}
#define EACH(x, ...) \
    UNROLL \
    for (int each = 0; each < count; each++) \
        x[each] = __VA_ARGS__;
#define STEP(x, ...) EACH(x, __VA_ARGS__) together(count, x);
INLINE mvec greater_vec(vec a, vec b) { return less_vec(b, a); }
INLINE mvec greater_equal_vec(vec a, vec b) { return less_equal_vec(b, a); }
