"""From millimetres of bone and soft tissue to the log signal of a detector: beam, scatter, blur, quanta.

What a console makes of that signal is in `console`. Attenuation: NIST XCOM, cortical bone (ICRU-44, 1.92 g/cm3) and
soft tissue (1.06 g/cm3), as FACTS.md, section 6, has it at 35 keV.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

ENERGIES_KEV = (25.0, 30.0, 35.0, 40.0, 45.0, 50.0)
CORTICAL_PER_MM = (0.385, 0.255, 0.175, 0.128, 0.100, 0.081)
SOFT_PER_MM = (0.054, 0.040, 0.0325, 0.0285, 0.0258, 0.0240)
HARDENING = 0.07
"""Fall of the attenuation coefficient per unit of line integral: a beam of 50 kVp behind 2.5 mm of aluminium."""
LEAST_SIGNAL = 1e-3
"""Signal of the detector's electronics, as part of the full exposure: behind thick metal nothing darker is told."""


@dataclass(frozen=True)
class Exposure:
    """How one film was exposed. Lengths in mm at the detector.

    `energy_kev` is the effective energy of the beam (30-37 keV for the 45-60 kVp that hands and feet are taken with);
    `scatter` the part of the exposure spread over `scatter_mm`; `heel` the change of exposure from the centre to the
    edge, along `heel_angle` (radians); `blur_mm` the SD of detector, focal spot and movement together; `photons` per
    mm2 at full exposure; `saturation` the part of the full exposure at which the detector reaches its end; `banding`
    the SD of the gain left over between columns after calibration.
    """

    energy_kev: float
    scatter: float
    scatter_mm: float
    heel: float
    heel_angle: float
    blur_mm: float
    photons: float
    saturation: float = 4.0
    banding: float = 0.0


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """A random exposure; about one film in twenty is burnt out, noisy or moved.

    Detectors of today have an MTF of 10 % at 3.2-4.8 cycles a mm, which is an SD of 0.07-0.11 mm (FACTS.md, 6).
    """
    fault = rng.random()
    burnt, starved, moved = fault < 0.02, 0.02 < fault < 0.04, 0.04 < fault < 0.055
    photons = np.log((2e4, 1.2e5) if starved else (3e5, 5e6))
    return Exposure(
        energy_kev=float(rng.uniform(30, 37)),
        scatter=float(rng.uniform(0.03, 0.12)),
        scatter_mm=float(rng.uniform(8, 20)),
        heel=float(rng.uniform(0, 0.08)),
        heel_angle=float(rng.uniform(0, 2 * np.pi)),
        blur_mm=float(rng.uniform(0.25, 0.45) if moved else rng.uniform(0.06, 0.14)),
        photons=float(np.exp(rng.uniform(*photons))),
        saturation=float(rng.uniform(0.45, 0.85)) if burnt else 4.0,
        banding=float(rng.uniform(0, 0.006)),
    )


def log_signal(
    bone: FloatImage, soft: FloatImage, pixel_mm: float, exposure: Exposure, rng: np.random.Generator
) -> FloatImage:
    """Minus the log of the exposure that each pixel counts: about 0 in the open, growing with what lies in the way."""
    signal = _reaching(bone, soft, exposure)
    small = _shrunk(signal, exposure.scatter_mm / pixel_mm)
    signal *= np.float32(1 - exposure.scatter)
    signal += np.float32(exposure.scatter) * cv2.resize(small, signal.shape[::-1], interpolation=cv2.INTER_LINEAR)
    _slope(signal, exposure)
    if exposure.banding > 0:
        _band(signal, exposure.banding, pixel_mm, rng)
    if exposure.blur_mm > 0.25 * pixel_mm:
        blurred = cv2.GaussianBlur(signal, (0, 0), exposure.blur_mm / pixel_mm, borderType=cv2.BORDER_REPLICATE)
        signal = np.asarray(blurred, np.float32)
    _count(signal, exposure.photons * pixel_mm**2, rng)
    np.clip(signal, LEAST_SIGNAL, exposure.saturation, out=signal)
    return np.negative(np.log(signal, out=signal), out=signal)


def _reaching(bone: FloatImage, soft: FloatImage, exposure: Exposure) -> FloatImage:
    """Primary beam behind the limb, as part of the full exposure; thick parts harden it and so let more through."""
    soft_per_mm = np.interp(exposure.energy_kev, ENERGIES_KEV, SOFT_PER_MM)
    bone_per_mm = np.interp(exposure.energy_kev, ENERGIES_KEV, CORTICAL_PER_MM) - soft_per_mm
    integral = np.asarray(cv2.addWeighted(bone, float(bone_per_mm), soft, float(soft_per_mm), 0), np.float32)
    integral /= 1 + np.float32(HARDENING) * integral
    return np.exp(np.negative(integral, out=integral), out=integral)


def _slope(signal: FloatImage, exposure: Exposure) -> None:
    """The heel effect, in place: the exposure falls towards the anode's side."""
    rows, columns = signal.shape
    down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None] * np.float32(np.sin(exposure.heel_angle))
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None, :] * np.float32(np.cos(exposure.heel_angle))
    signal *= (1 + np.float32(exposure.heel) * down) * (1 + np.float32(exposure.heel) * across)


def _band(signal: FloatImage, banding: float, pixel_mm: float, rng: np.random.Generator) -> None:
    """Soft stripes down the film, in place, some mm wide, stronger and weaker along their way."""
    rows, columns = signal.shape
    coarse = 1 + banding * rng.standard_normal((3, max(int(columns * pixel_mm / 4), 2))).astype(np.float32)
    signal *= cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)


def _count(signal: FloatImage, quanta: float, rng: np.random.Generator) -> None:
    """Quantum noise, in place: its variance is the signal over the number of quanta in a pixel at full exposure."""
    noise = white_noise(signal.shape, rng)
    noise *= np.sqrt(signal)
    noise *= np.float32(1 / np.sqrt(quanta))
    signal += noise


def white_noise(shape: tuple[int, ...], rng: np.random.Generator) -> FloatImage:
    """Normal noise of unit SD: a strip of true draws, laid down the film with a random shift each time."""
    rows, columns = shape
    strip = min(rows, 256)
    drawn = rng.standard_normal((strip, columns), dtype=np.float32)
    noise = np.empty(shape, np.float32)
    for top in range(0, rows, strip):
        height = min(strip, rows - top)
        shift = int(rng.integers(columns))
        noise[top : top + height, : columns - shift] = drawn[:height, shift:]
        noise[top : top + height, columns - shift :] = drawn[:height, :shift]
    return noise


def _shrunk(image: FloatImage, sigma_px: float) -> FloatImage:
    """A wide Gaussian blur on a smaller copy, where a pixel spans a third of sigma."""
    factor = max(1, int(sigma_px / 3))
    rows, columns = image.shape
    small = cv2.resize(image, (-(-columns // factor), -(-rows // factor)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), sigma_px / factor, borderType=cv2.BORDER_REPLICATE), np.float32)
