"""Adversarial perturbations as large as a generator's residual, and how often they and the generator fool judges.

They are made by projected gradient descent under an L2 norm, one per image (Madry et al. 2018) or one for all images
(Moosavi-Dezfooli et al. 2017), and know nothing of cameras but the classifier's gradient. If they fool and transfer as
well as a generator, then fooling is no evidence of a camera's style.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import by_batch, full_precision, moved, side_by_side, to_network
from camgan_lib.measure import spectrum
from camgan_lib.measure.statistics import wilson
from camgan_lib.networks.inference import predict, stylise

BATCH = 64


def per_image(
    model: nn.Module, images: np.ndarray, target: int, norms: np.ndarray, device: torch.device, steps: int = 20
) -> np.ndarray:
    """Images that PGD has moved towards `target`, uint8 N×H×W×3.

    `norms`: for each image the largest L2 norm of its change, in 8-bit levels.
    """

    def made(part: slice) -> np.ndarray:
        x, limit = to_network(images[part], device), moved((norms[part] / 127.5).astype(np.float32), device)
        shift = torch.zeros_like(x)
        for _ in range(steps):
            shift = _project(shift + 2.5 / steps * limit[:, None, None, None] * _uphill(model, x, shift, target), limit)
        return _to_uint8(x + shift)

    return np.concatenate(by_batch(made, len(images), BATCH, device))


def universal(
    model: nn.Module,
    images: np.ndarray,
    target: int,
    norm: float,
    device: torch.device,
    steps: int = 60,
    seed: int = 0,
) -> np.ndarray:
    """One perturbation H×W×3 (8-bit levels, float) of L2 norm `norm` that moves most images towards `target`."""
    rng, limit = np.random.default_rng(seed), torch.tensor([norm / 127.5], device=device)
    shift = torch.zeros((1, 3, *images.shape[1:3]), device=device)
    for step in range(steps):
        x = to_network(images[rng.integers(0, len(images), 32)], device)
        with full_precision(device):
            gradient = _uphill(model, x, shift.expand_as(x), target).mean(0, keepdim=True)
        gradient = gradient / gradient.flatten(1).norm(dim=1).clamp_min(1e-12)[:, None, None, None]
        shift = _project(shift + 0.2 * (1 - step / steps) * limit * gradient, limit)
    return shift[0].permute(1, 2, 0).cpu().numpy().astype(float) * 127.5


def _uphill(model: nn.Module, x: Tensor, shift: Tensor, target: int) -> Tensor:
    """For each image the direction, of norm 1, in which the cross-entropy towards `target` falls."""
    shift = shift.detach().requires_grad_(True)
    labels = torch.full((len(x),), target, device=x.device)
    loss = F.cross_entropy(model((x + shift).clamp(-1, 1)).float(), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, shift)
    return -gradient / gradient.flatten(1).norm(dim=1).clamp_min(1e-12)[:, None, None, None]


def _project(shift: Tensor, limit: Tensor) -> Tensor:
    norm = shift.flatten(1).norm(dim=1).clamp_min(1e-12)
    return (shift * (limit / norm).clamp(max=1)[:, None, None, None]).detach()


def _to_uint8(images: Tensor) -> np.ndarray:
    levels = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return levels.permute(0, 2, 3, 1).cpu().numpy()


def beside(
    generators: dict[str, nn.Module],
    judges: dict[str, nn.Module],
    images: np.ndarray,
    device: torch.device,
    learned_from: np.ndarray | None = None,
    steps: int = 20,
) -> list[dict[str, Any]]:
    """What judges say after nothing, the generator, PGD and a universal perturbation: a row per camera and kind.

    `generators`: camera → generator, in the order of the judges' outputs. The perturbations are as large as the
    generator's residual and aim at `judges["auxiliary"]`. PGD takes so many `steps`, the universal one three times as
    many; it is found on `learned_from`, or else on `images`. Rows have `camera`, `kind`, `n` images, `l2` (mean norm of
    the change, 8-bit levels), `taken` (judge → share taken for the camera), `turned` (judge → that share among the
    images which the judge did not take for it before), and the lines of what was added (`spectrum.line_report`).
    """
    model, learned_from = judges["auxiliary"], images if learned_from is None else learned_from
    before = {name: predict(judge, images, device).argmax(1) for name, judge in judges.items()}

    def of_camera(named: tuple[int, str]) -> list[dict[str, Any]]:
        target, camera = named
        stylised, rows = stylise(generators[camera], images, device), []
        norms = _norms(stylised, images)
        pattern = universal(model, learned_from, target, float(norms.mean()), device, 3 * steps)
        made = {
            "nothing": images,
            "generator": stylised,
            "PGD": per_image(model, images, target, norms, device, steps),
            "universal": np.clip(np.rint(images + pattern), 0, 255).astype(np.uint8),
        }
        for kind, changed in made.items():
            after = {name: predict(judge, changed, device).argmax(1) == target for name, judge in judges.items()}
            said = {"taken": {name: float(each.mean()) for name, each in after.items()}}
            said["turned"] = {name: _turned(each, before[name] == target) for name, each in after.items()}
            lines = spectrum.line_report(changed.astype(float) - images)
            size = float(_norms(changed, images).mean())
            rows.append({"camera": camera, "kind": kind, "n": len(images), "l2": size, **said, **lines})
        return rows

    return [row for rows in side_by_side(of_camera, enumerate(generators)) for row in rows]


def _turned(after: np.ndarray, before: np.ndarray) -> float:
    return float(after[~before].mean()) if (~before).any() else 0.0


def shares(rows: list[dict[str, Any]], key: str = "turned") -> dict[str, dict[str, tuple[float, float, float]]]:
    """Kind → judge → (share, low, high) of images turned, or `taken`: the mean over the cameras' rows of `beside`.

    The 95 % interval is Wilson's for as many independent images as one camera had, because all had the same images.
    """
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for kind in dict.fromkeys(row["kind"] for row in rows):
        several = [row for row in rows if row["kind"] == kind]
        for judge in several[0][key]:
            share_of_all = float(np.mean([row[key][judge] for row in several]))
            interval = wilson(share_of_all, several[0]["n"])
            found.setdefault(kind, {})[judge] = (share_of_all, *interval)
    return found


def _norms(changed: np.ndarray, images: np.ndarray) -> np.ndarray:
    return np.linalg.norm((changed.astype(float) - images).reshape(len(images), -1), axis=1)
