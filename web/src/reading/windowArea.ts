// The part of a film whose levels say how bright its bones are: the joints and what is around them.

import type { Levels } from './cropCache';
import type { FilmShown } from './shapes';

/** Share of the joints' own extent that is taken beyond them, on each side. */
const MARGIN = 0.12;
/** Of fewer joints nobody can tell where the limb is. */
const FEWEST = 3;

/** Levels of a smaller copy of the film around its joints; all of them where joints are not known. */
export function windowArea(film: FilmShown, { data, width, height }: Levels): Uint16Array {
  const points = Object.values(film.points);
  if (points.length < FEWEST) return data;
  const [left, right] = span(
    points.map((point) => (point.x / film.width) * width),
    width,
  );
  const [top, bottom] = span(
    points.map((point) => (point.y / film.height) * height),
    height,
  );
  const area = new Uint16Array((right - left) * (bottom - top));
  for (let row = top; row < bottom; row++) {
    area.set(data.subarray(row * width + left, row * width + right), (row - top) * (right - left));
  }
  return area;
}

/** First and behind the last of the pixels that hold all places and a margin. */
function span(places: readonly number[], size: number): [number, number] {
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const margin = MARGIN * (high - low);
  const first = Math.max(0, Math.floor(low - margin));
  return [Math.min(first, size - 1), Math.min(size, Math.max(first + 1, Math.ceil(high + margin)))];
}
