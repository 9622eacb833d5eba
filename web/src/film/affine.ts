/** Maps between film and pane: x' = a x + c y + e, y' = b x + d y + f, in the order of the canvas' `setTransform`. */

import type { Spot } from './types';

export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export const IDENTITY: Affine = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

/** The map that does `first` and then `then`. */
export function after(then: Affine, first: Affine): Affine {
  return {
    a: then.a * first.a + then.c * first.b,
    b: then.b * first.a + then.d * first.b,
    c: then.a * first.c + then.c * first.d,
    d: then.b * first.c + then.d * first.d,
    e: then.a * first.e + then.c * first.f + then.e,
    f: then.b * first.e + then.d * first.f + then.f,
  };
}

export function applied(map: Affine, spot: Spot): Spot {
  return { x: map.a * spot.x + map.c * spot.y + map.e, y: map.b * spot.x + map.d * spot.y + map.f };
}

/** The way back; no map of a film is singular, since its scale is never 0. */
export function inverse(map: Affine): Affine {
  const area = map.a * map.d - map.b * map.c;
  return {
    a: map.d / area,
    b: -map.b / area,
    c: -map.c / area,
    d: map.a / area,
    e: (map.c * map.f - map.d * map.e) / area,
    f: (map.b * map.e - map.a * map.f) / area,
  };
}

export function moved(dx: number, dy: number): Affine {
  return { ...IDENTITY, e: dx, f: dy };
}

export function scaled(factor: number): Affine {
  return { ...IDENTITY, a: factor, d: factor };
}

/** Turned clockwise as seen, around the origin. */
export function turned(degrees: number): Affine {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { a: cos, b: sin, c: -sin, d: cos, e: 0, f: 0 };
}

/** Left and right exchanged, around the origin. */
export const MIRRORED: Affine = { ...IDENTITY, a: -1 };

/** CSS pixels a film pixel takes. */
export function scaleOf(map: Affine): number {
  return Math.sqrt(Math.abs(map.a * map.d - map.b * map.c));
}
