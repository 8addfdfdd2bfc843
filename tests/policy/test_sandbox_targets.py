"""The demo's register has the safety regions' targets, as its own check reads them."""

from dataclasses import replace

from rich.progress import Progress

from klankbord import demo, register
from klankbord.sandbox import targets
from klankbord.sandbox.world import World
from tests.pipeline.registers import bodies, some_bodies


def test_the_plan_is_the_examples(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KLANKBORD_HOME", str(tmp_path))
    monkeypatch.setenv("KLANKBORD_NOW", demo.DEMO_NOW)
    only = some_bodies(3)
    monkeypatch.setattr(
        "klankbord.sandbox.world.World", lambda of, seed: World(of, seed, only=only)
    )
    demo.write_world(Progress(disable=True))
    folder = demo.sandbox_folder() / "register"
    read = register.read([demo.settings.PROJECT_ROOT / "register", folder])
    assert len(read.targets) == 2 * len(targets.PLAN) == 24
    example = register.read([demo.settings.PROJECT_ROOT / "docs" / "examples" / "register"]).targets

    def said(target, prefix: str):
        name = target.target_id.removeprefix(prefix)
        place = {"organisation_id": "", "source": "", "source_file": "", "source_line": 0}
        return replace(target, target_id=name, basis="declared", **place)

    region = read.targets[0].organisation_id
    ours = [said(t, f"{region}-") for t in read.targets if t.organisation_id == region]
    assert ours == [said(t, "example-") for t in example]
    assert bodies().targets == []
