"""The search for citizens, by itself: it reads every kind of column in which a word can stand."""

from tests.demo.traces import columns, search

KINDS = {
    "a_text": ("text", "'van Jan_Peeters84!'"),
    "a_name": ("character varying(40)", "'Jan_Peeters84'"),
    "a_list": ("text[]", "array['x', 'Jan_Peeters84']"),
    "a_document": ("jsonb", """'{"by": ["Jan_Peeters84"]}'"""),
    "an_old_document": ("json", """'{"by": "Jan_Peeters84"}'"""),
}


def test_every_kind_of_column_is_read(warehouse):
    declared = ", ".join(f"{name} {kind}" for name, (kind, _) in KINDS.items())
    values = ", ".join(value for _, value in KINDS.values())
    with warehouse.connect(warehouse.admin) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table raw.planted (n integer, {declared})")
        cursor.execute(f"insert into raw.planted select n, {values} from generate_series(1, 3) n")
    places = list(columns(warehouse, warehouse.dbname))
    table = f"{warehouse.dbname}.raw.planted"
    found = {hit.split(":")[0] for hit in search(places, {"jan_peeters84"})}
    assert found == {f"{table}.{name}" for name in KINDS}
    texts = dict(places)
    assert texts[f"{table}.a_name"] == "Jan_Peeters84", "each value once"
    assert f"{table}.n" not in texts
