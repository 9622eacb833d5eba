/**
 * Where a film lies in its pane: its home (all of it, or a square around a joint) and the motion away from it.
 *
 * A motion is told in terms of the pane and relative to home, so that films of unlike size, turn and side can share one
 * and move in step.
 */

import { after, applied, inverse, MIRRORED, moved, scaled, turned, type Affine } from './affine';
import { AS_STORED, type FilmSource, type Focus, type Lie, type Spot } from './types';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Zoom relative to home; the pan of home's centre in CSS pixels; turned clockwise, then mirrored if `flipped`. */
export interface Motion {
  readonly zoom: number;
  readonly dx: number;
  readonly dy: number;
  readonly turnCwDeg: number;
  readonly flipped: boolean;
}

export const AT_HOME: Motion = { zoom: 1, dx: 0, dy: 0, turnCwDeg: 0, flipped: false };
/** Of the zoom that shows the whole film. */
const LEAST_SHARE = 0.25;
export const MOST_ZOOM = 48;
/** Share of a pane that a whole film fills, so that its edges can be seen. */
const FILLED = 0.98;
/** Of the joints' own extent: the tips of fingers lie beyond their last joints that are marked. */
const ROOM_AROUND = 1.75;
const LEAST_JOINTS = 4;
/** CSS pixels of a film that stay in sight, however far it is dragged. */
const KEPT_IN_SIGHT = 48;

/** The film's map into a pane. */
export function viewOf(film: FilmSource, lie: Lie, focus: Focus | null, pane: Size, motion: Motion): Affine {
  const home = homeOf(film, lie, focus, pane, motion);
  const laid = after(lie.mirrored ? MIRRORED : scaled(1), turned(lie.turnCwDeg));
  const turnedNow = after(motion.flipped ? MIRRORED : scaled(1), turned(motion.turnCwDeg));
  const centred = moved(-home.x, -home.y);
  const large = scaled(home.scale * motion.zoom);
  const placed = moved(pane.width / 2 + motion.dx, pane.height / 2 + motion.dy);
  return [laid, turnedNow, large, placed].reduce((map, next) => after(next, map), centred);
}

/** Zoomed so that what is under the cursor stays there; x and y from the pane's upper left. `whole` shows all of it. */
export function zoomedAt(motion: Motion, factor: number, at: Spot, pane: Size, whole = 1): Motion {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_SHARE * whole, motion.zoom * factor));
  const grown = zoom / motion.zoom;
  const [x, y] = [at.x - pane.width / 2, at.y - pane.height / 2];
  return { ...motion, zoom, dx: x - (x - motion.dx) * grown, dy: y - (y - motion.dy) * grown };
}

export function panned(motion: Motion, dx: number, dy: number): Motion {
  return { ...motion, dx: motion.dx + dx, dy: motion.dy + dy };
}

/** Turned clockwise as seen by quarters, around the pane's centre. */
export function quarterTurned(motion: Motion, quarters: number): Motion {
  const { x, y } = applied(turned(90 * quarters), { x: motion.dx, y: motion.dy });
  const turn = motion.turnCwDeg + 90 * quarters * (motion.flipped ? -1 : 1);
  return { ...motion, dx: Math.round(x * 1e6) / 1e6, dy: Math.round(y * 1e6) / 1e6, turnCwDeg: (turn + 720) % 360 };
}

/** Left and right exchanged as seen, around the pane's centre. */
export function mirroredNow(motion: Motion): Motion {
  return { ...motion, dx: -motion.dx, flipped: !motion.flipped };
}

/** All of the film in the middle, also where home is a part of it; turns and mirroring stay. */
export function fitted(motion: Motion, film: FilmSource, lie: Lie, focus: Focus | null, pane: Size): Motion {
  const zoom = wholeZoom(film, lie, focus, pane, motion);
  const centred = { ...motion, zoom, dx: 0, dy: 0 };
  const middle = { x: (film.width - 1) / 2, y: (film.height - 1) / 2 };
  const { x, y } = applied(viewOf(film, lie, focus, pane, centred), middle);
  return { ...centred, dx: pane.width / 2 - x, dy: pane.height / 2 - y };
}

/** The zoom that shows all of the film: 1 where that is home. */
export function wholeZoom(film: FilmSource, lie: Lie, focus: Focus | null, pane: Size, motion: Motion): number {
  return focus ? homeOf(film, lie, null, pane, motion).scale / homeOf(film, lie, focus, pane, motion).scale : 1;
}

/** A square around a limb whose joints are known, with room for the tips; null where too few are. */
export function limbFocus(joints: Iterable<Spot>): Focus | null {
  const spots = [...joints];
  if (spots.length < LEAST_JOINTS) return null;
  const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const sidePx = ROOM_AROUND * Math.max(right - left, bottom - top);
  return { x: (left + right) / 2, y: (top + bottom) / 2, sidePx };
}

/** The motion changed as little as keeps some of the film in its pane. */
export function keptInSight(motion: Motion, film: FilmSource, lie: Lie, focus: Focus | null, pane: Size): Motion {
  const box = boxOf(viewOf(film, lie, focus, pane, motion), film);
  const kept = Math.min(KEPT_IN_SIGHT, pane.width / 4, pane.height / 4);
  const dx = Math.max(0, kept - box.right) - Math.max(0, box.left - (pane.width - kept));
  const dy = Math.max(0, kept - box.bottom) - Math.max(0, box.top - (pane.height - kept));
  return dx === 0 && dy === 0 ? motion : panned(motion, dx, dy);
}

/**
 * How a film lies so that its digits point up: exactly, or by `quarters` of a turn, so that its edges stay upright. With
 * `mirror` a right limb looks like a left one too.
 */
export function lieOf(
  film: { turn_cw_deg: number | null; mirrored: boolean | null },
  wanted: { mirror?: boolean; quarters?: boolean } = {},
): Lie {
  if (film.turn_cw_deg === null) return AS_STORED;
  const turn = wanted.quarters ? (90 * Math.round(film.turn_cw_deg / 90)) % 360 : film.turn_cw_deg;
  return { turnCwDeg: turn, mirrored: Boolean(wanted.mirror && film.mirrored) };
}

/** The film's upright box in its pane. */
export function boxOf(map: Affine, film: FilmSource): { left: number; top: number; right: number; bottom: number } {
  const [right, bottom] = [film.width - 0.5, film.height - 0.5];
  const corners = [
    [-0.5, -0.5],
    [right, -0.5],
    [-0.5, bottom],
    [right, bottom],
  ].map(([x, y]) => applied(map, { x: x!, y: y! }));
  const [xs, ys] = [corners.map((each) => each.x), corners.map((each) => each.y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

export function spotAt(map: Affine, inPane: Spot): Spot {
  return applied(inverse(map), inPane);
}

export function isOn(film: FilmSource, spot: Spot): boolean {
  return spot.x >= -0.5 && spot.y >= -0.5 && spot.x < film.width - 0.5 && spot.y < film.height - 0.5;
}

/** The nearest place on the film; a hundredth of a pixel within its far edge, which is not on it. */
export function onto(film: FilmSource, spot: Spot): Spot {
  return {
    x: Math.min(film.width - 0.51, Math.max(-0.5, spot.x)),
    y: Math.min(film.height - 0.51, Math.max(-0.5, spot.y)),
  };
}

function homeOf(film: FilmSource, lie: Lie, focus: Focus | null, pane: Size, motion: Motion) {
  if (focus) return { x: focus.x, y: focus.y, scale: Math.min(pane.width, pane.height) / focus.sidePx };
  const seen = boxOf(turned(lie.turnCwDeg + motion.turnCwDeg), film);
  const scale = FILLED * Math.min(pane.width / (seen.right - seen.left), pane.height / (seen.bottom - seen.top));
  return { x: (film.width - 1) / 2, y: (film.height - 1) / 2, scale };
}
