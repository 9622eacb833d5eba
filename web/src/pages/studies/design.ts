// A study's design as the form holds it: as the server wants it, as a file, in sentences, and what it would make of the
// films that there are.

import type { Schema } from '$lib/api';
import { count, naturally } from '$lib/format';
import type { FilmRow } from '../films/library';

export type Design = Schema<'StudyDesign'>;
export type Order = NonNullable<Design['order']>;
export type ModelScores = NonNullable<Design['model_scores']>;

export interface Draft {
  name: string;
  folder: string;
  /** One patient a line; empty: all. */
  patients: string;
  readers: [string, string];
  order: Order;
  seed: number | null;
  modelScores: ModelScores;
  adjudicator: string;
  total: number | null;
  site: number | null;
}

export const EMPTY: Draft = {
  name: '',
  folder: '',
  patients: '',
  readers: ['', ''],
  order: 'paired blinded',
  seed: 0,
  modelScores: 'hidden',
  adjudicator: '',
  total: 10,
  site: null,
};

export const ORDERS = [
  {
    value: 'paired blinded',
    label: 'Paired, blinded',
    hint: 'A patient’s visits side by side, their order and the patient hidden.',
  },
  {
    value: 'chronological',
    label: 'Chronological',
    hint: 'A patient’s visits side by side, in their order, under their names.',
  },
  { value: 'random', label: 'Random', hint: 'Every visit alone, patient and order hidden.' },
] as const;

export const MODEL_SCORES = [
  { value: 'hidden', label: 'Hidden', hint: 'Readers never see what the model scored.' },
  { value: 'after commit', label: 'After commit', hint: 'Readers see them once their own reading is locked.' },
  { value: 'shown', label: 'Shown', hint: 'Readers see them while they read; agreement then says little.' },
] as const;

export const ORDER_WORDS: Record<Order, string> = {
  chronological: 'chronological',
  'paired blinded': 'paired, blinded',
  random: 'random, blinded',
};

export const MODEL_WORDS: Record<ModelScores, string> = {
  hidden: 'the model’s scores are hidden',
  'after commit': 'the model’s scores come after commit',
  shown: 'the model’s scores are shown',
};

/** What the server is sent. */
export function designOf(draft: Draft): Design {
  const readers = draft.readers.filter(Boolean);
  const patients = patientsOf(draft);
  const adjudicated = draft.adjudicator !== '' && readers.length === 2;
  return {
    name: draft.name.trim(),
    readers,
    folder: draft.folder,
    ...(patients ? { patients } : {}),
    order: draft.order,
    seed: draft.seed ?? 0,
    model_scores: draft.modelScores,
    ...(adjudicated ? { adjudicator: draft.adjudicator, adjudication: { total: draft.total, site: draft.site } } : {}),
  };
}

/** The same as a file, to be kept with a protocol or used again. */
export function tomlOf(design: Design): string {
  const rule = design.adjudication;
  const limits = Object.entries(rule ?? {}).filter(([, value]) => typeof value === 'number');
  const lines = [
    `name = ${quoted(design.name)}`,
    design.folder ? `folder = ${quoted(design.folder)}` : null,
    design.patients ? `patients = [${design.patients.map(quoted).join(', ')}]` : null,
    `readers = [${design.readers.map(quoted).join(', ')}]`,
    `order = ${quoted(design.order ?? 'chronological')}`,
    `seed = ${design.seed ?? 0}`,
    `model_scores = ${quoted(design.model_scores ?? 'hidden')}`,
    design.adjudicator ? `adjudicator = ${quoted(design.adjudicator)}` : null,
    rule ? `adjudication = { ${limits.map(([name, value]) => `${name} = ${value}`).join(', ')} }` : null,
  ];
  return `${lines.filter((line) => line !== null).join('\n')}\n`;
}

export interface Extent {
  patients: number;
  visits: number;
  films: number;
  cases: number;
  /** Over all readers. */
  readings: number;
  /** Patients with fewer visits than others, and visits with fewer than four films. */
  incomplete: number;
  unknown: string[];
}

/** What a design would make of the library. */
export function extentOf(draft: Draft, films: readonly FilmRow[]): Extent {
  const wanted = patientsOf(draft);
  const inside = draft.folder ? `${draft.folder}/` : '';
  const chosen = films.filter(
    (film) => film.limb && film.side && film.file.startsWith(inside) && (!wanted || wanted.includes(film.patient)),
  );
  const visits = new Map<string, number>();
  for (const film of chosen) {
    const key = JSON.stringify([film.patient, film.visit]);
    visits.set(key, (visits.get(key) ?? 0) + 1);
  }
  const patients = new Set(chosen.map((film) => film.patient));
  const cases = draft.order === 'random' ? visits.size : patients.size;
  return {
    patients: patients.size,
    visits: visits.size,
    films: chosen.length,
    cases,
    readings: cases * draft.readers.filter(Boolean).length,
    incomplete: [...visits.values()].filter((each) => each < 4).length,
    unknown: (wanted ?? []).filter((patient) => !patients.has(patient)).sort(naturally),
  };
}

/** What still stands in the way, in sentences; the server looks again. */
export function hindrances(draft: Draft, extent: Extent): string[] {
  const readers = draft.readers.filter(Boolean);
  return [
    !draft.name.trim() && 'The study has no name yet.',
    readers.length === 0 && 'Choose at least one reader.',
    readers.length === 2 && readers[0] === readers[1] && 'Two readers are two people.',
    readers.includes(draft.adjudicator) && 'The adjudicator is none of the readers.',
    draft.adjudicator !== '' && readers.length < 2 && 'Adjudication needs two readers.',
    draft.adjudicator !== '' &&
      draft.total === null &&
      draft.site === null &&
      'Say from which difference on the adjudicator decides: in the total, at a site, or both.',
    extent.unknown.length > 0 && `There are no films of ${extent.unknown.slice(0, 5).join(', ')}.`,
    extent.films === 0 && 'No film fits.',
  ].filter((each): each is string => typeof each === 'string');
}

/** What readers will meet, in sentences. */
export function sentences(draft: Draft, extent: Extent): string[] {
  const readers = draft.readers.filter(Boolean);
  const each = draft.order === 'random' ? 'visit' : 'patient';
  return [
    extent.films > 0 &&
      `${count(extent.films, 'film')} of ${count(extent.patients, 'patient')} at ${count(extent.visits, 'visit')}.`,
    readers.length > 0 &&
      extent.cases > 0 &&
      `${readers.join(' and ')} ${readers.length > 1 ? 'each get' : 'gets'} ${count(extent.cases, 'reading')}, one for every ${each}.`,
    draft.order === 'chronological'
      ? 'Readers see patients’ names and the order of visits.'
      : 'Readers see neither names nor dates; each has an order of their own.',
    draft.modelScores === 'hidden'
      ? 'The model marks where joints are; its scores stay hidden.'
      : draft.modelScores === 'shown'
        ? 'The model’s scores stand beside the films from the start.'
        : 'The model’s scores appear when a reading is committed.',
    draft.adjudicator !== '' && readers.length === 2 && ruleWords(designOf(draft)),
    extent.incomplete > 0 &&
      `${count(extent.incomplete, 'visit')} without all four films: totals there count what there is.`,
  ].filter((each): each is string => typeof each === 'string');
}

/** When the adjudicator decides. */
export function ruleWords(design: Design): string {
  const { total, site } = design.adjudication ?? {};
  const when = [
    typeof total === 'number' && `totals of a visit differ by ${total} or more`,
    typeof site === 'number' && `scores of a site differ by ${site} or more`,
  ].filter(Boolean);
  return `${design.adjudicator} decides where ${when.join(', or ')}, and where only one of the two could assess.`;
}

function patientsOf(draft: Draft): string[] | null {
  const listed = draft.patients
    .split(/[\n,;]/)
    .map((each) => each.trim())
    .filter(Boolean);
  return listed.length > 0 ? [...new Set(listed)] : null;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
