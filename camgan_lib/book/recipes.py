"""From a chapter's parameters to recipes: what decides each data set and each network, and so names it in the store."""

import dataclasses
from typing import Any, TypeVar

from camgan_lib.base.identity import recipe_id
from camgan_lib.base.versions import code_version
from camgan_lib.networks.recipes import JUDGES, SECOND, ClassifierRecipe, GanRecipe

CUT = ("photos_per_camera", "test_share", "crops_per_photo", "split", "bad_files", "seed")
"""Parameters of chapter dataset that decide which crops are cut from photos; those of DATA decide the photos."""

READING = ("bad_cameras", "largest_photo", "pixels_per_byte")
"""Parameters of chapter dataset that decide how a user's photos are read. Simulated ones are all whole."""

DATA = ("data", "photo_size")
SECOND_EPOCHS = 5
"""Passes of the second classifier over the training crops."""

JUDGE = ("judge_photos", "judge_epochs", "judge_seeds")
"""Parameters of chapter style_gan that decide the judges alone."""

NOSTYLE = ("nostyle", "nostyle_train", "nostyle_test", "seed")
"""Parameters of chapter style_gan that decide the no-style images."""

Recipe = TypeVar("Recipe", ClassifierRecipe, GanRecipe)
Parameters = dict[str, Any]


def simulation(dataset: Parameters) -> dict[str, Any]:
    """What decides a simulated photo.

    Simulated data are known by this, and not by their bytes, which differ in a few pixels between processors.
    """
    return {"size": dataset["photo_size"], "seed": dataset["seed"], "code": code_version("simulated")}


def simulated_folder(dataset: Parameters) -> str:
    """The name of the folder of simulated photos in the store."""
    return f"{dataset['photos_per_camera']}-{recipe_id(simulation(dataset))}"


def cut(dataset: Parameters) -> dict[str, Any]:
    """What decides which crops are cut from given photos."""
    return {"code": code_version("crops"), **{name: dataset[name] for name in CUT}}


def reading(dataset: Parameters) -> dict[str, Any]:
    """What else decides which crops are cut from a user's photos."""
    return {"reading": code_version("reading"), **{name: dataset[name] for name in READING}}


def nostyle_images(style_gan: Parameters, source: Any) -> dict[str, Any]:
    """What decides the no-style images; `source` is "scenes" or the listing of the user's files."""
    p = style_gan
    made = {"train": p["nostyle_train"], "test": p["nostyle_test"], "seed": p["seed"]}
    return {**made, "source": source, "code": code_version("nostyle")}


def classifier(parameters: Parameters, data_made_by: str, *, quantized: bool) -> dict[str, Any]:
    """A classifier's recipe: its data, its training, the version of the code."""
    recipe = from_parameters(ClassifierRecipe, parameters, quantized=quantized, network="resnet20", patience=0)
    return {"data": data_made_by, "recipe": differences(recipe), "code": code_version("classifier")}


def identifier(parameters: Parameters, data_made_by: str, validation: list[int]) -> dict[str, Any]:
    """The recipe of the network that names the camera of photos, where it is another than the paper's.

    `validation`: the numbers of the photos on which it does not learn. They follow from dates and scenes, which are not
    in the crops that the data are known by.
    """
    decided = {"epochs": parameters["forensic_epochs"], "batch_size": 64, "learning_rate": 2e-3, "decay": "cosine"}
    fixed = {"weight_decay": 0.0, "flip": True, "quantized": False, "stem": "random", "small_epochs": 0}
    recipe = from_parameters(ClassifierRecipe, parameters, **decided, **fixed)
    held = {"validation": recipe_id(validation)}
    return {"data": data_made_by, **held, "recipe": differences(recipe), "code": code_version("identifier")}


def generator(
    parameters: Parameters, data_made_by: str, nostyle_made_by: str, auxiliary: dict[str, Any], target: int
) -> dict[str, Any]:
    """A generator's recipe: its data, the auxiliary classifier, its camera, its training, the version of the code.

    `first_weights` counts how first weights are drawn. It is there only if the seed is not 0: those of seed 0 have
    stayed as they were (see `first_seeds`), and so has the identity of every generator trained from them. `second` is
    there only where a second classifier stands beside the auxiliary one, and `camera`, the version of the code of
    generators that are built as cameras, only of those, and not of its first version.
    """
    beside, version = second_classifier(parameters, {"made_by": data_made_by}, auxiliary), code_version("camera")
    return {
        "data": data_made_by,
        "nostyle": nostyle_made_by,
        "auxiliary": recipe_id(auxiliary),
        "target": target,
        "recipe": differences(from_parameters(GanRecipe, parameters)),
        "code": code_version("generator"),
        **({"first_weights": 2} if parameters["seed"] else {}),
        **({"second": recipe_id(beside)} if beside else {}),
        **({"camera": version} if parameters["generator"] == "camera" and version > 1 else {}),
    }


def second_classifier(parameters: Parameters, data: Parameters, auxiliary: dict[str, Any]) -> dict[str, Any] | None:
    """The recipe of the classifier that stands beside the auxiliary one, trained on the same crops from the same seed.

    `data`: the product of chapter dataset. None where the generators' `parameters` ask for none.
    """
    if not parameters.get("second_classifier"):
        return None
    seed = auxiliary["recipe"]["seed"]
    recipe = ClassifierRecipe(SECOND_EPOCHS, 64, 2e-3, "cosine", 0.0, True, False, seed, "high-pass")
    made = {"data": data["made_by"], "architecture": SECOND, "half": False}
    return {**made, "recipe": differences(recipe), "code": code_version("judge")}


def judge_photos(dataset: Parameters, style_gan: Parameters, number: int) -> Parameters | None:
    """Chapter dataset's parameters for the photos that network `number` of the judges (from 0) learns from.

    They are of other scenes than the run's, with other noise. No two networks of a judge share photos, and neither do
    networks of the same repetition. None where the photos are the user's own: of these there are no others.
    """
    if dataset["data"] != "simulated":
        return None
    repetition, architecture = divmod(number, len(JUDGES))
    seed = _judge_seed(dataset, (architecture + repetition) % max(len(JUDGES), style_gan["judge_seeds"]))
    return {**dataset, "photos_per_camera": style_gan["judge_photos"], "test_share": 0.01, "seed": seed}


def judge(style_gan: Parameters, data_made_by: str, number: int, *, half: bool) -> dict[str, Any]:
    """The recipe of network `number` of the judges (from 0): data, architecture, training, and the version of the code.

    `half`: it learns from half of the photos that the run's classifiers learn from, because there are no others.
    """
    architecture, seed = JUDGES[number % len(JUDGES)], _judge_seed(style_gan, number)
    stem = "high-pass" if architecture == "plain" else "random"
    recipe = ClassifierRecipe(style_gan["judge_epochs"], 64, 2e-3, "cosine", 0.0, True, False, seed, stem)
    made = {"data": data_made_by, "architecture": architecture, "half": half}
    return {**made, "recipe": differences(recipe), "code": code_version("judge")}


def _judge_seed(parameters: Parameters, number: int) -> int:
    return (parameters["seed"] + 1000 * (number + 1)) % 2**32


def from_parameters(kind: type[Recipe], parameters: Parameters, **fixed: Any) -> Recipe:
    """A recipe of a training from the parameters of the same names."""
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in parameters.items() if name in names} | fixed)


def differences(recipe: ClassifierRecipe | GanRecipe) -> dict[str, Any]:
    """A recipe's fields but those at their default, so that a new field with a default leaves old ids as they are."""
    fields = dataclasses.fields(recipe)
    return {field.name: getattr(recipe, field.name) for field in fields if getattr(recipe, field.name) != field.default}


def retrained(chapter: str, name: str) -> list[str]:
    """The networks that another value of a parameter would have trained anew."""
    both, judges = ["both classifiers", "the generators"], ["the judges"]
    if chapter == "dataset":
        without = ("photos_per_camera", "test_share")
        return both + judges * (name not in without) if name in CUT + READING + DATA else []
    if chapter == "classifier":
        return both if name in {field.name for field in dataclasses.fields(ClassifierRecipe)} else []
    if chapter == "style_gan":
        of_generators = {*NOSTYLE, *(field.name for field in dataclasses.fields(GanRecipe))}
        return both[1:] * (name in of_generators) + judges * (name in (*JUDGE, "seed"))
    return []
