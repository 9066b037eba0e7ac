"""Tables of the networks behind a chapter's numbers, and the line of provenance under the chapter."""

import html

from camgan_lib.show.figures.tables import Table, table
from camgan_lib.verdicts.wording import joined, shown


def network_table(networks: list[dict]) -> Table:
    """A row per network of `Run.networks()`: recipe, origin, and date, device and duration of its training."""
    return _trainings(networks, "All else on this page is computed from these weights in this run")


def training_table(networks: list[dict]) -> Table:
    """A row per network of a published run, whose weights need not be here."""
    rows = [{**each, "published": None} for each in networks]
    return _trainings(rows, "The networks of that run")


def _trainings(networks: list[dict], caption: str) -> Table:
    rows = [
        {
            **each,
            "name": shown(each["name"]),
            "from": origin(each),
            "took": duration(each["seconds"]),
            "date": each["date"][:10],
        }
        for each in networks
    ]
    columns = {"name": ("Network", "{}"), "id": ("Recipe", "{}"), "from": ("Weights", "{}"), "date": ("Trained", "{}")}
    columns |= {"device": ("On", "{}"), "took": ("For", "{}")}
    return table(rows, columns, caption)


def origin(network: dict) -> str:
    """Where a network's weights come from, in words: published, trained here, or kept with another run."""
    if network["published"] is None:
        return "kept there"
    return "published" if network["published"] else "trained here"


def note(networks: list[dict]) -> str:
    """What has to be said of the data that networks of `Run.networks()` were trained on; "" if they are those here."""
    others = [shown(each["name"]) for each in networks if not each["same_data"]]
    if not others:
        return ""
    differ = "slightly from the ones rendered here (other processor)."
    if len(others) == len(networks) and all(each["published"] for each in networks):
        return f"Published weights. Their training photos differ {differ}"
    return f"The training photos of {joined(others)} differ {differ}"


def duration(seconds: float) -> str:
    """Seconds in words: "45 s", "12 min"."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def line(record: dict) -> str:
    """Where and when a chapter was executed, as HTML: profile, data, seed, commit, device, duration, versions."""
    facts = record["provenance"]
    parts = [
        f"Profile {facts['profile']}, data {facts['data']}, seed {facts['seed']}",
        f"commit {facts['commit']}",
        facts["device"],
        f"executed {facts['started'][:16].replace('T', ' ')} UTC in {duration(facts['seconds'])}",
        ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
    ]
    return f'<p class="camgan-provenance">{html.escape(" · ".join(parts))}</p>'


def recorded_accuracy(classifier: dict, name: str) -> dict:
    """What chapter classifier recorded of one of its networks, by the names of `evaluation.evaluate`."""
    return {key: classifier[f"{name}_{key}"] for key in ("accuracy", "photo_accuracy")}
