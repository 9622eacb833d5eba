// The way to the server that the queue of changes takes.

import { api, Problem, problemOf } from '$lib/api';
import type { Line } from './queue';
import type { Saved, ScoreChange } from './shapes';

/** A connection that has died says nothing for minutes: then the same changes go out on another one. */
const PATIENCE_MS = 20_000;

export function lineTo(reading: string): Line {
  return {
    send: async (changes: ScoreChange[]) => {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const asked = { path: { reading_id: reading }, body: { scores: changes }, signal };
      return (await api.put('/api/readings/{reading_id}/scores', asked)) as Saved;
    },
    passes: (failure) => !(failure instanceof Problem) || failure.passing || failure.status === 408,
    inWords: problemOf,
    now: () => Date.now(),
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** 128 random bits; `randomUUID` would need a secure context. */
export function changeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
