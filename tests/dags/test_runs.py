def test_x(first_run, lived_in):
    print(first_run.output[-5000:])
    print(first_run.events)
    print(lived_in.rows("select platform, status, reason, count(*) from raw.outcomes group by 1,2,3"))
    assert 0
