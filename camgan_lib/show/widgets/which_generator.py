"""A game: which of six generators have seen a camera? Spectra of trained and other generators, guessed and counted."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from camgan_lib.measure.generators import unpack
from camgan_lib.show.widgets.base import Widget
from camgan_lib.show.widgets.spectrum_explorer import colour_map

RANGE = (-12.0, 24.0)
"""Levels that are shown, in dB from the spectrum's median."""

Cards = list[tuple[str, np.ndarray]]
"""What each generator is, in words, and the spectrum of its residuals, 32×32 in dB."""


class WhichGenerator(Widget):
    """Rounds of six spectra, three of generators that have seen a camera, three of generators that have not.

    A round's spectra follow from the state alone: `seed`, `turn` (from 1) and `against` (the kind of the others).
    """

    module, label = "which_generator", "Which generator has seen a camera?"
    address = ("seed", "turn", "against")

    kinds: traitlets.List[Any] = traitlets.List().tag(sync=True)
    names: traitlets.List[Any] = traitlets.List().tag(sync=True)
    levels = traitlets.Bytes().tag(sync=True)
    scale = traitlets.List(traitlets.Float()).tag(sync=True)
    colours = traitlets.Bytes().tag(sync=True)
    aucs = traitlets.Dict().tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    turn = traitlets.Int(1).tag(sync=True)
    against = traitlets.Unicode("").tag(sync=True)

    def __init__(self, trained: Cards, others: Mapping[str, Cards], aucs: Mapping[str, float], *, seed: int = 0):
        """`trained`: generators that have seen a camera. `others`: kinds of generators that have not. See `cards`.

        Each spectrum is shown from its own median, so that how much a generator changes gives nothing away. `aucs`:
        kind → the AUC that a run found for sets of such generators, shown beside the reader's score. Raises ValueError
        for fewer than three generators of a kind.
        """
        kinds = [trained, *others.values()]
        if min(map(len, kinds)) < 3:
            raise ValueError(f"three generators of each kind, or more, were expected, got {[len(k) for k in kinds]}")
        spectra = np.stack([spectrum for kind in kinds for _, spectrum in kind])
        spectra = spectra - np.median(spectra, (1, 2), keepdims=True)
        low, high = RANGE
        super().__init__(
            kinds=["trained", *others],
            names=[[name for name, _ in kind] for kind in kinds],
            levels=np.rint(255 * np.clip((spectra - low) / (high - low), 0, 1)).astype(np.uint8).tobytes(),
            scale=list(RANGE),
            colours=colour_map(),
            aucs=dict(aucs),
            against=next(iter(others)),
            seed=seed,
        )


def cards(rows: Sequence[dict[str, Any]], words: str, each: int = 3) -> Cards:
    """Generators for the game, from rows of a sweep: of every variant the first `each` that change anything.

    `words`: how a row is named, as a format of its fields.
    """
    found: dict[str, Cards] = {}
    for row in rows:
        if row["l1"] > 0:
            found.setdefault(row["variant"], []).append((words.format(**row), unpack(row["residual_db"])))
    return [card for of_variant in found.values() for card in of_variant[:each]]
