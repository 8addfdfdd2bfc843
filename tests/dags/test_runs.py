import json
def test_x(first_run, lived_in):
    print(first_run.output[-5000:])
    print(first_run.events)
    print(lived_in.rows("select platform, status, reason, count(*) from raw.outcomes group by 1,2,3"))
    print(lived_in.metadata("select dag_id, task_id, map_index, key, value::text from xcom"))
    print(lived_in.metadata("select dag_id, task_id, map_index, rendered_map_index, duration, try_number from task_instance"))
    assert 0
