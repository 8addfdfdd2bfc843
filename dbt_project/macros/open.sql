{#- What this build rebuilds (docs/design.md, "What a build rebuilds"). `open(kind, date)` is a condition
    on the rows of a relation: true of those that are open, in the build under way or else in the last
    one. Everything is open where no build ever looked (builds.predicates is empty: a test's warehouse,
    the rebuild of an edition), with --full-refresh (of all models, for a growing table is made of what
    its sources hold), and in a unit test.

    kind: whose rows they are, which says what reopens one before the horizon: `account`,
    `organisation`, `block` (any row of a platform's quarter), `platform`, `any`, `date` (nothing).
    date: an expression, the day of the row. row: the alias that the kind's columns are read from, none
    where they need none.
    days: rows that lie so many days before the horizon are open too. -#}
{% macro open(kind, date, row="", days=0) -%}
    {%- set found = run_query("select predicate from builds.predicates where kind = '" ~ kind ~ "'")
        if execute else none -%}
    {%- if not execute -%}
        {#- for who reads a model without a database: the parser, sqlfluff -#}
        {{ row ~ "." if row }}is_open
    {%- elif not found or not found.rows or flags.FULL_REFRESH or model.resource_type == "unit_test" -%}
        true
    {%- else -%}
        {%- set since = "(" ~ open_since() ~ " - " ~ days ~ ")" if days else open_since() -%}
        {%- set prefix = row ~ "." if row else "" -%}
        {{ found.rows[0][0].replace("{date}", date).replace("{since}", since).replace("{row}.", prefix) }}
    {%- endif -%}
{%- endmacro %}

{#- The horizon as a literal date, so that the planner knows how much lies behind it; none: no horizon,
    or everything is open. -#}
{% macro open_since() -%}
    {%- set found = run_query("select open_since::text from builds.horizon") if execute else none -%}
    {%- if found and found.rows and found.rows[0][0] != "-infinity" and not flags.FULL_REFRESH
        and model.resource_type != "unit_test" -%}
        date '{{ found.rows[0][0] }}'
    {%- endif -%}
{%- endmacro %}

{#- Data tests look at what is new: what stands was tested when it was built. A test of a table that
    grows reads its open rows, one of a staging view the scans of the last month (a day's build is
    tested before its horizon is known), one of a view of figures (meta `view_of`: the table that it
    reads) the last quarter: what its SQL does shows there, and reading all of it once a test took
    longer than all its readers. -#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [] -%}
    {%- if config.get("where") -%}
        {%- do conditions.append("(" ~ config.get("where") ~ ")") -%}
    {%- endif -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == "model"
            and node.name == relation.identifier -%}
            {%- if node.config.materialized == "growing" -%}
                {%- do conditions.append(open_rows(node.config.meta.open)) -%}
            {%- elif node.config.meta.view_of -%}
                {%- do conditions.append(since_latest("period_start", 93,
                    "intermediate.int_platform_periods", "last_on")) -%}
            {%- elif node.fqn[1] == "staging" and "scan_on" in
                adapter.get_columns_in_relation(relation) | map(attribute="name") -%}
                {%- do conditions.append(since_latest("scan_on", 31, "raw.outcomes", "scan_on")) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if conditions and conditions != ["true"] -%}
        (select * from {{ relation }} as whole where {{ conditions | join(" and ") }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- A condition on the last days up to the latest day in a column of a table, if there is one; it stands
    there as a literal, so that the planner sees that an index is worth it. -#}
{% macro since_latest(date, days, table, column) -%}
    {%- set is_there = run_query("select to_regclass('" ~ table ~ "') is not null").rows[0][0] -%}
    {%- set latest = run_query("select max(" ~ column ~ ") - " ~ days ~ " from " ~ table).rows[0][0]
        if is_there else none -%}
    {%- if latest -%}
        {{ date }} > date '{{ latest }}'
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The condition of a model's meta `open`: {kind, date, days}. -#}
{% macro open_rows(spec) -%}
    {{ open(spec.kind, spec.date, "whole", spec.get("days", 0)) }}
{%- endmacro %}

{#- The readings that tell of open days: an item is read on its day or later, or by a clock that runs fast
    two days before it. -#}
{% macro open_scans(days=2) -%}
    {{ open("account", "scan_on", "", days) }}
{%- endmacro %}
