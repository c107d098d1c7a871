{# Elementary functions on vectors, each with its proved bound. Needs vector.h. Data: approximations, unsigned, stored. #}
/* ---- Elementary functions -------------------------------------------------------------------------
 * Polynomials whose coefficients symtrans computed and whose errors it proved in ball arithmetic, for
 * every number of the domain, with each fma rounded once. 1 ulp: the unit in the last place of the
 * exact result. Compile without contraction (-ffp-contract=off) and without -ffast-math. */
#if VECTOR_BYTES
typedef {{ unsigned }}_t uvec __attribute__((vector_size(VECTOR_BYTES)));
#else
typedef {{ unsigned }}_t uvec;
#endif
/* To and from the place of the exponent. */
INLINE ivec exponent_up(ivec i) { return (ivec)((uvec)i << {{ stored }}); }
INLINE ivec exponent_down(ivec i) { return (ivec)((uvec)i >> {{ stored }}); }
/* Modulo 2^{{ stored + 1 + (8 if stored == 23 else 11) }}. */
INLINE ivec add_bits(ivec a, ivec b) { return (ivec)((uvec)a + (uvec)b); }

{% set inlined = approximations | map(attribute="name") | list %}
{% if "rsqrt" in inlined or "rsqrt_held" in inlined %}
{% include "rsqrt.h" %}
{% endif %}
{% for function in approximations %}
{% set powers = function.powers %}
{% if powers %}
{% include "powers.h" %}
{% endif %}
{% set what = function.proof.program %}
/* {{ what.formula }}, at most {{ function.proof.bound_ulp }} ulp off; {{ what.note }}. */
INLINE void {{ function.name }}_vec(const int count, const vec *x, vec *value)
{
{% if what.needs %}
#ifdef {{ what.needs }}
{% endif %}
{% for line in function.lines %}
    {{ line.text }}{% if line.comment %} /* {{ line.comment }} */{% endif %}

{% endfor %}
{% if what.needs %}
#else
{% for line in function.otherwise %}
    {{ line.text }}
{% endfor %}
#endif
{% endif %}
}

{% endfor %}
