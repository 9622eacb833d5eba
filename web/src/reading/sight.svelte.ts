// How all close views are set: zoom, shift, window, what is shown of the other side. And the films' own windows, so
// that a joint does not look brighter than its neighbour on the same film.

import { levels } from '$lib/api';
import { adjustedBy, adjusted, greysOf, histogramOf, ownWindow, UNADJUSTED, type Adjustment } from '../film/window';
import type { Window } from '../film/window';
import { CropCache, type Levels } from './cropCache';
import { PLAIN, shiftFor, shiftKey, zoomed, type Crop } from './crops';
import type { FilmShown } from './shapes';
import { windowArea } from './windowArea';

export type Opposite = 'as it is' | 'mirrored' | 'hidden';
const OPPOSITES: readonly Opposite[] = ['as it is', 'mirrored', 'hidden'];
const OVERVIEW_SHRINK = 8;
/** Of a window's own width, and in octaves. */
const LEVEL_STEP = 0.05;
const WIDTH_STEP = 0.2;

/** A film at a glance, and the window it opens with. */
export interface Overview {
  levels: Levels;
  own: Window;
  /** How many joints were known when the window was found. */
  points: number;
}

export class Sight {
  zoom = $state(PLAIN.zoom);
  shift: Record<string, { x: number; y: number }> = $state.raw(PLAIN.shift);
  adjustment: Adjustment = $state.raw(UNADJUSTED);
  opposite: Opposite = $state('as it is');
  overviews: Record<string, Overview> = $state.raw({});
  readonly cache = new CropCache((url, signal) => levels(url, signal));
  private readonly stopping = new AbortController();
  private greys: { key: string; table: Uint8ClampedArray }[] = [];

  zoomBy(by: 1 | -1): void {
    this.zoom = zoomed(this.zoom, by);
  }

  /** Move one joint's view by a drag, in widths of the view. */
  drag(crop: Crop, point: string, right: number, down: number): void {
    const key = shiftKey(crop.film, point);
    const by = shiftFor(crop, right, down);
    const old = this.shift[key] ?? { x: 0, y: 0 };
    this.shift = { ...this.shift, [key]: { x: old.x + by.x, y: old.y + by.y } };
  }

  /** By steps. */
  brighten(by: number): void {
    this.window(-LEVEL_STEP * by, 0);
  }

  /** By steps. */
  narrow(by: number): void {
    this.window(0, WIDTH_STEP * by);
  }

  private window(level: number, narrower: number): void {
    this.adjustment = adjustedBy(this.adjustment, level, narrower);
  }

  invert(): void {
    this.adjustment = { ...this.adjustment, inverted: !this.adjustment.inverted };
  }

  nextOpposite(): void {
    this.opposite = OPPOSITES[(OPPOSITES.indexOf(this.opposite) + 1) % OPPOSITES.length] ?? 'as it is';
  }

  fit(): void {
    this.zoom = PLAIN.zoom;
    this.shift = PLAIN.shift;
  }

  reset(): void {
    this.fit();
    this.adjustment = { ...UNADJUSTED, inverted: this.adjustment.inverted };
  }

  /** Grey of every level of a film, as the window stands; null until the film's own window is known. */
  greysFor(film: string): Uint8ClampedArray | null {
    const own = this.overviews[film]?.own;
    if (!own) return null;
    const { low, high } = adjusted(own, this.adjustment);
    const key = `${low} ${high} ${this.adjustment.inverted}`;
    const known = this.greys.find((each) => each.key === key);
    if (known) return known.table;
    const table = greysOf({ low, high }, this.adjustment.inverted);
    this.greys = [{ key, table }, ...this.greys].slice(0, 16);
    return table;
  }

  /** Films at a glance, one after another; one that fails is asked for again with the next view of it. */
  async look(films: readonly FilmShown[]): Promise<void> {
    for (const film of films) {
      const known = this.overviews[film.id];
      if (this.stopping.signal.aborted) return;
      if (known && known.points === Object.keys(film.points).length) continue;
      try {
        const found = known?.levels ?? (await levels(`${film.pixels}?shrink=${OVERVIEW_SHRINK}`, this.stopping.signal));
        this.overviews = { ...this.overviews, [film.id]: overviewOf(film, found) };
      } catch {
        continue;
      }
    }
  }

  close(): void {
    this.stopping.abort();
    this.cache.stop();
  }
}

/** The window is that of the joints' surroundings where they are known: borders and markers do not darken bone. */
function overviewOf(film: FilmShown, found: Levels): Overview {
  const around = windowArea(film, found);
  return { levels: found, own: ownWindow(histogramOf(around)), points: Object.keys(film.points).length };
}

/** Draw levels as greys. */
export function paint(canvas: HTMLCanvasElement, { data, width, height }: Levels, greys: Uint8ClampedArray): void {
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) return;
  canvas.width = width;
  canvas.height = height;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let index = 0; index < data.length; index++) {
    const grey = greys[data[index] as number] as number;
    pixels[index] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  context.putImageData(image, 0, 0);
}
