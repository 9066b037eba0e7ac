"""The networks of a run as a chapter's page runs them in the browser."""

from typing import TYPE_CHECKING

from camgan_lib.show.widgets.networks import PageNetwork, page_network

if TYPE_CHECKING:
    from camgan_lib.book.run import Run


def classifiers(run: "Run") -> list[PageNetwork]:
    """The 8-bit and the auxiliary classifier of chapter classifier. Raises CamganError where they are gone."""
    cameras = run.results("dataset")["cameras"]
    eight, auxiliary = run.classifier("quantized"), run.classifier("auxiliary")
    return [
        page_network("8-bit classifier", eight, id=_id(run, "quantized"), classes=cameras, bits=8),
        page_network("auxiliary classifier", auxiliary, id=_id(run, "auxiliary"), classes=cameras),
    ]


def generators(run: "Run") -> list[PageNetwork]:
    """Each camera's generator of chapter style_gan, with 8-bit weights, named as its camera, in the cameras' order.

    Raises CamganError where one is gone.
    """
    cameras = run.results("dataset")["cameras"]
    return [page_network(each, run.generator(each), id=_id(run, each), bits=8) for each in cameras]


def all_of(run: "Run") -> list[PageNetwork]:
    """The classifiers and the generators of a run."""
    return [*classifiers(run), *generators(run)]


def simulated(run: "Run") -> bool:
    """Whether the cameras that these networks know are simulated."""
    return run.upstream_parameters("dataset")["data"] == "simulated"


def _id(run: "Run", name: str) -> str:
    return next(each["id"] for each in run.networks() if each["name"] == name)
