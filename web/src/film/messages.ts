/** What a page and its film worker tell each other. */

import type { PaintJob } from './painter';
import type { Plane } from './pyramid';
import type { FilmSource } from './types';
import type { Window } from './window';

/** How much smaller a film is that is to be seen at once. */
export const COARSE = 4;

export type ToWorker =
  | { kind: 'load'; film: FilmSource; shrink: number; keep: boolean }
  | { kind: 'cancel'; film: string }
  | { kind: 'drop'; film: string }
  | { kind: 'paint'; jobs: readonly PaintJob[]; width: number; height: number; buffer: ArrayBuffer | null };

/** `planes` are empty where the worker was told to keep them. */
export interface Loaded {
  readonly kind: 'loaded';
  readonly film: string;
  readonly shrink: number;
  readonly planes: Plane[];
  readonly bytes: number;
  readonly own: Window;
}

/** `status` 0: the server could not be reached. */
export interface Failed {
  readonly kind: 'failed';
  readonly film: string;
  readonly shrink: number;
  readonly status: number;
  readonly problem: string;
}

export interface Painted {
  readonly kind: 'painted';
  readonly buffer: ArrayBuffer;
  readonly width: number;
  readonly height: number;
  readonly ms: number;
}

export type FromWorker = Loaded | Failed | Painted;
