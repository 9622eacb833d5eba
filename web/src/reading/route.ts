// The way through a reading: every place at which something is wanted, in the order of the server's steps.

import type { Code, Entry, Kind, Place, ReadingShown, StepShown } from './shapes';
import { placeKey } from './shapes';

/** One place of the walk; `step` is the number of its site among the reading's, `visit` the column's label. */
export interface Stop extends Place {
  key: string;
  step: number;
  code: Code;
  point: string;
  visit: string;
  maximum: number;
  /** What both readers said, for the adjudicator alone. */
  readers: Entry[] | null;
}

export interface Route {
  stops: readonly Stop[];
  steps: readonly StepShown[];
  /** Place key -> number of its stop. */
  at: ReadonlyMap<string, number>;
  visits: readonly string[];
}

export function routeOf(reading: ReadingShown): Route {
  const visits = visitsByFilm(reading);
  const stops = reading.steps.flatMap((step, number) => stopsOf(step, number, visits));
  return {
    stops,
    steps: reading.steps,
    at: new Map(stops.map((stop, number) => [stop.key, number])),
    visits: reading.columns.map((column) => column.visit),
  };
}

/** What stands at every stop when the reading is opened. */
export function entriesOf(reading: ReadingShown): Map<string, Entry> {
  return new Map(
    reading.steps.flatMap((step) =>
      step.places.map((place) => [
        placeKey({ film: place.film, site: step.site, kind: place.kind }),
        { status: place.status, grade: place.grade, reason: place.reason },
      ]),
    ),
  );
}

/** The stop of a site that was pointed at: its first unscored one, else its first; -1 where the walk has none. */
export function stopAt(
  route: Route,
  isUnscored: (stop: Stop) => boolean,
  wanted: { code: Code; site: string; visit?: string; kind?: Kind },
): number {
  const fitting = route.stops
    .map((stop, number) => ({ stop, number }))
    .filter(
      ({ stop }) =>
        stop.code === wanted.code &&
        stop.site === wanted.site &&
        (wanted.visit === undefined || stop.visit === wanted.visit) &&
        (wanted.kind === undefined || stop.kind === wanted.kind),
    );
  const found = fitting.find(({ stop }) => isUnscored(stop)) ?? fitting[0];
  return found?.number ?? -1;
}

function visitsByFilm(reading: ReadingShown): Map<string, string> {
  return new Map(reading.columns.flatMap((column) => Object.values(column.films).map((film) => [film, column.visit])));
}

function stopsOf(step: StepShown, number: number, visits: Map<string, string>): Stop[] {
  return step.places.map((place) => {
    const where = { film: place.film, site: step.site, kind: place.kind };
    return {
      ...where,
      key: placeKey(where),
      step: number,
      code: step.code,
      point: step.point,
      visit: visits.get(place.film) ?? '',
      maximum: place.maximum,
      readers: place.readers,
    };
  });
}
