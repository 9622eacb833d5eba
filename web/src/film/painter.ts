/** What paints films: the graphics card (`glPainter`), or a worker where there is none (`workerPainter`). */

import type { Affine } from './affine';
import type { Plane } from './pyramid';
import type { FilmSource } from './types';
import type { Window } from './window';

/** Part of the canvas, in its own pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A film to be painted into an area; `map` from film pixels to canvas pixels; a `round` one is cut to a disc. */
export interface PaintJob {
  readonly film: string;
  readonly map: Affine;
  readonly area: Area;
  readonly window: Window;
  readonly inverted: boolean;
  readonly round: boolean;
}

/** A film's planes as they came, or what the painter was told to keep of them elsewhere. */
export interface Painter {
  /** Whether planes are to be handed over; else whoever loads them keeps them. */
  readonly takesPlanes: boolean;
  put(film: FilmSource, planes: readonly Plane[]): void;
  drop(film: string): void;
  /** Paint the jobs in their order on black; `painted` is called when they are to be seen. */
  paint(jobs: readonly PaintJob[], painted: () => void): void;
  close(): void;
}
