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
/** Levels are weighted in 256ths: whole numbers blend twice as fast as others. */
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

function rowOf(
  pixels: Uint32Array,
  first: number,
  count: number,
  start: { x: number; y: number },
  step: { x: number; y: number },
  last: { x: number; y: number },
  plane: Plane,
  colours: Uint32Array,
): void {
  const { width, height, levels } = plane;
  const [mostX, mostY] = [width - 1, height - 1];
  let { x, y } = start;
  for (let at = first; at < first + count; at++, x += step.x, y += step.y) {
    if (x < -0.5 || y < -0.5 || x > last.x || y > last.y) {
      pixels[at] = BLACK;
      continue;
    }
    const [inX, inY] = [x < 0 ? 0 : x > mostX ? mostX : x, y < 0 ? 0 : y > mostY ? mostY : y];
    const [column, line] = [inX | 0, inY | 0];
    const [partX, partY] = [((inX - column) * ONE) | 0, ((inY - line) * ONE) | 0];
    const here = line * width + column;
    const right = column < mostX ? here + 1 : here;
    const down = line < mostY ? width : 0;
    const above = levels[here]! * (ONE - partX) + levels[right]! * partX;
    const below = levels[here + down]! * (ONE - partX) + levels[right + down]! * partX;
    pixels[at] = colours[((above * (ONE - partY) + below * partY) / (ONE * ONE)) | 0]!;
  }
}
