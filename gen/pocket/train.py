"""Trains Pocket from nothing: draw, learn to compress, learn to draw from noise and words.

    python -m gen.pocket.train --out DIR --minutes 100

Three stages on the wall clock: the autoencoder (latents [8, 12, 12] for pictures [3, 96, 96]); its
decoder alone, once latents are fixed; then, on latents computed once, the text encoder and the
denoiser together. It opens nothing but its own drawings. Stop it at any time (Ctrl-C, SIGTERM): it
saves, and `--resume` goes on.

Methods: latent diffusion (arXiv 2112.10752), v-prediction (arXiv 2202.00512) on a zero-terminal-SNR
schedule (arXiv 2305.08891), classifier-free guidance (arXiv 2207.12598), weights averaged over
steps (EMA). A caption is worded anew each time its picture is seen.
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from gen.pocket.anatomy import build_scheduler, build_text_encoder, build_unet, build_vae
from gen.pocket.captions import Spec, caption, held_out, train_spec
from gen.pocket.drawings import PX, draw
from gen.pocket.folder import save_folder
from gen.pocket.pace import Gears, Watch, rate_at
from gen.pocket.tokens import MAX_TOKENS, build_tokenizer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """Sizes and rates, found by watching scores on two CPU cores."""

    pictures: int = 30_000
    #: The autoencoder's share of all minutes; the denoiser cannot be better than its pictures.
    vae_share: float = 0.18
    #: The same for the decoder alone, once latents are fixed.
    decoder_share: float = 0.08
    vae_batch: int = 16
    vae_rate: float = 1.5e-3
    #: Edges are few pixels but all of the shape: an edge pixel counts up to 1 + this.
    edge_weight: float = 6.0
    #: Keeps latents near unit size and the decoder calm about small errors in them.
    kl_weight: float = 1e-4
    #: Noise on latents while the decoder learns alone, as a share of their size.
    latent_noise: float = 0.05
    batch: int = 32
    #: This share of noise levels is drawn from `early_from` up, where the words decide what will
    #: be: above 700 place and colour, from 450 shape; below, the picture itself says it all.
    early: float = 0.6
    early_from: int = 450
    #: Contrast (variance of latents) given to every picture on top of its own.
    plain: float = 0.1
    #: At 1.2e-3 the text encoder soon told backgrounds apart and nothing else, for good.
    rate: float = 4e-4
    #: The rate falls only after this share of the stage: words are learned late.
    hold: float = 0.7
    ema: float = 0.999
    #: Captions left empty, for classifier-free guidance.
    drop: float = 0.10
    #: Captions with words nobody knows mixed in, so that such words come to mean nothing.
    babble: float = 0.10


@dataclass
class Album:
    """Drawings in memory: what each shows, and uint8 pixels [N, 3, 96, 96]."""

    specs: list[Spec]
    pixels: Tensor

    def batch(self, chosen: Tensor | slice, device: torch.device) -> Tensor:
        """Float pictures [B, 3, 96, 96] from -1 to 1."""
        return self.pixels[chosen].to(device).float() / 127.5 - 1.0


def draw_album(count: int, chance: np.random.Generator) -> Album:
    """`count` pictures that training may see."""
    specs = [train_spec(chance) for _ in range(count)]
    if any(held_out(spec) for spec in specs):
        raise AssertionError("a held-out pair is among the training pictures")
    pixels = np.empty((count, 3, PX, PX), dtype=np.uint8)
    for number, spec in enumerate(specs):
        pixels[number] = draw(spec, chance).transpose(2, 0, 1)
    return Album(specs, torch.from_numpy(pixels))


def edges(x: Tensor) -> Tensor:
    """How much a pixel differs from the 5 x 5 around it: [B, 3, H, W] -> [B, 1, H, W], 0 to 1."""
    blurred = functional.avg_pool2d(x, 5, stride=1, padding=2, count_include_pad=False)
    return (x - blurred).abs().amax(1, keepdim=True).mul(2.0).clamp(max=1.0).sqrt()


class Trainer:
    """The models, where they run, and how far they have come."""

    def __init__(
        self,
        out: Path,
        minutes: float,
        device: torch.device,
        threads: int = 1,
        seed: int = 0,
        recipe: Recipe = Recipe(),
    ) -> None:
        self.out, self.device, self.threads, self.recipe = out, device, threads, recipe
        torch.manual_seed(seed)
        self.chance = np.random.default_rng(seed)
        self.tokenizer = build_tokenizer()
        self.vae = build_vae().to(device)
        self.text = build_text_encoder(self.tokenizer).to(device)
        self.unet = build_unet().to(device, memory_format=torch.channels_last)
        shares = {"vae": self.recipe.vae_share, "decoder": self.recipe.decoder_share}
        shares["unet"] = 1 - sum(shares.values())
        self.budgets = {stage: 60 * minutes * share for stage, share in shares.items()}

    def autocast(self) -> torch.autocast:
        """Use bfloat16: on a CPU with AVX512-BF16 half the time in the autoencoder."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def load(self, name: str) -> dict[str, object]:
        """A stage's saved state, or nothing."""
        path = self.out / f"{name}.pt"
        if not path.exists():
            return {}
        state: dict[str, object] = torch.load(path, map_location=self.device, weights_only=True)
        return state

    def save(self, name: str, state: dict[str, object]) -> None:
        """Keep a stage's state; whole or not at all."""
        self.out.mkdir(parents=True, exist_ok=True)
        torch.save(state, self.out / f"{name}.tmp")
        (self.out / f"{name}.tmp").replace(self.out / f"{name}.pt")

    def train_vae(self, stage: str, album: Album, resume: bool) -> bool:
        """Learn to take pictures [B, 3, 96, 96] through latents [B, 8, 12, 12] and back.

        In stage "vae" all of it learns; in stage "decoder" latents stay what they are, so that it
        may run after or beside the denoiser. Returns whether it came to its end.
        """
        recipe, vae = self.recipe, self.vae
        if stage == "decoder":
            vae.encoder.requires_grad_(False)
            vae.quant_conv.requires_grad_(False)
        learning = [weight for weight in vae.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(learning, lr=recipe.vae_rate, weight_decay=0.01)
        state = self.load(stage) if resume else {}
        if state:
            vae.load_state_dict(state["vae"])
            optimizer.load_state_dict(state["optimizer"])  # type: ignore[arg-type]
        step, watch = int(state.get("step", 0)), self.watch(stage, state)  # type: ignore[call-overload]

        def keep() -> None:
            weights, moments = vae.state_dict(), optimizer.state_dict()
            self.save(
                stage, {"vae": weights, "optimizer": moments, "step": step, "used": watch.used}
            )

        gears = Gears(self.threads)
        while watch.running:
            gears.shift()
            for group in optimizer.param_groups:
                group["lr"] = rate_at(watch.share, step, recipe.vae_rate)
            x = album.batch(torch.randint(len(album.specs), (recipe.vae_batch,)), self.device)
            with self.autocast():
                posterior = vae.encode(x).latent_dist
                z = posterior.sample()
                if stage == "decoder":  # what the denoiser will send is never quite right
                    z = z + recipe.latent_noise * z.std() * torch.randn_like(z)
                y = vae.decode(z).sample.float()
            error, weight = (y - x).abs(), 1 + recipe.edge_weight * edges(x)
            kl = posterior.kl().mean() / posterior.mean[0].numel()
            loss = (weight * (error + 2 * error.square())).mean() + recipe.kl_weight * kl
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            step += 1
            if step % 50 == 0:
                decibels = -10 * math.log10(error.square().mean().item() / 4)
                log.info(
                    "%s step %d  %.1f dB  %.0f s  %s", stage, step, decibels, watch.used, gears
                )
            if step % 200 == 0:
                keep()
        keep()
        return not watch.stopped

    def latents(self, album: Album) -> Tensor:
        """All pictures through the encoder once: [N, 3, 96, 96] -> [N, 8, 12, 12], unit size."""
        found = []
        with torch.no_grad(), self.autocast():
            for start in range(0, len(album.specs), 64):
                x = album.batch(slice(start, start + 64), self.device)
                found.append(self.vae.encode(x).latent_dist.mean.float())
        z = torch.cat(found)
        self.vae.register_to_config(scaling_factor=1.0 / z.std().item())
        scaled: Tensor = z * self.vae.config["scaling_factor"]
        return scaled

    def tokens(self, specs: list[Spec]) -> Tensor:
        """Each spec in fresh words, some dropped, some among babble: [B, MAX_TOKENS]."""
        said = [spoken(caption(spec, self.chance), self.recipe, self.chance) for spec in specs]
        ids = self.tokenizer(
            said, padding="max_length", truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        ).input_ids
        return torch.as_tensor(ids, device=self.device)

    def times(self, count: int) -> Tensor:
        """Noise levels [count], 0 to 999, more often high ones."""
        low = torch.where(torch.rand(count) < self.recipe.early, self.recipe.early_from, 0)
        return (low + torch.rand(count) * (1000 - low)).long().to(self.device)

    def train_unet(self, album: Album, z: Tensor, resume: bool) -> None:
        """Stage two: from noise and words to latents [B, 8, 12, 12]."""
        recipe, scheduler = self.recipe, build_scheduler()
        models = nn.ModuleList([self.text, self.unet])
        slow = copy.deepcopy(models).requires_grad_(False)  # the average, which is what ships
        optimizer = torch.optim.AdamW(models.parameters(), lr=recipe.rate, weight_decay=0.01)
        state = self.load("unet") if resume else {}
        if state:
            models.load_state_dict(state["models"])  # type: ignore[arg-type]
            slow.load_state_dict(state["slow"])  # type: ignore[arg-type]
            optimizer.load_state_dict(state["optimizer"])  # type: ignore[arg-type]
        step, watch = int(state.get("step", 0)), self.watch("unet", state)  # type: ignore[call-overload]
        signal_share = scheduler.alphas_cumprod.to(self.device)  # [1000], 1 = clean, 0 = noise

        def keep() -> None:
            kept = {"models": models.state_dict(), "slow": slow.state_dict(), "step": step}
            self.save("unet", kept | {"optimizer": optimizer.state_dict(), "used": watch.used})
            text, unet = slow
            save_folder(self.out / "model", self.vae, text, self.tokenizer, unet, scheduler)

        losses: list[float] = []
        gears = Gears(self.threads)
        while watch.running:
            gears.shift()
            for group in optimizer.param_groups:
                group["lr"] = rate_at(watch.share, step, recipe.rate, recipe.hold)
            chosen = torch.randint(len(album.specs), (recipe.batch,))
            x = z[chosen].contiguous(memory_format=torch.channels_last)
            ids = self.tokens([album.specs[i] for i in chosen.tolist()])
            t = self.times(recipe.batch)
            share = signal_share[t].view(-1, 1, 1, 1)
            noise = torch.randn_like(x)
            noisy = share.sqrt() * x + (1 - share).sqrt() * noise
            target = share.sqrt() * noise - (1 - share).sqrt() * x  # v, arXiv 2202.00512 appendix D
            with self.autocast():
                words = self.text(ids).last_hidden_state  # [B, MAX_TOKENS, 128]
                v = self.unet(noisy, t, words).sample
            # A scene is full of things, a single is nearly empty: each counts by its own contrast.
            weight = 1 / (x.var((2, 3)).mean(1) + recipe.plain)  # [B]
            error = (v.float() - target).square().mean((1, 2, 3))
            loss = (weight / weight.mean() * error).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(models.parameters(), 1.0)
            optimizer.step()
            blend = min(recipe.ema, (step + 1) / (step + 10))
            with torch.no_grad():
                torch._foreach_lerp_(list(slow.parameters()), list(models.parameters()), 1 - blend)
            step += 1
            losses.append(loss.item())
            if step % 100 == 0:
                mean = sum(losses[-100:]) / 100
                log.info("unet step %d  loss %.4f  %.0f s  %s", step, mean, watch.used, gears)
            if step % 500 == 0:
                keep()
        keep()

    def watch(self, stage: str, state: dict[str, object]) -> Watch:
        """The stage's clock, tied to the stop signals."""
        watch = Watch(self.budgets[stage], float(state.get("used", 0.0)))  # type: ignore[arg-type]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, watch.stop)
        return watch


def spoken(said: str, recipe: Recipe, chance: np.random.Generator) -> str:
    """A caption as it is trained on: sometimes empty, sometimes among words nobody knows."""
    draw = chance.random()
    if draw < recipe.drop:
        return ""
    if draw > 1.0 - recipe.babble:
        parts = said.split()
        for _ in range(int(chance.integers(1, 4))):
            letters = chance.choice(list("abcdefghijklmnopqrstuvwxyz"), int(chance.integers(2, 8)))
            parts.insert(int(chance.integers(0, len(parts) + 1)), "".join(letters))
        return " ".join(parts)
    return said


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description="Train Pocket from nothing.")
    parser.add_argument("--out", type=Path, required=True, help="folder for states and the model")
    parser.add_argument("--minutes", type=float, default=100.0, help="wall-clock time in all")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads at most")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the states in --out")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    found = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(found if asked.device == "auto" else asked.device)
    start = time.monotonic()
    trainer = Trainer(asked.out, asked.minutes, device, asked.threads, asked.seed)
    album = draw_album(trainer.recipe.pictures, trainer.chance)
    log.info("%d pictures drawn, %.0f s", len(album.specs), time.monotonic() - start)
    if trainer.train_vae("vae", album, asked.resume):
        z = trainer.latents(album)
        if trainer.train_vae("decoder", album, asked.resume):
            trainer.train_unet(album, z, asked.resume)
    log.info("done in %.1f minutes", (time.monotonic() - start) / 60)


if __name__ == "__main__":
    main()
