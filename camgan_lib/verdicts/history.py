"""Earlier versions of the registered rules, the last one first, and why each was given up."""

from camgan_lib.verdicts.rule import Version

DATE = "2026-11-25"
LATER = "2026-11-26"

OVERLAP = "Two intervals were judged by whether they overlap, though they are of the same photos."
LACK = "A wide interval was enough for it: too few photos gave the verdict that needs no difference."
SAMPLE = "The control was one network, or a few; untrained networks are now the sample, at least 20 of them."

HISTORY: dict[str, tuple[Version, ...]] = {
    "a": (
        Version(
            1,
            DATE,
            "Not supported unless the interval lies below zero; void if a network with random weights avoids edges, "
            "too, and the difference may be none; with limits if it does so less.",
            f"{LACK} {SAMPLE}",
        ),
    ),
    "b": (
        Version(
            2,
            LATER,
            "With limits if a filter follows edges (exact p of the strongest, for all together) and the share of such "
            "filters lies below ¼; holds if a filter does; not supported if the share lies below ¼.",
            "Ranks among random filters were taken for p values also where the layer began with fixed filters, and "
            "“looks for edges” was said of what follows them more closely than random filters.",
        ),
        Version(
            1,
            DATE,
            "Holds if the interval of the share of filters lies above 5 %; not supported otherwise.",
            "The 5 % were themselves estimated from 48 filters (in truth 1 to 17 %), and too few filters gave “not "
            "supported”.",
        ),
    ),
    "c": (
        Version(
            2,
            LATER,
            "Void if more than half of the crops are one segment; else holds where seeds agree by less than ½, and "
            "not supported where they agree by more.",
            "The questions are the same; outcomes were worded more strongly than what the answers show.",
        ),
        Version(
            1,
            DATE,
            "Void if more than half of the crops are one segment; else holds where seeds agree by less than ½.",
            "The agreement between seeds had no interval.",
        ),
    ),
    "d": (
        Version(
            2,
            LATER,
            "Not supported unless generators turn more than half of the images, by the classifier and by its twin; "
            "with limits if the judge that is turned least is not turned by half, or one pattern of the same norm does "
            "as well; holds if judges are turned and generators do 5 points more.",
            "It said that a judge sees as before whatever it does not take for the camera, and wrote points as shares.",
        ),
        Version(
            1,
            DATE,
            "Not supported unless generators turn more than half of the images, in test and in transfer; with limits "
            "if a judge of another kind is not turned in more than half of the cases, or the pattern transfers as "
            "well.",
            f"{OVERLAP} PGD and the pattern were weaker than the generators: their norms were smaller.",
        ),
    ),
    "e": (
        Version(
            1,
            DATE,
            "Not supported if L1 exceeds 0.15; with limits unless cameras lie further apart than seeds (p < 0.05).",
            "A ratio of 1.07 was enough, because p was small: how large an effect counts was not stated.",
        ),
    ),
    "f": (
        Version(
            2,
            LATER,
            "Void if untrained generators with instance normalisation keep less than a twentieth of the differences; "
            "else holds if trained generators keep less, and not supported if they keep more.",
            "What is kept was called a share, though generators may enlarge differences.",
        ),
        Version(
            1,
            DATE,
            "Void if Gated-GAN's normalisation alone, untrained, keeps less than 5 %; else holds if trained "
            "generators keep less than 5 %.",
            "The largest of five untrained generators was compared, without an interval.",
        ),
    ),
    "g": (
        Version(
            2,
            LATER,
            "Not supported if the AUC lies below 0.55; void if it lies less than 0.05 above one more set of untrained "
            "generators; with limits if it lies above, and untrained ones leave a pattern, too, or high frequencies "
            "are not needed.",
            "The second question said “the same”, but is asked of the images that untrained generators get, too.",
        ),
        Version(
            1,
            DATE,
            "Not supported if the interval holds ½; void if untrained generators are told apart as surely; with limits "
            "if they are told apart at all, or real crops are as often right without high frequencies.",
            f"{OVERLAP} Four untrained generators were the control, and contents were drawn anew in place of them.",
        ),
    ),
    "h": (
        Version(
            2,
            LATER,
            "Not supported if the line of a camera, in the class of bins chosen on half of its photos, lies above 3 dB "
            "on the other half; with limits if none does and that of the log-variance does, minus the strongest of "
            "no-style images; holds if neither does.",
            "“No line” said nothing of the three classes of each camera that were not chosen.",
        ),
        Version(
            1,
            DATE,
            "Not supported if a camera's line lies above 3 dB with its interval; with limits if that of the "
            "log-variance does, and above no-style images.",
            "A camera whose interval reached below 3 dB gave “holds”, however wide it was, and the strongest of all "
            "cameras was chosen without a correction.",
        ),
    ),
}
"""Letter of the claim → the versions of its rule before the present one."""
