{# What moves vectors: from and to memory, and by one lane. Needs vector.h. #}
INLINE vec load(const real *from) { vec v; memcpy(&v, from, sizeof v); return v; }
INLINE void store(real *to, vec v) { memcpy(to, &v, sizeof v); }

#if VECTOR_BYTES
#if defined __clang__ || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (ivec){ __VA_ARGS__ })
#endif
#endif

/* The last lane of `before`, then all of `now` but its last. */
INLINE vec shifted(vec before, vec now)
{
#if VECTOR_BYTES == 0
    (void)now;
    return before;
{% for bytes in (16, 32, 64) %}
#elif VECTOR_BYTES == {{ bytes }}
    return SHUFFLE(before, now, {{ range(bytes // size - 1, 2 * bytes // size - 1) | join(", ") }});
{% endfor %}
#endif
}
