/**
 * The window: which of a film's levels become black and white.
 *
 * A film opens with a window of its own, from its histogram. A reader's change is kept relative to it, so that in step a
 * dark and a bright film change alike.
 */

export const BINS = 1024;
const LEVELS = 65536;
/** Levels of 0 and 65535 are collimated borders and burned-in letters: they say nothing of tissue. */
const LOW_SHARE = 0.005;
const HIGH_SHARE = 0.998;
const LEAST_WIDTH = 64;

/** Levels that become black and white. */
export interface Window {
  readonly low: number;
  readonly high: number;
}

/** A change: `level` in widths of the film's own window, up is darker; `narrower` in octaves. */
export interface Adjustment {
  readonly level: number;
  readonly narrower: number;
  readonly inverted: boolean;
}

export const UNADJUSTED: Adjustment = { level: 0, narrower: 0, inverted: false };
const MOST_LEVEL = 2;
const NARROWEST = 6;
const WIDEST = -3;

/** How often levels occur, in `BINS` bins of equal width, without the two extreme levels. */
export function histogramOf(levels: Uint16Array): Uint32Array {
  const bins = new Uint32Array(BINS);
  const each = LEVELS / BINS;
  for (let index = 0; index < levels.length; index++) {
    const level = levels[index]!;
    if (level > 0 && level < LEVELS - 1) bins[(level / each) | 0]!++;
  }
  return bins;
}

/** The film's own window: nearly all of its tissue. */
export function ownWindow(histogram: Uint32Array): Window {
  const all = histogram.reduce((sum, count) => sum + count, 0);
  if (all === 0) return { low: 0, high: LEVELS - 1 };
  const each = LEVELS / histogram.length;
  const low = binAt(histogram, all * LOW_SHARE) * each;
  const high = (binAt(histogram, all * HIGH_SHARE) + 1) * each;
  return { low, high: Math.max(high, low + LEAST_WIDTH) };
}

/** The window as the reader wants it. */
export function adjusted(own: Window, change: Adjustment): Window {
  const width = own.high - own.low;
  const centre = (own.low + own.high) / 2 + change.level * width;
  const half = Math.max(LEAST_WIDTH, width / 2 ** change.narrower) / 2;
  return { low: centre - half, high: centre + half };
}

/** Further by a drag or a key, within what shows anything. */
export function adjustedBy(change: Adjustment, level: number, narrower: number): Adjustment {
  return {
    ...change,
    level: between(-MOST_LEVEL, change.level + level / 2 ** Math.max(0, change.narrower), MOST_LEVEL),
    narrower: between(WIDEST, change.narrower + narrower, NARROWEST),
  };
}

/** Grey 0-255 of every level: what the page without a graphics card looks levels up in. */
export function greysOf(window: Window, inverted: boolean): Uint8ClampedArray {
  const greys = new Uint8ClampedArray(LEVELS);
  const [step, sign, start] = [255 / (window.high - window.low), inverted ? -1 : 1, inverted ? 255 : 0];
  // The array bounds and rounds by itself.
  for (let level = 0; level < LEVELS; level++) greys[level] = start + sign * (level - window.low) * step;
  return greys;
}

function binAt(histogram: Uint32Array, count: number): number {
  let sum = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    sum += histogram[bin]!;
    if (sum >= count) return bin;
  }
  return histogram.length - 1;
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
