"""The icons that pages show stay in the theme's script, the others go."""

import sys

from camgan_lib.base import paths

sys.path.insert(0, str(paths.book_folder() / "_ext"))
import lean

SCRIPT = (
    'var p={sun:[512,512,[9728],"f185","M1z"],"circle-half-stroke":[512,512,[9680,"adjust"],"f042","M2z"],'
    'bell:[448,512,[128276],"f0f3",["M3z","M4z"]],moon:[384,512,[],"f186","M5z"]};run(p)'
)


def test_icons_stay_by_any_of_their_names_and_the_script_stays_whole():
    assert lean.only(SCRIPT, {"sun", "bell", "moon", "adjust"}) == SCRIPT
    assert lean.only(SCRIPT, {"sun"}) == 'var p={sun:[512,512,[9728],"f185","M1z"],};run(p)'
    left = lean.only(SCRIPT, {"adjust"})
    assert '"circle-half-stroke":[512' in left
    assert "M1z" not in left
    assert "M3z" not in left


def test_names_are_those_that_pages_mention():
    pages = ['<i class="fa-solid fa-moon fa-lg"></i>', 'icon.classList.add("fa-circle-half-stroke")']
    assert lean.names_in(pages) == {"solid", "moon", "lg", "circle-half-stroke"}
