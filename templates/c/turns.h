{# A loop over vectors from x to `end`, as many abreast as there may be. #}
{% macro in_turns(function, arguments, end) %}
    for (; x + ABREAST * LANES <= {{ end }} && !LEAVES_ONE({{ end }} - x - ABREAST * LANES); x += ABREAST * LANES)
        {{ function }}(ABREAST, {{ arguments }});
    for (; ABREAST > 2 && x + LANES < {{ end }}; x += 2 * LANES)
        {{ function }}(2, {{ arguments }});
    for (; x < {{ end }}; x += LANES)
        {{ function }}(1, {{ arguments }});
{% endmacro %}
