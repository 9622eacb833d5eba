// Walking through a reading: what a grade, a reason, a step back or a jump does. Pure: a walk and an action give the
// next walk and the changes to be saved; saving is `queue`'s, keys are the page's.

import type { Reach } from './reasons';
import type { Route, Stop } from './route';
import type { Entry, WithoutGrade } from './shapes';
import { isEntered, sameEntry, UNSCORED } from './shapes';

/** One change that a walk made: `base` is what stood there before. */
export interface Made {
  stop: Stop;
  entry: Entry;
  base: Entry;
}

export interface Walk {
  route: Route;
  /** The number of the stop that the next digit is for. */
  at: number;
  entries: ReadonlyMap<string, Entry>;
  /** What can be taken back, newest last. */
  done: readonly { at: number; made: readonly Made[] }[];
  isLocked: boolean;
}

export type Action =
  | { do: 'grade'; grade: number }
  | { do: 'without'; status: WithoutGrade; reason: string; reach: Reach }
  | { do: 'clear' }
  | { do: 'undo' }
  | { do: 'move'; by: 1 | -1 }
  | { do: 'move site'; by: 1 | -1 }
  | { do: 'jump'; to: number }
  | { do: 'next unscored' };

export interface Outcome {
  walk: Walk;
  made: readonly Made[];
  /** Why nothing was done, in words; "" where something was. */
  refused: string;
}

const MOST_UNDONE = 200;
export const LOCKED = 'The reading is committed and locked.';

export function beginWalk(route: Route, entries: ReadonlyMap<string, Entry>, isLocked: boolean): Walk {
  const walk = { route, at: 0, entries, done: [], isLocked };
  return { ...walk, at: Math.max(0, nextUnscored(walk, -1)) };
}

/** The stop that the next digit is for; undefined in a reading of nothing. */
export function here(walk: Walk): Stop | undefined {
  return walk.route.stops[walk.at];
}

export function entryAt(walk: Walk, stop: Stop): Entry {
  return walk.entries.get(stop.key) ?? UNSCORED;
}

export function unscoredStops(walk: Walk): Stop[] {
  return walk.route.stops.filter((stop) => !isEntered(entryAt(walk, stop)));
}

export function act(walk: Walk, action: Action): Outcome {
  const stop = here(walk);
  if (stop === undefined) return refused(walk, 'There is nothing to read.');
  switch (action.do) {
    case 'grade':
      return grade(walk, stop, action.grade);
    case 'without':
      return without(walk, stop, action);
    case 'clear':
      return enter(walk, [[stop, UNSCORED]], walk.at);
    case 'undo':
      return undo(walk);
    case 'move':
      return moved(walk, walk.at + action.by);
    case 'move site':
      return moved(walk, siteFrom(walk, stop, action.by));
    case 'jump':
      return moved(walk, action.to);
    case 'next unscored':
      return toUnscored(walk);
  }
}

/** What an action with this reach would enter at: the stop itself, and beyond it only what is unscored. */
export function reached(walk: Walk, stop: Stop, reach: Reach): Stop[] {
  const beyond = (each: Stop): boolean => {
    if (reach === 'score' || each.film !== stop.film) return false;
    if (reach === 'joint' && each.site !== stop.site) return false;
    return !isEntered(entryAt(walk, each));
  };
  return walk.route.stops.filter((each) => each.key === stop.key || beyond(each));
}

/** What the server says now stands at places, without a step or a change. */
export function accept(walk: Walk, known: Iterable<[string, Entry]>): Walk {
  const entries = new Map(walk.entries);
  for (const [key, entry] of known) entries.set(key, entry);
  return { ...walk, entries };
}

function grade(walk: Walk, stop: Stop, value: number): Outcome {
  if (value > stop.maximum) return refused(walk, `${value} is no grade of ${stop.kind} here: 0 to ${stop.maximum}.`);
  const entry: Entry = { status: 'scored', grade: value, reason: '' };
  return enter(walk, [[stop, entry]], walk.at + 1);
}

function without(walk: Walk, stop: Stop, action: { status: WithoutGrade; reason: string; reach: Reach }): Outcome {
  const reason = action.reason.trim();
  if (!reason) return refused(walk, `Say why it is ${action.status}.`);
  const entry: Entry = { status: action.status, grade: null, reason };
  const entries = reached(walk, stop, action.reach).map((each): [Stop, Entry] => [each, entry]);
  return enter(walk, entries, 'next unscored');
}

/** Enter and go on: to a stop by number, or to the next that is unscored (the next of all where none is). */
function enter(walk: Walk, wanted: readonly [Stop, Entry][], to: number | 'next unscored'): Outcome {
  if (walk.isLocked) return refused(walk, LOCKED);
  const made = wanted
    .map(([stop, entry]) => ({ stop, entry, base: entryAt(walk, stop) }))
    .filter(({ entry, base }) => !sameEntry(entry, base));
  const next = accept(
    walk,
    made.map(({ stop, entry }) => [stop.key, entry]),
  );
  const done = made.length ? [...walk.done, { at: walk.at, made }].slice(-MOST_UNDONE) : walk.done;
  const at = to === 'next unscored' ? Math.max(nextUnscored(next, walk.at), walk.at + 1) : to;
  return {
    walk: { ...next, done, at: inside(walk, at) },
    made,
    refused: '',
  };
}

function undo(walk: Walk): Outcome {
  if (walk.isLocked) return refused(walk, LOCKED);
  const last = walk.done.at(-1);
  if (last === undefined) return refused(walk, 'There is nothing to undo.');
  const made = last.made.map(({ stop, base }) => ({
    stop,
    entry: base,
    base: entryAt(walk, stop),
  }));
  const next = accept(
    walk,
    made.map(({ stop, entry }) => [stop.key, entry]),
  );
  return {
    walk: { ...next, at: last.at, done: walk.done.slice(0, -1) },
    made,
    refused: '',
  };
}

function toUnscored(walk: Walk): Outcome {
  const found = nextUnscored(walk, walk.at);
  return found < 0 ? refused(walk, 'Every site has an entry.') : moved(walk, found);
}

/** The first unscored stop behind `from`, going round; -1 where there is none. */
function nextUnscored(walk: Walk, from: number): number {
  const { stops } = walk.route;
  for (let step = 1; step <= stops.length; step++) {
    const number = (from + step) % stops.length;
    const stop = stops[number];
    if (stop && !isEntered(entryAt(walk, stop))) return number;
  }
  return -1;
}

/** The first stop of the site before or behind. */
function siteFrom(walk: Walk, stop: Stop, by: 1 | -1): number {
  const { stops } = walk.route;
  const first = stops.findIndex((each) => each.step === stop.step + by);
  if (first >= 0) return first;
  return by < 0 ? 0 : stops.length - 1;
}

function moved(walk: Walk, to: number): Outcome {
  return { walk: { ...walk, at: inside(walk, to) }, made: [], refused: '' };
}

function inside(walk: Walk, at: number): number {
  return Math.max(0, Math.min(walk.route.stops.length - 1, at));
}

function refused(walk: Walk, why: string): Outcome {
  return { walk, made: [], refused: why };
}
