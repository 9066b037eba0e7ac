"""Tables and figures that set this project's generators beside what others published on generators' spectra."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.show.figures.forest import forest
from camgan_lib.show.figures.layout import legend, panels
from camgan_lib.show.figures.palette import STRONG, camera_colour
from camgan_lib.show.figures.style import WIDTH, responsive
from camgan_lib.show.figures.tables import Columns, Table, p_value, table

Record = dict[str, Any]


def _rows(networks: list[Record], what: str) -> list[Record]:
    """The "layers" or "tests" of all networks, each with its network's name."""
    return [{"network": each["network"], **row} for each in networks for row in each[what]]


def _starts(rows: list[Record]) -> list[int]:
    """Rows at which another network begins."""
    return [at for at in range(1, len(rows)) if rows[at]["network"] != rows[at - 1]["network"]]


def spectral_errors(networks: list[Record]) -> Table:
    """Spectral error of each network and upsampling layer by band of frequencies: means over seeds, 95 % intervals.

    `networks`: "networks" of published/trials/frequency_bias.json, its estimates read.
    """
    rows = _rows(networks, "layers")
    bands = [name for name in rows[0] if name not in ("network", "kind", "size", "psnr")]
    columns: dict[str, tuple[str, str]] = {"network": ("Network", "{}"), "kind": ("upsampling", "{}")}
    columns |= {name: (f"{name} frequencies" if name == "highest" else name, "{:+.1f}") for name in bands}
    columns |= {"size": ("size, all rings", "{:.1f}"), "psnr": ("PSNR (dB)", "{:.1f}")}
    return table(rows, columns, "Error of the reduced spectrum in dB, made over wanted (95 % over seeds)")


def spectral_error_points(networks: list[Record]) -> Figure:
    """The same as a figure: a panel per band of frequencies, dashed where nothing is off."""
    rows = _rows(networks, "layers")
    bands = [name for name in rows[0] if name not in ("network", "kind", "size", "psnr")]
    panels = {name: {"error": [row[name] for row in rows]} for name in bands}
    names = [f"{row['network']}, {row['kind']}" for row in rows]
    label = "error of the reduced spectrum (dB)"
    return forest(names, panels, at=dict.fromkeys(bands, 0.0), starts=_starts(rows), label=label)


def order(networks: list[Record]) -> Table:
    """The tests of the published order of upsampling layers, a row each, with p corrected by Holm for each network."""
    rows = _rows(networks, "tests")
    columns: Columns = {"network": ("Network", "{}"), "what": ("error", "{}"), "expected": ("as published", "{}")}
    columns |= {"estimate": ("found (dB)", "{:+.1f}"), "p": ("p (Holm)", p_value)}
    caption = "Published signs and order of spectral errors (95 % over seeds, paired)"
    return table(rows, columns, f"{caption}; p is two-sided, so a small one may also tell of the opposite")


def order_points(networks: list[Record]) -> Figure:
    """The same as a figure: hollow where the difference from 0 may be chance."""
    rows = _rows(networks, "tests")
    title = "error, or difference of errors (dB)"
    return forest(
        [f"{row['what']} ({row['expected']})" for row in rows],
        {title: {"found": [row["estimate"] for row in rows]}},
        at={title: 0.0},
        hollow=[(title, at) for at, row in enumerate(rows) if row["p"] >= 0.05],
        starts=_starts(rows),
    )


@responsive
def reduced_spectra(rows: list[Record], *, width: float = WIDTH) -> Figure:
    """Reduced spectra of what trained generators make, over those of the toy images, in dB, a panel per network.

    `rows`: "rows" of published/trials/frequency_bias.json. Lines are means over seeds; zero is the truth.
    """
    networks = list(dict.fromkeys(row["network"] for row in rows))
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    figure, several = panels(len(networks), width, least=3, height=2.7, extra=0.6, sharey=True)
    for axes, network in zip(several, networks, strict=True):
        for number, kind in enumerate(kinds):
            chosen = [row for row in rows if (row["network"], row["kind"]) == (network, kind)]
            if not chosen:
                continue
            ratio = [10 * np.log10(np.divide(row["spectrum"], row["wanted"])) for row in chosen]
            axes.plot(chosen[0]["frequency"], np.mean(ratio, 0), color=camera_colour(number), label=kind)
        axes.axhline(0, color=STRONG, linewidth=0.8)
        axes.set(title=network, xlabel="frequency (1: the spectrum's corner)")
        axes.grid()
    several[0].set_ylabel("made over wanted (dB)")
    legend(figure, several, width)
    return figure


def extractors(trial: Record) -> Table:
    """How often extractors that learned from synthetic generators alone name those trained for a camera.

    `trial`: published/trials/model_synthesis.json, its estimates read. The last rows are the control.
    """
    rows = [
        {"spectrum": each["spectrum"], "set": each["set"], "held_out": each["held_out"], "p": each["p_holm"]}
        | {"trained": each["trained"]["accuracy"], "chance": each["trained"]["chance"]}
        for each in trial["extractors"]
    ]
    rows += [
        {"spectrum": name, "set": "trained, other seeds", "trained": each["accuracy"], "chance": each["chance"]}
        for name, each in trial["control"].items()
    ]
    columns: Columns = {"spectrum": ("spectrum of", "{}"), "set": ("learned from", "{}")}
    columns |= {"held_out": ("others of these named", "{:.0%}"), "trained": ("trained ones named", "{:.0%}")}
    columns |= {"chance": ("Chance", "{:.0%}"), "p": ("p (Holm)", p_value)}
    return table(rows, columns, "Generators whose way of upsampling is named rightly (95 %, seeds of trained ones)")


def confusion(trained: Record, spectrum: str) -> Table:
    """What generators of each kind are named by a `spectrum`, counted: a row per true kind, a column per name."""
    counts = trained["confusion"]
    rows = [{"kind": kind, **named} for kind, named in counts.items()]
    columns = {"kind": ("trained with", "{}"), **{name: (name, "{}") for name in next(iter(counts.values()))}}
    return table(rows, columns, f"What generators trained for a camera are named by the spectrum of the {spectrum}")
