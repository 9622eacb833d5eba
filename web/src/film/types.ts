/**
 * What a page tells the viewer: which films, how they lie, where to look, which joints to draw.
 *
 * Film coordinates are pixels of the film as served: pixel centres are whole numbers, x to the right and y down, so
 * that a film covers -0.5 to width - 0.5. Pane coordinates are CSS pixels from a pane's upper left corner.
 */

/** A film's address and size; the API's `FilmShown` is one. */
export interface FilmSource {
  readonly id: string;
  readonly pixels: string;
  readonly width: number;
  readonly height: number;
}

/** How a film is laid before anybody turns it: first clockwise by `turnCwDeg`, then left and right exchanged. */
export interface Lie {
  readonly turnCwDeg: number;
  readonly mirrored: boolean;
}

export const AS_STORED: Lie = { turnCwDeg: 0, mirrored: false };

/** A square of the film that fills the pane. */
export interface Focus {
  readonly x: number;
  readonly y: number;
  readonly sidePx: number;
}

/** Whose a joint's point is: the model's proposal is drawn hollow, a person's mark solid. */
export type PointKind = 'proposed' | 'marked';

/** A joint's point to be drawn; `confidence` in [0, 1] closes its ring that far, null where there is none. */
export interface FilmPoint {
  readonly name: string;
  /** What stands beside it; the name where left out, nothing where "". */
  readonly label?: string;
  readonly x: number;
  readonly y: number;
  readonly kind: PointKind;
  readonly confidence: number | null;
}

/** One film's place on the board. `film` null shows `empty` instead, such as "No film of this side". */
export interface FilmPane {
  readonly key: string;
  readonly label: string;
  readonly film: FilmSource | null;
  readonly empty?: string;
  readonly lie?: Lie;
  readonly focus?: Focus | null;
  readonly points?: readonly FilmPoint[];
}

/** How much of a film there is to see. */
export type Stage = 'empty' | 'loading' | 'coarse' | 'full' | 'error';

/** A point of a film, in film coordinates. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}
