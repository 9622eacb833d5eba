// Close views of joints: where they lie on the film, how they are turned, and the address that serves them.
// A digit stands upright in its view, as in the reports (`reporting/crops.py`); wrists as the whole hand does.

import type { FilmShown } from './shapes';

/** A square of a film, in its pixels; `turn_cw_deg` brings the digit up. */
export interface Crop {
  film: string;
  x: number;
  y: number;
  side_px: number;
  turn_cw_deg: number;
}

/** How the reader has set all close views: `zoom` above 1 shows less of the film. */
export interface Sight {
  zoom: number;
  /** Film pixels by which views of one film are moved, along the film's own axes. */
  shift: Record<string, { x: number; y: number }>;
}

export const SIZE_PX = 560;
/** A view shows this many times the joint's own square, so that a pane that is wider than high is filled. */
export const BEYOND = 1.4;
export const ZOOMS: readonly number[] = [0.35, 0.5, 0.7, 1, 1.4, 2, 2.8];
export const PLAIN: Sight = { zoom: 1, shift: {} };

/** Share of the film's shorter side that a view shows where the joint's own size is not known. */
const UNKNOWN_SIDE = 0.22;

/** The joints, near and far, whose line stands upright. */
const AXES: Record<string, [string, string]> = {
  MCP1: ['MCP1', 'IP1'],
  MTP1: ['MTP1', 'IP1'],
  ...Object.fromEntries(
    [2, 3, 4, 5].flatMap((digit) =>
      ['MCP', 'PIP'].map((row) => [`${row}${digit}`, [`MCP${digit}`, `PIP${digit}`]] as const),
    ),
  ),
};

/** The view of a joint; the whole film where nobody has said where the joint is (`isLocated` tells). */
export function cropAt(film: FilmShown, point: string, sight: Sight): Crop {
  const found = film.points[point];
  const shift = sight.shift[shiftKey(film.id, point)] ?? { x: 0, y: 0 };
  if (!found) {
    const side = (BEYOND * Math.max(film.width, film.height)) / Math.max(1, sight.zoom);
    return { film: film.id, x: film.width / 2 + shift.x, y: film.height / 2 + shift.y, side_px: side, turn_cw_deg: 0 };
  }
  const side = BEYOND * (found.crop_px ?? UNKNOWN_SIDE * Math.min(film.width, film.height));
  return {
    film: film.id,
    x: found.x + shift.x,
    y: found.y + shift.y,
    side_px: Math.max(8, side / sight.zoom),
    turn_cw_deg: turnOf(film, point),
  };
}

export function isLocated(film: FilmShown, point: string): boolean {
  return film.points[point] !== undefined;
}

export function shiftKey(film: string, point: string): string {
  return `${film}/${point}`;
}

/** The address of the view's 16-bit levels. */
export function cropUrl(crop: Crop, size: number = SIZE_PX): string {
  const round = (value: number): string => String(Math.round(value * 10) / 10);
  const query = new URLSearchParams({
    x: round(crop.x),
    y: round(crop.y),
    side_px: round(crop.side_px),
    size: String(size),
    turn_cw_deg: round(crop.turn_cw_deg),
  });
  return `/api/films/${crop.film}/crop?${query.toString()}`;
}

/** The next wider or closer of the zooms. */
export function zoomed(zoom: number, by: 1 | -1): number {
  const at = ZOOMS.indexOf(zoom);
  return ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at + by))] ?? 1;
}

/** A movement on the screen, in widths of the view, as a shift of its centre in film pixels. */
export function shiftFor(crop: Crop, right: number, down: number): { x: number; y: number } {
  const turn = (crop.turn_cw_deg * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const x = -(right * cosine + down * sine) * crop.side_px;
  const y = -(-right * sine + down * cosine) * crop.side_px;
  return { x, y };
}

function turnOf(film: FilmShown, point: string): number {
  const [near, far] = (AXES[point] ?? []).map((name) => film.points[name]);
  const length = near && far ? Math.hypot(far.x - near.x, far.y - near.y) : 0;
  if (!near || !far || length === 0) return film.turn_cw_deg ?? 0;
  const turn = (Math.atan2(-(far.x - near.x), -(far.y - near.y)) * 180) / Math.PI;
  return turn || 0; // never -0, which would make a second address of the same view
}
