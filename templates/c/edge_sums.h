{# Sums over the edges ahead of samples, from arrays with a vector for each axis: `flow`, `slope`, derivatives by parameters, the difference or its square `moved`, and what the step multiplies; they go to `row_sums`. #}
{% macro edge_sums(stepped) %}
{% if sums or table %}
        const mvec is_counted = not_mask(equal_vec(load(share + x), splat({{ zero }})));
{% endif %}
{% if sums %}
        const ptrdiff_t part = x / LANES % PLACES;
        vec sum;
{% for name in sums %}
        sum = splat({{ zero }});
{% for a in range(axes) if not name.startswith("sum") or is_even or name.endswith("_%d" % a) %}
{% if name.startswith("sum_step") %}
        sum = fma_vec({{ stepped }}[{{ a }}], value[{{ a }}], sum);
{% elif name.startswith("sum_inverse") %}
        sum = fma_vec(flow[{{ a }}], slope[{{ a }}] * moved[{{ a }}], sum);
{% else %}
        sum = fma_vec(flow[{{ a }}], {{ name }}[{{ a }}], sum);
{% endif %}
{% endfor %}
        row_sums.of[at_{{ name }}][part] = row_sums.of[at_{{ name }}][part] + masked_vec(is_counted, sum);
{% endfor %}
{% endif %}
{% if table %}
        if (waiting->found) {
{% for a in range(axes) %}
            scatter(masked_vec(is_counted, place[{{ a }}]), masked_vec(is_counted, flow[{{ a }}]), x % ACROSS, waiting);
{% endfor %}
        }
{% endif %}
{% if not sums and not table %}
        (void)share;
{% endif %}
{% endmacro %}
