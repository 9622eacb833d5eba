/** A view of a film computed level by level, at the screen's resolution: what a page without a graphics card shows. */

import { inverse, scaleOf } from './affine';
import type { PaintJob } from './painter';
import { planeFor, type Plane } from './pyramid';
import type { FilmSource } from './types';
import { greysOf } from './window';

/** A film's planes and size. */
export interface Pyramid {
  readonly film: FilmSource;
  readonly planes: readonly Plane[];
}

/** A picture, four bytes a pixel, as a number each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

const BLACK = 0xff000000;
/** Levels are weighted in 256ths. */
const ONE = 256;

/** Colours of every level, kept while the window stays. */
export class Lookup {
  private key = '';
  private colours = new Uint32Array(0);

  of(job: PaintJob): Uint32Array {
    const key = `${job.window.low} ${job.window.high} ${job.inverted}`;
    if (key !== this.key) {
      const greys = greysOf(job.window, job.inverted);
      const colours = new Uint32Array(greys.length);
      for (let level = 0; level < greys.length; level++) colours[level] = BLACK | (greys[level]! * 0x010101);
      this.colours = colours;
      this.key = key;
    }
    return this.colours;
  }
}

/** Paint one job into the picture; `into` is cleared by whoever calls. */
export function resampled(into: Picture, job: PaintJob, pyramid: Pyramid, colours: Uint32Array): void {
  const { film, planes } = pyramid;
  const whole = planes[0]!;
  const index = planeFor(whole.width / film.width / scaleOf(job.map), planes.length);
  const plane = planes[index]!;
  const [shareX, shareY] = [whole.width / film.width / 2 ** index, whole.height / film.height / 2 ** index];
  const back = inverse(job.map);
  const steps = { x: back.a * shareX, y: back.b * shareY };
  const last = { x: film.width * shareX - 0.5, y: film.height * shareY - 0.5 };
  const top = Math.max(0, Math.round(job.area.y));
  const bottom = Math.min(into.height, Math.round(job.area.y + job.area.height));
  for (let row = top; row < bottom; row++) {
    const [from, to] = columnsOf(job, row, into.width);
    const [x, y] = [from + 0.5, row + 0.5];
    const start = {
      x: (back.a * x + back.c * y + back.e + 0.5) * shareX - 0.5,
      y: (back.b * x + back.d * y + back.f + 0.5) * shareY - 0.5,
    };
    rowOf(into.pixels, row * into.width + from, to - from, start, steps, last, plane, colours);
  }
}

/** The columns of a row that the job covers, from the first to before the last. */
function columnsOf(job: PaintJob, row: number, width: number): [number, number] {
  const { area } = job;
  const [left, right] = [Math.round(area.x), Math.round(area.x + area.width)];
  if (!job.round) return [Math.max(0, left), Math.min(width, right)];
  const radius = Math.min(area.width, area.height) / 2;
  const off = row + 0.5 - (area.y + area.height / 2);
  const half = Math.sqrt(Math.max(0, radius * radius - off * off));
  const middle = area.x + area.width / 2;
  return [Math.max(0, Math.round(middle - half)), Math.min(width, Math.round(middle + half))];
}

interface Numbers {
  readonly x: number;
  readonly y: number;
}

/** Nothing is made in this loop, and all of it is whole numbers: it runs a million times for a picture. */
function rowOf(
  pixels: Uint32Array,
  first: number,
  count: number,
  start: Numbers,
  step: Numbers,
  last: Numbers,
  plane: Plane,
  colours: Uint32Array,
): void {
  const { width, height, levels } = plane;
  const mostX = width - 1;
  const mostY = height - 1;
  const [stepX, stepY] = [step.x, step.y];
  let { x, y } = start;
  for (let at = first; at < first + count; at++, x += stepX, y += stepY) {
    if (x >= 0 && y >= 0 && x < mostX && y < mostY) {
      const column = x | 0;
      const line = y | 0;
      const partX = ((x - column) * ONE) | 0;
      const partY = ((y - line) * ONE) | 0;
      const here = line * width + column;
      const below = here + width;
      const up = (levels[here]! * (ONE - partX) + levels[here + 1]! * partX) >> 8;
      const down = (levels[below]! * (ONE - partX) + levels[below + 1]! * partX) >> 8;
      pixels[at] = colours[(up * (ONE - partY) + down * partY) >> 8]!;
    } else {
      pixels[at] = x < -0.5 || y < -0.5 || x > last.x || y > last.y ? BLACK : colours[atEdge(plane, x, y)]!;
    }
  }
}

/** The level nearest to a place in the outermost half pixel, where there is nothing to blend with. */
function atEdge({ width, height, levels }: Plane, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, Math.round(x)));
  const line = Math.min(height - 1, Math.max(0, Math.round(y)));
  return levels[line * width + column]!;
}
