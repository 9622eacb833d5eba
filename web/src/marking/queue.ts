// The marker's films in the server's order, which puts those first that the model doubts most; and why, in words.

import type { Schema } from '$lib/api';
import { percent } from './joints';

export type Queued = Schema<'FilmQueued'>;

/** Why a film stands where it stands. */
export function reasonOf(film: Queued): string {
  if (film.done) return 'done';
  if (film.proposal === 'wanted') return 'the model is still to read it';
  if (film.proposal === 'failed') return 'the model could not read it';
  if (film.doubt === null || film.proposal === '') return 'no proposal';
  return `${howSure(film.doubt)}: ${percent(film.doubt)} doubt`;
}

function howSure(doubt: number): string {
  if (doubt >= 0.5) return 'model very unsure';
  if (doubt >= 0.25) return 'model unsure';
  if (doubt >= 0.1) return 'model fairly sure';
  return 'model sure';
}

/** A film's name without its folders. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/\.(png|jpe?g|dcm|tiff?)$/i, '');
}

/** The next film to do after one, then from the start; null where all others are done. */
export function nextFilm(films: readonly Queued[], after: string | null): string | null {
  const from = films.findIndex((film) => film.film === after) + 1;
  const round = [...films.slice(from), ...films.slice(0, from)];
  return round.find((film) => !film.done && film.film !== after)?.film ?? null;
}

/** The film before or behind one, whatever its state. */
export function neighbour(films: readonly Queued[], of: string | null, by: 1 | -1): string | null {
  return films[films.findIndex((film) => film.film === of) + by]?.film ?? null;
}

/** The queue as it will be once the server has what was done here. */
export function withFilm(films: readonly Queued[], film: string, marked: number, done: boolean): Queued[] {
  return films.map((each) => (each.film === film ? { ...each, marked, done } : each));
}

export function doneOf(films: readonly Queued[]): number {
  return films.filter((film) => film.done).length;
}
