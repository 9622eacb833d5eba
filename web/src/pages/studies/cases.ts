// A study's cases, each with everybody's reading of it.

import type { Schema } from '$lib/api';

export type CaseReading = Schema<'CaseReading'>;

export interface Case {
  number: number;
  patient: string;
  byReader: Record<string, CaseReading>;
  adjudication: CaseReading | null;
}

/** By number; a withdrawn adjudication is none. */
export function casesOf(readings: readonly CaseReading[]): Case[] {
  const cases = new Map<number, Case>();
  for (const each of readings) {
    const found = cases.get(each.case) ?? {
      number: each.case,
      patient: each.patient,
      byReader: {},
      adjudication: null,
    };
    if (each.role === 'reader') found.byReader[each.account] = each;
    else if (each.state !== 'withdrawn') found.adjudication = each;
    cases.set(each.case, found);
  }
  return [...cases.values()].sort((one, other) => one.number - other.number);
}

/** Whether a case is settled: read by all, and adjudicated where that is asked. */
export function isSettled(each: Case, readers: readonly string[]): boolean {
  const read = readers.every((name) => each.byReader[name]?.state === 'committed');
  return read && (each.adjudication === null || each.adjudication.state === 'committed');
}
