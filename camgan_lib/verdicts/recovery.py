"""Chapter 11's sentences: what comes back of the cameras' true spectra, by rules on paired differences."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from camgan_lib.measure import statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts.controls import points
from camgan_lib.verdicts.wording import joined


def conclusion(found: dict[str, Any], kinds: Sequence[str], turned: dict[str, Estimate], without: float) -> str:
    """What the table of recovery says of the way to train that recovers most, beside the paper's.

    `found`: `truth.chosen`; `kinds`: the ways to train, the paper's first; `turned`: kind → share of images that
    generators turn at least, by the auxiliary classifier; `without`: the mean correlation of the crops' own spectra.
    More or less is said where the 95 % interval of a difference in pairs by seed lies on one side of 0.
    """
    first, top, recovered = kinds[0], found["best"], found["recovered"]
    mean, cameras = recovered[top]["mean"], len(recovered[top]["own"][0])
    least = min(recovered[top]["hits"])
    told = f"all {cameras}" if least == cameras else f"at least {least} of {cameras}"
    said = [
        f"Of the ways to train a generator, “{top}” gives images spectra that correlate best with the cameras' true "
        f"ones on the seeds to choose by. On the other {mean.n} seeds its mean correlation is {mean:.2f}, and for each "
        f"of them {told} cameras are told by what it recovered."
    ]
    if top == first:
        said.append("It is the paper's own.")
    else:
        said += [_more(mean, recovered[first]["mean"]), _turned(turned[top], turned[first])]
    return " ".join([*said, _crops(mean, without)])


def _more(mean: Estimate, papers: Estimate) -> str:
    apart = statistics.difference(mean, papers)
    if not apart.known:
        return f"The paper's has {papers:.2f}; these seeds tell nothing about the difference."
    if apart.low > 0:
        return f"In pairs by seed that is {apart:.2f} more than the paper's of the same small sweep."
    if apart.high < 0:
        return f"In pairs by seed the paper's has more; the difference is {apart:.2f}."
    return f"No difference from the paper's is shown: {apart:.2f} in pairs by seed."


def _turned(own: Estimate, papers: Estimate) -> str:
    apart = statistics.difference(papers, own)
    both = f"Of the images for a camera it turns {_share(own)} at least, the paper's {_share(papers)} at least"
    if apart.known and apart.low > 0:
        return (
            f"{both} ({points(apart)}, in pairs by seed): having a camera's mean spectrum and being "
            "taken for the camera's are two things."
        )
    return (
        f"{both}: " + ("fewer" if apart.known and apart.high < 0 else "no difference is shown") + f" ({points(apart)})."
    )


def _crops(mean: Estimate, without: float) -> str:
    """Where the crops' own correlation lies beside an interval over seeds: it has none itself, so nothing is tested."""
    place = ""
    if mean.known:
        side = "below" if without < mean.low else "above" if without > mean.high else "within"
        place = f", {side} that interval"
    return (
        f"The crops' mean spectrum, without any generator, has {without:.2f}{place}; it is one number of one set of "
        "photos, and no difference is tested."
    )


def finding(apart: Estimate) -> str:
    """Whether a difference is shown: its interval lies on one side of 0."""
    return f"{'a' if apart.low > 0 or apart.high < 0 else 'no'} difference is shown"


def definitions_sentence(rows: Sequence[dict[str, Any]]) -> str:
    """By which definitions of a fingerprint images of several generators are told apart (`fingerprints.compare`).

    They are, where the interval lies above chance.
    """
    told = {f"“{row['definition']}” ({row['told']:.0%})": row["told"].low > row["chance"] for row in rows}
    telling, blind = ([text for text, apart in told.items() if apart is each] for each in (True, False))
    parts = [f"by {joined(telling)} more often than by chance, {rows[0]['chance']:.0%}"] if telling else []
    parts += [f"no more often than by chance, as far as is shown, by {joined(blind)}"] if blind else []
    return f"An image's camera is told {'; '.join(parts)}."


def _share(share: Estimate) -> str:
    cut = {name: min(1.0, max(0.0, getattr(share, name))) for name in ("value", "low", "high")}
    return f"{replace(share, **cut) if share.known else replace(share, value=cut['value']):.0%}"
