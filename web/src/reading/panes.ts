// Which films stand beside each other at a step, and which views of them will be wanted next.

import { cropAt, cropUrl, type Sight } from './crops';
import type { Code, FilmShown, ReadingShown, StepShown } from './shapes';
import { otherSide } from './siteNames';

/** One visit at one step; null where there is no film. */
export interface VisitPane {
  visit: string;
  film: FilmShown | null;
  opposite: FilmShown | null;
}

export const MOST_SIDE_BY_SIDE = 3;
const STEPS_AHEAD = 6;
const STEPS_BEHIND = 1;

/** The visits side by side, in the study's order; of many those around the one that is entered. */
export function panesAt(reading: ReadingShown, code: Code, visit: string): VisitPane[] {
  const { columns, films } = reading;
  const current = Math.max(0, columns.findIndex((column) => column.visit === visit)); // prettier-ignore
  const first = Math.max(0, Math.min(current - 1, columns.length - MOST_SIDE_BY_SIDE));
  return columns.slice(first, first + MOST_SIDE_BY_SIDE).map((column) => ({
    visit: column.visit,
    film: films[column.films[code] ?? ''] ?? null,
    opposite: films[column.films[otherSide(code)] ?? ''] ?? null,
  }));
}

/** The addresses of the views at a step. */
export function urlsAt(reading: ReadingShown, step: StepShown, visit: string, sight: Sight): string[] {
  const panes = panesAt(reading, step.code, visit);
  const films = [...panes.map((pane) => pane.film), ...panes.map((pane) => pane.opposite)];
  return films.flatMap((film) => (film ? [cropUrl(cropAt(film, step.point, sight))] : []));
}

/** What to fetch while the reader looks at a step: the next ones, nearest first, then the one before. */
export function urlsAround(reading: ReadingShown, at: number, visit: string, sight: Sight): string[] {
  const ahead = reading.steps.slice(at + 1, at + 1 + STEPS_AHEAD);
  const behind = reading.steps.slice(Math.max(0, at - STEPS_BEHIND), at);
  return [...new Set([...ahead, ...behind].flatMap((step) => urlsAt(reading, step, visit, sight)))];
}
