"""What chapter 4 says of the judges that had no part in the training, and of the oracle, in words that fit any run."""

from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import difference


def words(
    classifiers: dict[str, dict[str, Any]], judges: dict[str, dict[str, Any]], mean: dict[str, Estimate], *, other: bool
) -> dict[str, str]:
    """The words of chapter 4, by name.

    `classifiers` and `judges`: rows of `judging.beside_oracle`; `mean`: that of `judges` (`judging.mean_over`);
    `other`: whether judges have learned from other photos than the classifiers.
    """
    right = sorted(each["accuracy"].value for each in judges.values())
    return {
        "networks": _networks(len(judges), max(len(each["turned_by_network"]) for each in judges.values()), other),
        "photos": _photos(other),
        "right": f"{right[0]:.1%} to {right[-1]:.1%}",
        "turned": f"{mean['turned']:.1%}",
        "auxiliary": f"{classifiers['auxiliary']['turned']:.1%}",
        "lost": _lost(classifiers["auxiliary"]["turned"], mean["turned"]),
        "oracle": _oracle(mean),
    }


def _networks(judges: int, each: int, other: bool) -> str:
    if each == 1:
        return "Each judge is one network. Another one may give other shares."
    shared = " Each set of photos teaches one network of every judge." if other and each >= judges else ""
    return (
        f"Each judge is {each} networks, which differ in their seeds and photos; its shares are means over them."
        f"{shared} Intervals keep the networks: others of the same judge may give other shares, as far apart as those "
        "in the column “network by network (%)”."
    )


def _photos(other: bool) -> str:
    if other:
        return (
            "Each network has learned from photos that no classifier has seen, which the same cameras took of other "
            "scenes"
        )
    return (
        "There are no other photos of these cameras, so each network has learned from another half of the photos that "
        "the classifiers learned from; what these judges share with the classifiers is therefore not only the cameras"
    )


def _lost(auxiliary: Estimate, mean: Estimate) -> str:
    lost = difference(auxiliary, mean)
    size = f"{100 * lost.value:.1f} points ({100 * lost.low:.1f} to {100 * lost.high:.1f})"
    if lost.low > 0:
        return f"Scene by scene that is {size} fewer than the auxiliary classifier is turned by"
    return f"Scene by scene no loss against the auxiliary classifier is shown: {size}"


def _oracle(mean: dict[str, Estimate]) -> str:
    if "oracle_turned" not in mean:
        return "These cameras' pipelines are not known, so there is no oracle."
    short = mean["short_of_oracle"]
    size = f"{100 * abs(short.value):.1f} points"
    ends = sorted(100 * (end if short.value >= 0 else -end) for end in (short.low, short.high))
    size = f"{size} ({ends[0]:.1f} to {ends[1]:.1f})"
    reached = f"The oracle turns {mean['oracle_turned']:.1%}, mean over the judges."
    if short.low > 0:
        return (
            f"{reached} Generators fall short of it by {size}. Pictures of this content can carry what these judges "
            "know a camera by, and those of the generators carry less of it."
        )
    if short.high < 0:
        return f"{reached} Generators turn more than that, by {size}: more than the camera itself would."
    return f"{reached} Between generators and oracle no difference is shown: {size}."
