// Steps of marking and what they do to a film's marks: the page shows at once what the server will answer.

import type { Schema } from '$lib/api';
import type { Mark, Marks, ModelPoints } from './joints';

type PointGiven = Schema<'PointGiven'>;

/** A step on its way to the server; `change` is its own identifier: sent again, it changes nothing. */
export type Step = { film: string; change: string; order: number } & (
  { kind: 'points'; points: PointGiven[] } | { kind: 'accept' } | { kind: 'undo' } | { kind: 'redo' } | { kind: 'done' }
);

/** What a step makes of the points it touches; null: nothing is marked. */
export type Touched = Readonly<Record<string, Mark | null>>;

export function placed(points: readonly PointGiven[]): Touched {
  const marks = points.map(({ point, x, y }) => [point, { x: x ?? null, y: y ?? null, origin: 'person' }] as const);
  return Object.fromEntries(marks);
}

/** The model's points where nothing is marked. */
export function accepted(marks: Marks, proposed: ModelPoints): Touched {
  const open = Object.entries(proposed).filter(([name]) => !(name in marks));
  return Object.fromEntries(open.map(([name, { x, y }]) => [name, { x, y, origin: 'model' }]));
}

export function applied(marks: Marks, touched: Touched): Marks {
  const all = Object.entries({ ...marks, ...touched });
  return Object.fromEntries(all.filter((each): each is [string, Mark] => each[1] !== null));
}

/** What brings the touched points back to how they are now. */
export function wayBack(marks: Marks, touched: Touched): Touched {
  return Object.fromEntries(Object.keys(touched).map((name) => [name, marks[name] ?? null]));
}

/** An identifier of a change, from random bits. */
export function newChange(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

let last = 0;

/** Where a step stands among all of this browser's: the time in ms, or more where two were made in one. */
export function nextOrder(): number {
  last = Math.max(last + 1, Date.now());
  return last;
}
