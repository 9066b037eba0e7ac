"""Photos for validation are chosen as those of the test were."""

import numpy as np
import pytest

from camgan_lib.data.validation import validation_photos


def facts(per_camera: int = 20, cameras: int = 2, dated: bool = True) -> list[dict]:
    """The last photo by number is the first by date; four photos have a scene in common."""
    return [
        {
            "camera": camera,
            "date": f"2021-05-{28 - i:02d} 10:00:00" if dated else "",
            "scene": f"{camera}-{i // 4}",
        }
        for camera in range(cameras)
        for i in range(per_camera)
    ]


def test_of_a_split_by_date_the_latest_are_chosen():
    assert validation_photos(facts(), range(40), "date", 0).tolist() == [0, 1, 2, 20, 21, 22]


def test_of_a_split_by_scene_whole_scenes_are_chosen():
    chosen = validation_photos(facts(), range(40), "scene", 1)
    scenes = [each["scene"] for each in facts()]
    kept = {scenes[i] for i in set(range(40)) - set(chosen.tolist())}
    assert not {scenes[i] for i in chosen} & kept
    assert len(chosen) == 8


@pytest.mark.parametrize("split", ["random", "device"])
def test_of_another_split_they_are_drawn_from_the_seed(split):
    first, second = (validation_photos(facts(), range(40), split, seed).tolist() for seed in (1, 2))
    assert first == validation_photos(facts(), range(40), split, 1).tolist()
    assert first != second
    assert [sum(20 * c <= i < 20 * c + 20 for i in first) for c in range(2)] == [3, 3]


def test_only_the_photos_given_are_chosen_and_of_few_none():
    chosen = validation_photos(facts(), [*range(5, 20), 20, 21, 22], "date", 0)
    assert chosen.tolist() == [5, 6]
    assert len(validation_photos(facts(), [0, 1, 2, 20, 21, 22], "date", 0)) == 0


def test_where_dates_are_missing_photos_are_drawn():
    assert len(validation_photos(facts(dated=False), range(40), "date", 0)) == 6


def test_the_result_is_sorted_numbers():
    assert validation_photos(facts(), np.arange(40), "date", 0).dtype == np.int64
