"""The registered rules: what is asked of each claim of the paper, and what each answer means.

A rule asks questions. Each compares one measured number with a margin, and has three answers: the number is shown to
lie above the margin, shown to lie below it, or neither. The first outcome whose answers are all there is the verdict.
If there is none, the claim is not judged.

Version 2 was written when version 1's results on the simulated cameras of seed 0 were known. For these it is a stated
rule and not a prediction; it is one for photos and seeds that were not looked at before its date.

A change of a rule needs a new version: raise `version`, write date and reason, add the old version to `history`, and
take the new fingerprint from `tests/verdicts/test_registered.py`.
"""

from camgan_lib.verdicts.rule import ABOVE, BELOW, HOLDS, LIMITS, UNSUPPORTED, VOID, Outcome, Question, Rule, Version

DATE = "2026-11-25"

OVERLAP = "Two intervals were judged by whether they overlap, though they are of the same photos."
LACK = "A wide interval was enough for it: too few photos gave the verdict that needs no difference."
SAMPLE = "The control was one network, or a few; untrained networks are now the sample, at least 20 of them."

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
        history=(
            Version(
                1,
                DATE,
                "Not supported unless the interval lies below zero; void if a network with random weights avoids "
                "edges, "
                "too, and the difference may be none; with limits if it does so less.",
                f"{LACK} {SAMPLE}",
            ),
        ),
    ),
    "b": Rule(
        letter="b",
        version=2,
        date=DATE,
        reason="The threshold of “5 %” was estimated from 48 random filters; an exact p value from thousands took its "
        "place.",
        estimand="share of the first layer's filters that follow edges more closely than 95 % of random filters do",
        control="random filters of the same size",
        margin="Some means at least one, at 5 % for all filters together. A quarter of the filters is few.",
        questions={
            "any": Question("filters that follow edges (exact p of the strongest, for all together)", 0.05),
            "share": Question("share of such filters", 0.25),
        },
        outcomes=(
            Outcome(LIMITS, {"any": ABOVE, "share": BELOW}, "a filter looks for edges, but fewer than a quarter do"),
            Outcome(HOLDS, {"any": ABOVE}, "some filters look for edges, which random ones do not"),
            Outcome(UNSUPPORTED, {"share": BELOW}, "fewer than a quarter look for edges, and none is shown to"),
        ),
        history=(
            Version(
                1,
                DATE,
                "Holds if the interval of the share of filters lies above 5 %; not supported otherwise.",
                "The 5 % were themselves estimated from 48 filters (in truth 1 to 17 %), and too few filters gave “not "
                "supported”.",
            ),
        ),
    ),
    "c": Rule(
        letter="c",
        version=2,
        date=DATE,
        reason="Each verdict must be shown beyond chance; a share with a wide interval gave one before.",
        estimand="share of test crops that LIME's default leaves in one segment",
        control="LIME on a grid of squares: agreement of its maps between two seeds",
        margin="Half of the crops: LIME on one segment has nothing to explain. Half agreement: as much chance as "
        "signal.",
        questions={
            "one": Question("crops that are one segment", 0.5),
            "stable": Question("agreement between seeds, on a grid", 0.5, ".2f"),
        },
        outcomes=(
            Outcome(VOID, {"one": ABOVE}, "most crops are one segment, on which LIME can't but look random"),
            Outcome(HOLDS, {"one": BELOW, "stable": BELOW}, "LIME's maps are mostly chance also where it has segments"),
            Outcome(UNSUPPORTED, {"one": BELOW, "stable": ABOVE}, "LIME's maps agree between seeds"),
        ),
        history=(
            Version(
                1,
                DATE,
                "Void if more than half of the crops are one segment; else holds where seeds agree by less than ½.",
                "The agreement between seeds had no interval.",
            ),
        ),
    ),
    "d": Rule(
        letter="d",
        version=2,
        date=DATE,
        reason=f"{OVERLAP} The universal pattern now has the generators' norm, and independent judges are part of the "
        f"run.",
        estimand="share of images, not taken for the camera before, that a judge takes for it after the generator",
        control="judges of other architectures, trained on other photos; one pattern of the same norm for all images",
        margin="Half of the images. Generators must turn 5 points more than the pattern to count as more than it.",
        questions={
            "test": Question("turned, by the classifier that steered the generators", 0.5),
            "transfer": Question("turned, by the 8-bit classifier", 0.5),
            "judges": Question("turned, by the independent judge that is turned least", 0.5),
            "pattern": Question("turned more than by one pattern for all images, by the 8-bit classifier", 0.05),
        },
        outcomes=(
            Outcome(UNSUPPORTED, {"test": BELOW}, "generators do not fool the classifier for most images"),
            Outcome(UNSUPPORTED, {"transfer": BELOW}, "fooling does not transfer for most images"),
            Outcome(
                LIMITS,
                {"test": ABOVE, "transfer": ABOVE, "judges": BELOW},
                "generators fool the classifier and its twin, but a judge that had no part sees most images as before",
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
        history=(
            Version(
                1,
                DATE,
                "Not supported unless generators turn more than half of the images, in test and in transfer; with "
                "limits "
                "if a judge of another kind is not turned in more than half of the cases, or the pattern transfers as "
                "well.",
                f"{OVERLAP} PGD and the pattern were weaker than the generators: their norms were smaller.",
            ),
        ),
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
        history=(
            Version(
                1,
                DATE,
                "Not supported if L1 exceeds 0.15; with limits unless cameras lie further apart than seeds (p < 0.05).",
                "A ratio of 1.07 was enough, because p was small: how large an effect counts was not stated.",
            ),
        ),
    ),
    "f": Rule(
        letter="f",
        version=2,
        date=DATE,
        reason="Five untrained generators were the control; at least 20 are now, and they are the sample.",
        estimand="share of the differences between ten pure colours that generators keep",
        control="untrained generators with Gated-GAN's instance normalisation",
        margin="A twentieth of the differences: less counts as lost.",
        questions={
            "forced": Question("kept by untrained generators with instance normalisation", 0.05, ".2%"),
            "kept": Question("kept by the trained generators, mean over cameras", 0.05),
        },
        outcomes=(
            Outcome(VOID, {"forced": BELOW}, "Gated-GAN's normalisation loses colour by itself, whatever was learned"),
            Outcome(HOLDS, {"forced": ABOVE, "kept": BELOW}, "generators learned to lose colour"),
            Outcome(UNSUPPORTED, {"forced": ABOVE, "kept": ABOVE}, "colour passes"),
        ),
        history=(
            Version(
                1,
                DATE,
                "Void if Gated-GAN's normalisation alone, untrained, keeps less than 5 %; else holds if trained "
                "generators keep less than 5 %.",
                "The largest of five untrained generators was compared, without an interval.",
            ),
        ),
    ),
    "g": Rule(
        letter="g",
        version=2,
        date=DATE,
        reason=f"{OVERLAP} {SAMPLE}",
        estimand="how surely one stylised image's spectrum tells its generator (consistency AUC)",
        control="sets of untrained generators, which saw no camera; and real crops without their high frequencies",
        margin="An AUC of 0.05 above chance, or above the control, counts; so do 5 points of accuracy.",
        questions={
            "pattern": Question("AUC of stylised images", 0.55, ".3f"),
            "trained": Question("the same, minus that of one more set of untrained generators", 0.05, "+.3f"),
            "untrained": Question("AUC of untrained generators", 0.55, ".3f"),
            "high": Question("accuracy lost on real crops without high frequencies", 0.05),
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
        history=(
            Version(
                1,
                DATE,
                "Not supported if the interval holds ½; void if untrained generators are told apart as surely; with "
                "limits "
                "if they are told apart at all, or real crops are as often right without high frequencies.",
                f"{OVERLAP} Four untrained generators were the control, and contents were drawn anew in place of them.",
            ),
        ),
    ),
    "h": Rule(
        letter="h",
        version=2,
        date=DATE,
        reason="“No line” needs equivalence; and the strongest of several cameras is not tested as if it were one.",
        estimand="strongest line in the mean spectrum of a camera's high-pass residuals, over its surroundings",
        control="the spectrum of the log-variance, and no-style images, which no camera took",
        margin="3 dB is twice the power of the surroundings: less does not count as a line.",
        questions={
            "line": Question("strongest line of the residual, dB", 3.0, "+.1f"),
            "varied": Question("strongest line of the log-variance, minus that of no-style images, dB", 3.0, "+.1f"),
        },
        outcomes=(
            Outcome(UNSUPPORTED, {"line": ABOVE}, "originals show a line in the very spectrum that the paper shows"),
            Outcome(LIMITS, {"line": BELOW, "varied": ABOVE}, "no line there, but the log-variance has one"),
            Outcome(HOLDS, {"line": BELOW, "varied": BELOW}, "no line, in either spectrum"),
        ),
        history=(
            Version(
                1,
                DATE,
                "Not supported if a camera's line lies above 3 dB with its interval; with limits if that of the "
                "log-variance does, and above no-style images.",
                "A camera whose interval reached below 3 dB gave “holds”, however wide it was, and the strongest of "
                "all "
                "cameras was chosen without a correction.",
            ),
        ),
        rests_on_classifier=False,
    ),
}
"""Letter of the claim → its registered rule."""
