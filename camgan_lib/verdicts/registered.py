"""The registered rules: what is asked of each claim of the paper, and what each answer means.

A rule asks questions. Each compares one measured number with a margin, and has three answers: the number is shown to
lie above the margin, shown to lie below it, or neither. The first outcome whose answers are all there is the verdict.
If there is none, the claim is not judged.

Versions 2 and 3 were written when earlier versions' results on the simulated cameras of seed 0 were known. For these
they are stated rules and not predictions; they are predictions for photos and seeds that were not looked at before
their date.

A change of a rule needs a new version: raise `version`, write date and reason, add the old version to `HISTORY`
(history.py), and take the new fingerprint from `tests/verdicts/test_registered.py`.
"""

from camgan_lib.verdicts.history import DATE, HISTORY, LACK, LATER, SAMPLE
from camgan_lib.verdicts.rule import ABOVE, BELOW, HOLDS, LIMITS, POINTS, UNSUPPORTED, VOID, Outcome, Question, Rule

WORDED = "Each outcome now says what its answers show and no more."
SAME = "Words and units alone: the numbers, margins and outcomes are those of version 2."

RULES = {
    "a": Rule(
        letter="a",
        version=2,
        date=DATE,
        reason=f"{LACK} {SAMPLE}",
        estimand="mean over test crops of the rank correlation between a crop's saliency and its edges",
        control="networks of the same architecture that were never trained",
        margin="A correlation of 0.05 explains a quarter of a percent of the ranks' variance: less does not count.",
        questions={
            "edges": Question("correlation of saliency with edges", -0.05, "+.3f"),
            "learned": Question("the same, minus that of one more untrained network", -0.05, "+.3f"),
            "untrained": Question("the same correlation of untrained networks", -0.05, "+.3f"),
        },
        outcomes=(
            Outcome(UNSUPPORTED, {"edges": ABOVE}, "saliency does not avoid edges by as much as counts"),
            Outcome(VOID, {"edges": BELOW, "learned": ABOVE}, "networks that learned nothing avoid edges as much"),
            Outcome(
                LIMITS,
                {"edges": BELOW, "learned": BELOW, "untrained": BELOW},
                "saliency avoids edges, and part of that is there without any training",
            ),
            Outcome(
                HOLDS, {"edges": BELOW, "learned": BELOW, "untrained": ABOVE}, "the network learned to avoid edges"
            ),
        ),
        history=HISTORY["a"],
    ),
    "b": Rule(
        letter="b",
        version=3,
        date=LATER,
        reason=f"Of filters that began as fixed high-pass filters, ranks among random ones are no p values. {WORDED}",
        estimand="share of the first layer's filters that follow edges more closely than 95 % of random filters do",
        control="random filters, drawn as the layer's were before training, if they were drawn at random",
        margin="Some means at least one, at 5 % for all filters together. A quarter of the filters is few.",
        questions={
            "any": Question("filters that follow edges (exact p of the strongest, for all together)", 0.05),
            "share": Question("share of such filters", 0.25),
        },
        outcomes=(
            Outcome(
                LIMITS,
                {"any": ABOVE, "share": BELOW},
                "a filter follows edges more closely than random ones, but fewer than a quarter of the filters do",
            ),
            Outcome(HOLDS, {"any": ABOVE}, "at least one filter follows edges more closely than random ones"),
            Outcome(
                UNSUPPORTED,
                {"share": BELOW},
                "fewer than a quarter of the filters follow edges more closely than 95 % of random ones, and none is "
                "shown to in a test of all together",
            ),
        ),
        history=HISTORY["b"],
    ),
    "c": Rule(
        letter="c",
        version=3,
        date=LATER,
        reason=WORDED,
        estimand="share of test crops that LIME's default leaves in one segment",
        control="LIME on a grid of squares: agreement of its maps between two seeds",
        margin="Half of the crops: LIME on one segment has nothing to explain. Half agreement: as much chance as "
        "signal.",
        questions={
            "one": Question("crops that are one segment", 0.5),
            "stable": Question("agreement between seeds, on a grid", 0.5, ".2f"),
        },
        outcomes=(
            Outcome(
                VOID,
                {"one": ABOVE},
                "more than half of the crops are one segment, in which LIME has nothing to tell apart",
            ),
            Outcome(
                HOLDS,
                {"one": BELOW, "stable": BELOW},
                "most crops have several segments, and on a grid LIME's maps of two seeds agree by less than half",
            ),
            Outcome(
                UNSUPPORTED,
                {"one": BELOW, "stable": ABOVE},
                "most crops have several segments, and on a grid LIME's maps of two seeds agree by more than half",
            ),
        ),
        history=HISTORY["c"],
    ),
    "d": Rule(
        letter="d",
        version=3,
        date=LATER,
        reason=f"{SAME} An image that a judge does not take for the camera need not be seen as before.",
        estimand="share of images, not taken for the camera before, that a judge takes for it after the generator",
        control="judges of other architectures, trained on other photos; one pattern of the same norm for all images",
        margin="Half of the images. Generators must turn 5 points more than the pattern to count as more than it.",
        questions={
            "test": Question("turned, by the classifier that steered the generators", 0.5),
            "transfer": Question("turned, by the 8-bit classifier", 0.5),
            "judges": Question("turned, by the independent judge that is turned least", 0.5),
            "pattern": Question(
                "turned more than by one pattern for all images, by the 8-bit classifier", 0.05, POINTS
            ),
        },
        outcomes=(
            Outcome(UNSUPPORTED, {"test": BELOW}, "generators do not fool the classifier for most images"),
            Outcome(UNSUPPORTED, {"transfer": BELOW}, "fooling does not transfer for most images"),
            Outcome(
                LIMITS,
                {"test": ABOVE, "transfer": ABOVE, "judges": BELOW},
                "generators fool the classifier and its twin, but a judge that had no part does not take most "
                "images for the camera",
            ),
            Outcome(
                LIMITS,
                {"test": ABOVE, "transfer": ABOVE, "pattern": BELOW},
                "generators fool the classifier and its twin, but one pattern for all images does it as well",
            ),
            Outcome(
                HOLDS,
                {"test": ABOVE, "transfer": ABOVE, "judges": ABOVE, "pattern": ABOVE},
                "generators fool also judges that had no part, and do more than one pattern for all images",
            ),
        ),
        history=HISTORY["d"],
    ),
    "e": Rule(
        letter="e",
        version=2,
        date=DATE,
        reason="A p value alone decided; the effect has a margin now.",
        estimand="mean L1 distance to the input, of the camera where it is largest",
        control="generators of the same camera, trained anew: how far apart their mean spectra lie",
        margin="L1 of 0.15 of 2 leaves content visible. Cameras must lie 1 dB further apart than seeds do: about a "
        "quarter "
        "more power.",
        questions={
            "content": Question("L1 distance to the input, largest of the cameras", 0.15, ".3f"),
            "classes": Question("distance between cameras minus that between seeds, dB", 1.0, "+.2f"),
        },
        outcomes=(
            Outcome(UNSUPPORTED, {"content": ABOVE}, "content does not stay"),
            Outcome(
                LIMITS,
                {"content": BELOW, "classes": BELOW},
                "content stays, but artefacts of two cameras differ little more than those of one camera trained twice",
            ),
            Outcome(HOLDS, {"content": BELOW, "classes": ABOVE}, "content stays, and artefacts change per class"),
        ),
        history=HISTORY["e"],
    ),
    "f": Rule(
        letter="f",
        version=3,
        date=LATER,
        reason=f"{SAME} What generators make larger is no share.",
        estimand="differences between ten pure colours after a generator, as a multiple of those before",
        control="untrained generators with Gated-GAN's instance normalisation",
        margin="A twentieth of the differences: less counts as lost.",
        questions={
            "forced": Question("multiple left by untrained generators with instance normalisation", 0.05, ".4f"),
            "kept": Question("multiple left by the trained generators, mean over cameras", 0.05, ".3f"),
        },
        outcomes=(
            Outcome(VOID, {"forced": BELOW}, "Gated-GAN's normalisation loses colour by itself, whatever was learned"),
            Outcome(HOLDS, {"forced": ABOVE, "kept": BELOW}, "generators learned to lose colour"),
            Outcome(UNSUPPORTED, {"forced": ABOVE, "kept": ABOVE}, "colour passes"),
        ),
        history=HISTORY["f"],
    ),
    "g": Rule(
        letter="g",
        version=3,
        date=LATER,
        reason=f"{SAME} Trained and untrained generators are compared on fewer images than the first question has.",
        estimand="how surely one stylised image's spectrum tells its generator (consistency AUC)",
        control="sets of untrained generators, which saw no camera; and real crops without their high frequencies",
        margin="An AUC of 0.05 above chance, or above the control, counts; so do 5 points of accuracy.",
        questions={
            "pattern": Question("AUC of stylised images", 0.55, ".3f"),
            "trained": Question(
                "AUC on the images that untrained generators get, minus that of one more set of these", 0.05, "+.3f"
            ),
            "untrained": Question("AUC of untrained generators", 0.55, ".3f"),
            "high": Question("accuracy lost on real crops without high frequencies", 0.05, POINTS),
        },
        outcomes=(
            Outcome(UNSUPPORTED, {"pattern": BELOW}, "stylised images have no pattern per class"),
            Outcome(VOID, {"pattern": ABOVE, "trained": BELOW}, "generators that saw no camera are told as surely"),
            Outcome(
                LIMITS,
                {"pattern": ABOVE, "trained": ABOVE, "high": BELOW},
                "there is a pattern, but the classifier does without high frequencies",
            ),
            Outcome(
                LIMITS,
                {"pattern": ABOVE, "trained": ABOVE, "untrained": ABOVE},
                "there is a pattern per class, but part of it is there without any camera",
            ),
            Outcome(
                HOLDS,
                {"pattern": ABOVE, "trained": ABOVE, "untrained": BELOW, "high": ABOVE},
                "the pattern comes from training, and the classifier relies on high frequencies",
            ),
        ),
        history=HISTORY["g"],
    ),
    "h": Rule(
        letter="h",
        version=3,
        date=LATER,
        reason=f"“No line” was shown for one class of bins per camera, that with the strongest line on half of the "
        f"photos. It must be shown for all classes of all cameras now. {WORDED}",
        estimand="strongest line in the mean spectrum of high-pass residuals, over its surroundings, of all classes of "
        "bins of all cameras; the intervals hold for all of them at once",
        control="the spectrum of the log-variance, and the same lines of no-style images, which no camera took",
        margin="3 dB is twice the power of the surroundings: less does not count as a line.",
        questions={
            "line": Question("strongest line of the residual, of all cameras and classes, dB", 3.0, "+.1f"),
            "varied": Question("the same of the log-variance, minus the same line of no-style images, dB", 3.0, "+.1f"),
        },
        outcomes=(
            Outcome(
                UNSUPPORTED,
                {"line": ABOVE},
                "originals have a line of more than 3 dB in the very spectrum that the paper shows",
            ),
            Outcome(
                LIMITS,
                {"line": BELOW, "varied": ABOVE},
                "no line of 3 dB there, in any class of any camera, but the log-variance has one",
            ),
            Outcome(
                HOLDS,
                {"line": BELOW, "varied": BELOW},
                "no line of 3 dB, in either spectrum, in any class of any camera",
            ),
        ),
        history=HISTORY["h"],
        rests_on_classifier=False,
    ),
}
"""Letter of the claim → its registered rule."""
