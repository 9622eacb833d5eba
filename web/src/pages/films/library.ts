// The library as one sees it: patients, their visits and four films each; and what contradicts itself.

import { api, type Schema } from '$lib/api';
import { CODES, codeOf, naturally, type Code } from '$lib/format';

export type FilmRow = Schema<'FilmRow'>;

const A_PAGE = 1000;

/** Every film, page by page. */
export async function allFilms(): Promise<FilmRow[]> {
  const films: FilmRow[] = [];
  for (;;) {
    const page = await api.get('/api/films', { query: { after: films.at(-1)?.file ?? '', most: A_PAGE } });
    films.push(...page);
    if (page.length < A_PAGE) return films;
  }
}

export interface Visit {
  key: string;
  patient: string;
  visit: string;
  date: string | null;
  /** Films of each limb; more than one is a contradiction. */
  slots: Record<Code, FilmRow[]>;
}

/** Patients' visits, by name and in the order of time; films without limb or side are nobody's visit. */
export function visitsOf(films: readonly FilmRow[]): Visit[] {
  const found = new Map<string, Visit>();
  for (const film of films) {
    const code = codeOf(film.limb, film.side) as Code | null;
    if (!code || !CODES.includes(code)) continue;
    const key = JSON.stringify([film.patient, film.visit]);
    const visit = found.get(key) ?? {
      key,
      patient: film.patient,
      visit: film.visit,
      date: film.date,
      slots: { LH: [], RH: [], LF: [], RF: [] },
    };
    visit.slots[code].push(film);
    visit.date ??= film.date;
    found.set(key, visit);
  }
  return [...found.values()].sort(
    (one, other) =>
      naturally(one.patient, other.patient) ||
      (one.date ?? '').localeCompare(other.date ?? '') ||
      naturally(one.visit, other.visit),
  );
}

/** What is wrong with each film's identity, in sentences, by film; a study refuses such films or leaves them out. */
export function contradictions(films: readonly FilmRow[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const say = (film: FilmRow, what: string) => found.set(film.id, [...(found.get(film.id) ?? []), what]);
  const visits = visitsOf(films);
  for (const film of films) {
    if (!codeOf(film.limb, film.side)) say(film, 'It is not known which limb it shows; studies leave it out.');
    for (const doubt of doubtsOf(film)) say(film, doubt);
  }
  for (const visit of visits) {
    for (const code of CODES) {
      const slot = visit.slots[code];
      for (const film of slot) {
        const other = slot.find((each) => each !== film);
        if (other) say(film, `${other.file} is the ${code} of the same visit too; one of the two is of another.`);
      }
    }
    const dates = new Set(CODES.flatMap((code) => visit.slots[code].map((film) => film.date)).filter(Boolean));
    if (dates.size > 1) {
      for (const film of CODES.flatMap((code) => visit.slots[code])) {
        say(film, `The films of this visit are of different days: ${[...dates].sort().join(', ')}.`);
      }
    }
  }
  const copies = new Map<string, FilmRow[]>();
  for (const film of films) copies.set(film.sha256, [...(copies.get(film.sha256) ?? []), film]);
  for (const same of copies.values()) {
    for (const film of same) {
      const other = same.find((each) => each !== film);
      if (other) say(film, `${other.file} is the very same picture.`);
    }
  }
  return found;
}

/** Folders that films lie in, with all above them. */
export function foldersOf(films: readonly FilmRow[]): string[] {
  const folders = new Set<string>();
  for (const film of films) {
    const parts = film.file.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
  }
  return [...folders].sort(naturally);
}

/** What the server noticed by itself, where it says so. */
function doubtsOf(film: FilmRow): string[] {
  return (film as FilmRow & { doubts?: string[] }).doubts ?? [];
}

/** Whether a study holds the film, so that its identity stays; unknown counts as no, and the server has the last word. */
export function isFixed(film: FilmRow): boolean {
  return (film as FilmRow & { in_study?: boolean }).in_study ?? false;
}
