/** The magnifier: a disc in which the film stands larger, over the cursor or beside a joint in hand. */

import { after, applied, moved, scaled, scaleOf, type Affine } from './affine';
import type { Area } from './painter';
import type { Spot } from './types';
import type { Size } from './view';

export const LENS_RADIUS = 84;
const ZOOM = 3;
/** CSS pixels of the lens for a film pixel, at least: a joint is put to a pixel. */
const LEAST = 2.5;
/** Between a joint in hand and the lens: a finger's width. */
const APART = 46;
const MARGIN = 4;

/** The film's map into the board that brings `spot` to the middle of the lens; `map` is that of its pane. */
export function lensMap(map: Affine, spot: Spot, centre: Spot): Affine {
  const linear = after(scaled(Math.max(ZOOM, LEAST / scaleOf(map))), { ...map, e: 0, f: 0 });
  const there = applied(linear, spot);
  return after(moved(centre.x - there.x, centre.y - there.y), linear);
}

export function lensArea(centre: Spot): Area {
  return { x: centre.x - LENS_RADIUS, y: centre.y - LENS_RADIUS, width: 2 * LENS_RADIUS, height: 2 * LENS_RADIUS };
}

/** Above what a finger covers; where there is no room above, on the side that has more. */
export function besides(at: Spot, board: Size): Spot {
  const off = LENS_RADIUS + APART;
  const kept = (place: number, side: number) =>
    Math.max(LENS_RADIUS + MARGIN, Math.min(side - LENS_RADIUS - MARGIN, place));
  if (at.y - off > LENS_RADIUS) return { x: kept(at.x, board.width), y: at.y - off };
  return { x: at.x < board.width / 2 ? at.x + off : at.x - off, y: kept(at.y, board.height) };
}
