"""No split shares a scene, device or burst between its halves, and each says why it was taken."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camgan_lib.data.splits import Known, bursts, choose_split, choose_test

DAY = (2021, 5, 6, 7, 8, 0)


def files(count: int, camera: str = "A") -> list[Path]:
    return [Path(f"{camera}/{i:03d}.jpg") for i in range(count)]


def facts(paths: list[Path], column: str, values: list[int | str]) -> dict[Path, dict[str, str]]:
    return {path: {column: str(value)} for path, value in zip(paths, values, strict=True)}


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["date", "random", "scene", "device"]),
    values=st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=14), min_size=1, max_size=3),
    share=st.floats(0.01, 0.9),
    seed=st.integers(0, 99),
)
def test_a_test_half_is_never_empty_nor_all_and_cuts_no_group(kind, values, share, seed):
    usable = {f"C{n}": files(len(each), f"C{n}") for n, each in enumerate(values)}
    known = Known(
        {
            path: (2021, 1 + value, 1, 10, 0, i % 2)
            for n, each in enumerate(values)
            for i, (path, value) in enumerate(zip(usable[f"C{n}"], each, strict=True))
        },
        {
            path: {"scene": f"{n}-{value}", "device": f"{n}-{value}"}
            for n, each in enumerate(values)
            for path, value in zip(usable[f"C{n}"], each, strict=True)
        },
    )
    test, bad = choose_test(usable, kind, known, share, seed)
    for camera, paths in usable.items():
        chosen = [path for path in paths if path in test]
        if camera in bad:
            assert kind in ("scene", "device")
            assert not chosen
            continue
        assert 0 < len(chosen) < len(paths)
        if kind in ("scene", "device"):
            assert not {known.facts[p][kind] for p in chosen} & {known.facts[p][kind] for p in paths if p not in test}
        else:
            assert all(len({path in test for path in group}) == 1 for group in bursts(paths, known))


@settings(max_examples=60, deadline=None)
@given(scenes=st.integers(4, 12), cameras=st.integers(2, 4), share=st.floats(0.1, 0.6), seed=st.integers(0, 50))
def test_scenes_that_all_cameras_took_are_in_one_half_for_all(scenes, cameras, share, seed):
    usable = {f"C{n}": files(scenes, f"C{n}") for n in range(cameras)}
    known = Known({}, {path: {"scene": str(i)} for paths in usable.values() for i, path in enumerate(paths)})
    test, bad = choose_test(usable, "scene", known, share, seed)
    assert not bad
    halves = {i: {paths[i] in test for paths in usable.values()} for i in range(scenes)}
    assert all(len(half) == 1 for half in halves.values())


def test_devices_that_a_camera_does_not_have_are_said():
    a, b = files(6), files(4, "B")
    known = Known({}, facts(a, "device", [0, 0, 1, 1, 2, 2]) | facts(b, "device", [0] * 4))
    test, bad = choose_test({"A": a, "B": b}, "device", known, 0.3, 0)
    assert len(test) == 2
    assert bad == {
        "B": "split=device needs at least 2 devices per camera, it has one: add photos or use split=date or random"
    }
    _, bad = choose_test({"A": a, "B": b}, "device", Known({}, facts(a, "device", range(6))), 0.3, 0)
    assert "B" in bad
    assert "000.jpg has none" in bad["B"]


def days(paths: list[Path]) -> dict[Path, tuple[int, ...]]:
    return {path: (2021, 5, 1 + i, 7, 8, 0) for i, path in enumerate(paths)}


def test_auto_says_what_it_took_and_what_kept_it_from_a_better_one():
    a = files(6)
    line = "split by date: the latest photos of each camera are the test"
    assert choose_split({"A": a}, "auto", Known(days(a))) == ("date", line)
    some = Known(days(a[:4]))
    assert "2 without a usable date are for training (the first: 004.jpg)" in choose_split({"A": a}, "auto", some)[1]
    kind, line = choose_split({"A": a}, "auto", Known(days(a[:3])))
    assert kind == "random"
    assert "3 of 6 photos of A have no usable date (the first: 003.jpg)" in line
    kind, line = choose_split({"A": a}, "auto", Known(dict.fromkeys(a, DAY)))
    assert kind == "random"
    assert "all photos of A have the same date" in line
    scenes = Known({}, facts(a, "scene", [1, 1, 2, 2, 3, 3]))
    assert choose_split({"A": a}, "auto", scenes)[0] == "scene"
    wish = Known(days(a), facts(a, "device", [1, 1, 2, 2, 3, 3]), "device")
    assert choose_split({"A": a}, "auto", wish)[0] == "device"


@settings(max_examples=150, deadline=None)
@given(
    when=st.lists(st.tuples(st.integers(1, 28), st.integers(0, 3)), min_size=2, max_size=20),
    share=st.floats(0.01, 0.9),
)
def test_no_photo_of_the_test_is_earlier_than_one_for_training(when, share):
    a = files(len(when))
    known = Known({path: (2021, 5, day, 10, 0, second) for path, (day, second) in zip(a, when, strict=True)})
    test, _ = choose_test({"A": a}, "date", known, share, 0)
    first = {path: min(known.dates[each] for each in group) for group in bursts(a, known) for path in group}
    assert 0 < len(test) < len(a)
    assert min(first[path] for path in test) >= max(first[path] for path in a if path not in test)


def test_days_without_a_time_are_no_bursts():
    a = files(10)
    known = Known({path: (2020, 1, 1 + i // 5, 0, 0, 0) for i, path in enumerate(a)})
    test, _ = choose_test({"A": a}, "date", known, 0.2, 0)
    assert len(test) == 2
    assert {known.dates[path][2] for path in test} == {2}


@settings(max_examples=60, deadline=None)
@given(
    taken=st.lists(st.sets(st.integers(0, 9), min_size=4, max_size=10), min_size=2, max_size=4),
    share=st.floats(0.1, 0.6),
    seed=st.integers(0, 20),
)
def test_partly_shared_scenes_are_in_one_half_for_all(taken, share, seed):
    usable = {f"C{n}": files(len(scenes), f"C{n}") for n, scenes in enumerate(taken)}
    of = {path: str(s) for n, each in enumerate(taken) for path, s in zip(usable[f"C{n}"], sorted(each), strict=True)}
    known = Known({}, {path: {"scene": scene} for path, scene in of.items()})
    test, bad = choose_test(usable, "scene", known, share, seed)
    assert not bad
    assert not {of[path] for path in test} & {of[path] for path in of if path not in test}


def test_where_dates_hardly_differ_there_is_no_burst():
    a = files(6)
    assert len(bursts(a, Known(dict.fromkeys(a, DAY)))) == 6
    two = {path: (*DAY[:5], i % 2 * 30) for i, path in enumerate(a)}
    assert sorted(map(len, bursts(a, Known(two)))) == [3, 3]


def test_two_devices_take_no_burst_together():
    a = files(4)
    dates = dict.fromkeys(a[:2], DAY) | dict.fromkeys(a[2:], (2022, *DAY[1:]))
    known = Known(dates, facts(a, "device", [0, 1, 0, 0]))
    assert sorted(map(len, bursts(a, known))) == [1, 1, 2]


@pytest.mark.parametrize("kind", ["date", "random", "scene", "device"])
def test_a_camera_with_one_photo_can_not_be_split(kind):
    _, bad = choose_test({"A": files(1)}, kind, Known(), 0.5, 0)
    assert bad == {"A": "it has 1 usable photo and a split needs 2: add photos"}
