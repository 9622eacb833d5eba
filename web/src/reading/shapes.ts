// What the server says of a reading, in the words of its API (`GET /api/readings/{id}`).

import type { Schema } from '$lib/api';

export type Kind = 'narrowing' | 'erosion';
export type Code = 'LH' | 'RH' | 'LF' | 'RF';
export type WithoutGrade = 'not assessable' | 'not visible' | 'surgically altered' | 'amputated' | 'poor quality';
export type Status = 'scored' | 'unscored' | WithoutGrade;

/** What stands at one place: a grade where the status is `scored`, a reason where it is neither that nor `unscored`. */
export interface Entry {
  status: Status;
  grade: number | null;
  reason: string;
}

/** One kind of damage at one site of one film. */
export interface Place {
  film: string;
  site: string;
  kind: Kind;
}

/** A place as served; `readers` is what both said, for the adjudicator alone. */
export type PlaceShown = Omit<Schema<'PlaceShown'>, 'kind' | 'status' | 'readers'> &
  Entry & { kind: Kind; readers: Entry[] | null };

export type StepShown = Omit<Schema<'StepShown'>, 'code' | 'places'> & { code: Code; places: PlaceShown[] };
export type FilmShown = Schema<'FilmShown'>;
export type ReadingListed = Schema<'ReadingListed'>;
export type Sums = Schema<'ReadingShown'>['sums'];
export type Column = Schema<'Column'>;
export type ReadingShown = Omit<Schema<'ReadingShown'>, 'steps'> & { steps: StepShown[] };

/** One change as it is sent: `change` is this page's own identifier of it. */
export interface ScoreChange extends Place, Entry {
  change: string;
}

/** The server's answer to changes: what now stands at their places, in the order in which they were sent. */
export interface Saved {
  scores: PlaceShown[];
  sums: Sums;
  entered: number;
  wanted: number;
}

export type ModelScore = Omit<Schema<'ModelScore'>, 'kind' | 'status'> & { kind: Kind; status: Status };

/** What the model says of one film, as far as a reading shows it. */
export interface ModelView {
  scores: ModelScore[];
  warnings: string[];
}

export const UNSCORED: Entry = { status: 'unscored', grade: null, reason: '' };

export function placeKey(place: Place): string {
  return `${place.film}/${place.site}/${place.kind}`;
}

export function sameEntry(one: Entry, other: Entry): boolean {
  return one.status === other.status && one.grade === other.grade && one.reason === other.reason;
}

/** Whether something was said of a place: a grade, or why there is none. */
export function isEntered(entry: Entry): boolean {
  return entry.status !== 'unscored';
}

/** An entry as a mark on the sheet: the grade, a dash where there is none for a reason, nothing where unscored. */
export function markOf(entry: Entry): string {
  if (entry.status === 'unscored') return '';
  return entry.status === 'scored' ? String(entry.grade) : '–';
}

/** An entry in words. */
export function entryInWords(entry: Entry): string {
  if (entry.status === 'unscored') return 'not scored yet';
  if (entry.status === 'scored') return `grade ${entry.grade}`;
  return entry.reason ? `${entry.status}: ${entry.reason}` : entry.status;
}
