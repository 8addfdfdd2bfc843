import time, importlib.util
from tests.pipeline.house import open_house, NOW
from klankbord import gates, warehouse as wh
def test_t(warehouse, tmp_path):
    t=time.time()
    def tick(x):
        nonlocal t
        print(x, round(time.time()-t,1), flush=True); t=time.time()
    with open_house(warehouse) as h:
        tick("open")
        h.import_archive(tmp_path); tick("archive")
        h.scan(); tick("scan")
        with warehouse.connect("klankbord_loader") as c, c.cursor() as k: k.execute("analyze")
        wh.build(warehouse,"staging"); tick("staging")
        import great_expectations; tick("import")
        spec=importlib.util.spec_from_file_location("old","/tmp/faults/raw_old.py"); m=importlib.util.module_from_spec(spec); spec.loader.exec_module(m)
        for label, rs in (("old",m.rules()),("new",gates.rules("raw"))):
            for r in rs:
                h.rows("set statement_timeout=60000; select count(*) from ("+r.offenders.format(batch=r.table)+") x", role="klankbord_publisher"); tick(f"  {label} {r.name}")
        v=gates.check(warehouse,"raw"); tick("gate new"); print([str(f) for f in v.failures])
        v=gates.check(warehouse,"raw"); tick("gate new again")
        for s in ("build_intermediate","build_marts","build_reporting","gate_reporting","publish","gate_reporting"):
            from klankbord import benchmark
            benchmark.run(warehouse,s); tick(s)
