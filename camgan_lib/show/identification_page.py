"""Which camera took which photo, as one HTML file: each photo with a map of its crops' votes (`camgan identify`).

All that comes from users (names, remarks) is escaped. See `standalone` for what such pages have in common.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from camgan_lib.data.names import shown
from camgan_lib.measure.identification import Answer
from camgan_lib.show.figures.palette import CAMERA_COLOURS, camera_colour
from camgan_lib.show.identification import NONE, About, Seen, in_words, percent, sentences
from camgan_lib.show.standalone import CLOSING, opening, text

TITLE = "Which camera took these photos?"
_LONGEST, _LEAST_FIELD = 512.0, 32.0
"""The longer side of a map, and the shorter side of a field on it that still has room for a camera's number."""

_STYLE = """
.answers { max-width: 52rem; }
.bars thead .number { white-space: normal; overflow-wrap: normal; max-width: 6rem; }
.photo { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1rem 0; }
.photo:target { border-color: var(--link); }
.answer { font-size: 1.1rem; }
.sides { display: grid; grid-template-columns: minmax(0, 26rem) minmax(0, 1fr); gap: 0.8rem 1.6rem; }
figure { margin: 0; }
.map { position: relative; max-width: 100%; margin: 0.3rem auto 0.3rem 0; overflow: hidden; border-radius: 3px; }
.map img { display: block; width: 100%; height: auto; }
.map svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.map text { fill: #fff; stroke: #000; stroke-width: 0.22em; paint-order: stroke; font-weight: 600; }
figure input { accent-color: var(--link); width: 1.1rem; height: 1.1rem; vertical-align: -0.2rem; margin: 0 0.3rem 0; }
figure input:checked ~ .map img { filter: grayscale(1); }
figure input:not(:checked) ~ .map svg { display: none; }
.swatch { display: inline-block; min-width: 1.5rem; padding: 0 0.2rem; margin-right: 0.4rem; border-radius: 3px;
  border: 1px solid var(--line); text-align: center; font-size: 0.8rem; font-weight: 600; }
.name { display: flex; align-items: baseline; }
.bar { height: 0.5rem; margin-top: 0.15rem; border-radius: 2px; background: var(--line); }
.bar div { height: 100%; border-radius: 2px; border: 1px solid var(--text); }
.bar .none { border: 0; }
@media (max-width: 44rem) {
  .sides { grid-template-columns: minmax(0, 1fr); }
  .photo { padding: 0.8rem; }
  .answers thead { position: absolute; clip-path: inset(50%); }
  .answers tr { display: block; padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
  .answers th, .answers td { display: inline; padding: 0 0.5rem 0 0; }
  .answers th { display: block; }
  .answers td:last-child::after { content: " crops"; }
}
@media print { .photo { break-inside: avoid; } }
"""


def page(answers: Sequence[Seen], left_out: Mapping[str, str], about: About) -> Iterator[str]:
    """The parts of the HTML file, one after the other: answers, each photo, what was left out."""
    yield opening(TITLE, _STYLE)
    yield from (f"<p>{text(sentence)}</p>\n" for sentence in sentences(about))
    if answers:
        yield f"<h2>Answers</h2>\n{_overview(answers, about.cameras)}<h2>Photo by photo</h2>\n"
        yield (
            '<p class="soft">Each field of a map stands for the crop of 32×32 pixels in its middle. Its number and its '
            "colour name the camera that the crop votes for; the stronger the colour, the surer the network is of it. "
            "The probabilities are those of the whole photo, given that one of these cameras took it.</p>\n"
        )
    for number, seen in enumerate(answers, 1):
        yield _photo(number, seen, about.cameras)
    if left_out:
        lines = (f"<li><bdi>{text(file)}</bdi>: {text(reason)}</li>" for file, reason in left_out.items())
        yield f"<h2>Left out</h2>\n<ul>{''.join(lines)}</ul>\n"
    yield CLOSING


def _overview(answers: Sequence[Seen], cameras: Sequence[str]) -> str:
    """The table of all answers. On a narrow screen its cells stand in lines; roles keep it a table for readers."""
    rows = []
    for number, seen in enumerate(answers, 1):
        camera, probability, votes = map(text, in_words(seen.answer, cameras))
        name = f'<a href="#photo-{number}"><bdi>{text(seen.file)}</bdi></a>'
        rows.append(
            f'<tr role="row"><th scope="row" role="rowheader">{name}</th><td role="cell"><bdi>{camera}</bdi></td>'
            f'<td role="cell" class="number">{probability}</td><td role="cell" class="number">{votes}</td></tr>\n'
        )
    titles = {"photo": "", "camera": "", "probability": "number", "votes of crops": "number"}
    head = "".join(f'<th scope="col" role="columnheader" class="{each}">{title}</th>' for title, each in titles.items())
    return (
        f'<table class="answers" role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{"".join(rows)}</tbody></table>\n'
    )


def _photo(number: int, seen: Seen, cameras: Sequence[str]) -> str:
    camera, probability, votes = map(text, in_words(seen.answer, cameras))
    said = f"<strong><bdi>{camera}</bdi></strong>"
    if seen.answer.camera is None:
        said += ": it differs from these cameras' photos by more than they do from each other"
    else:
        said += f", probability {probability}, {votes} crops"
    notes = "".join(f"<li>{text(note)}</li>" for note in seen.notes)
    beside = _bars(seen.answer, cameras) + _fit(seen.answer) + (f"<ul>{notes}</ul>\n" if notes else "")
    return (
        f'<section class="photo" id="photo-{number}" aria-labelledby="name-{number}">\n'
        f'<h3 id="name-{number}"><bdi>{text(seen.file)}</bdi></h3>\n<p class="answer">{said}</p>\n'
        f'<div class="sides">\n{_map(number, seen, cameras)}<div>{beside}</div>\n</div>\n</section>\n'
    )


def _fit(answer: Answer) -> str:
    """How strange the photo is to the cameras, and from where on it would be none of these."""
    words = "nothing is known of what is usual for this camera"
    if answer.threshold is not None:
        side = "above" if answer.camera is None else "not above"
        words = f"{side} {_number(answer.threshold)}, the threshold of “{NONE}”"
    return f'<p class="soft">Strangeness to these cameras: {_number(answer.score)}, {words}.</p>\n'


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


# --- the map


def _map(number: int, seen: Seen, cameras: Sequence[str]) -> str:
    """The photo under a field for each crop, which a reader can switch off; nothing where it has no thumbnail."""
    if seen.thumbnail is None:
        return ""
    content, height, width = seen.thumbnail
    high, wide = (_LONGEST * side / max(height, width) for side in (height, width))
    source = f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
    order = sorted(range(len(cameras)), key=lambda label: -seen.answer.votes[label])
    votes = [f"{seen.answer.votes[label]} for {shown(cameras[label])}" for label in order if seen.answer.votes[label]]
    return (
        f'<figure><input type="checkbox" id="show-{number}" checked><label for="show-{number}">show the votes</label>\n'
        f'<div class="map" style="width: {100 * min(1.0, 1.06 * width / height):.1f}%">'
        f'<img src="{source}" width="{width}" height="{height}" alt="Small copy of {text(seen.file)}">'
        f'<svg viewBox="0 0 {wide:.1f} {high:.1f}" preserveAspectRatio="none" shape-rendering="crispEdges" role="img" '
        f'aria-label="Map of the votes: {text(", ".join(votes))}">'
        f"{''.join(_fields(seen, high, wide, len(cameras)))}</svg></div>\n</figure>\n"
    )


def _fields(seen: Seen, high: float, wide: float, classes: int) -> Iterator[str]:
    """A field for each crop: as strong as the network is sure, from one of `classes` (a guess) to 1."""
    shares = np.asarray(seen.cells) * [high, wide, high, wide]
    for (y, x, h, w), label, sure in zip(shares.tolist(), seen.named.tolist(), seen.sure.tolist(), strict=True):
        strength = 0.1 + 0.5 * max(0.0, (sure - 1 / classes) / (1 - 1 / classes))
        box = f'x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"'
        yield f'<rect {box} fill="{camera_colour(label)}" fill-opacity="{strength:.2f}"/>'
        if min(w, h) >= _LEAST_FIELD:
            size = 0.34 * min(w, h)
            place = f'x="{x + w / 2:.1f}" y="{y + h / 2 + 0.36 * size:.1f}"'
            yield f'<text {place} font-size="{size:.1f}" text-anchor="middle">{label + 1}</text>'


# --- probabilities


def _bars(answer: Answer, cameras: Sequence[str]) -> str:
    """The cameras, likeliest first; of many, those without a vote and of next to no probability are only counted."""
    order = sorted(range(len(cameras)), key=lambda label: (-answer.probabilities[label], -answer.votes[label], label))
    rest = [label for label in order if not answer.votes[label] and answer.probabilities[label] < 0.005]
    rest = rest if len(order) > len(CAMERA_COLOURS) else []
    rows = "".join(_bar(answer, label, cameras[label]) for label in order if label not in rest)
    if rest:
        left = percent(sum(answer.probabilities[label] for label in rest))
        rows += (
            f'<tr><th scope="row">{len(rest)} more camera{"s" * (len(rest) > 1)}, together</th>'
            f'<td class="number">{left}</td><td class="number">0</td></tr>\n'
        )
    given = "probability" if answer.camera is not None else "if it were one of these"
    head = f'<th scope="col">camera</th><th scope="col" class="number">{given}</th>'
    head += '<th scope="col" class="number">votes</th>'
    return f'<table class="bars"><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n'


def _bar(answer: Answer, label: int, camera: str) -> str:
    colour, share = camera_colour(label), answer.probabilities[label]
    swatch = f'<span class="swatch" style="background:{colour};color:{_on(colour)}">{label + 1}</span>'
    marked = "" if share > 0.01 else ' class="none"'
    bar = f'<div{marked} style="width:{100 * share:.1f}%;background:{colour}"></div>'
    name = f'<div class="name">{swatch}<bdi>{text(camera)}</bdi></div>'
    return (
        f'<tr><th scope="row">{name}<div class="bar">{bar}</div></th>'
        f'<td class="number">{percent(share)}</td><td class="number">{answer.votes[label]}</td></tr>\n'
    )


def _on(colour: str) -> str:
    """Black or white, whichever reads better on a colour "#rrggbb" (WCAG's relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return "#000" if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 else "#fff"
