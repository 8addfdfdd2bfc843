{#- A table that keeps the rows of what is settled: its open rows (meta `open`: kind, date, days; macro
    `open`) go and come anew in one transaction, all others stay. When everything is open, or the table
    is not there, it is made whole, beside the old one.

    The select may give more rows than the open ones (it should not read much more): which of them are
    written is decided here. It must give every open row, from whatever its sources keep.
    meta `marks_blocks`: rows that changed before the horizon reopen their platform's quarter. -#}
{% materialization growing, adapter="postgres" %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set spec = config.get("meta").open -%}
    {%- set condition = open_rows(spec) | trim -%}
    {%- set is_whole = existing is none or not existing.is_table or should_full_refresh()
        or condition == "true" -%}
    {%- set whole_relation = make_intermediate_relation(target_relation) -%}
    {%- set backup_relation = make_backup_relation(
        target_relation, "table" if existing is none else existing.type
    ) -%}
    {{ drop_relation_if_exists(load_cached_relation(whole_relation)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if is_whole %}
        {% call statement("main") -%}
            {{ get_create_table_as_sql(False, whole_relation, sql) }}
        {%- endcall %}
        {% do create_indexes(whole_relation) %}
        {% do run_query("create index on " ~ whole_relation ~ " (" ~ spec.date ~ ")") %}
        {#- a day exchanges some hundredths: at the server's own fifth, the dead rows of a week would lie
            among the open ones, and each build would read them -#}
        {% do run_query("alter table " ~ whole_relation ~ " set (autovacuum_vacuum_scale_factor = 0.01)") %}
        {% set existing = load_cached_relation(existing) if existing is not none else none %}
        {% if existing is not none %}
            {{ adapter.rename_relation(existing, backup_relation) }}
        {% endif %}
        {{ adapter.rename_relation(whole_relation, target_relation) }}
    {% else %}
        {%- set fresh = make_temp_relation(target_relation) -%}
        {%- set opened = "select * from (\n" ~ sql ~ "\n) as whole where " ~ condition -%}
        {% do run_query(get_create_table_as_sql(True, fresh, opened)) %}
        {%- set columns = adapter.get_columns_in_relation(existing)
            | map(attribute="quoted") | join(", ") -%}
        {% if config.get("meta").marks_blocks %}
            {% do run_query(mark_blocks(existing, fresh, columns, condition, spec.date)) %}
        {% endif %}
        {% call statement("main") -%}
            delete from {{ target_relation }} as whole where {{ condition }};
            insert into {{ target_relation }} ({{ columns }}) select {{ columns }} from {{ fresh }}
            {#- an index of ten years is larger than the memory: in its order, each page is touched once -#}
            {%- set index = (config.get("indexes") or []) | first %}
            {%- if index %} order by {{ index.columns | join(", ") }} {%- endif %}
        {%- endcall %}
        {% do run_query("drop table " ~ fresh) %}
    {% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ drop_relation_if_exists(backup_relation) if is_whole }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{#- Note the quarters before the horizon of which a row differs between the table and its new rows. -#}
{% macro mark_blocks(kept, fresh, columns, condition, date) -%}
    {%- set before = date ~ " < " ~ open_since() -%}
    insert into builds.blocks (platform, quarter_start)
    select distinct
        platform,
        date_trunc('quarter', {{ date }}::timestamp)::date
    from (
        (
            select {{ columns }} from {{ kept }} as whole where {{ condition }} and {{ before }}
            except
            select {{ columns }} from {{ fresh }} where {{ before }}
        )
        union all
        (
            select {{ columns }} from {{ fresh }} where {{ before }}
            except
            select {{ columns }} from {{ kept }} as whole where {{ condition }} and {{ before }}
        )
    ) as changed
    on conflict do nothing
{%- endmacro %}
