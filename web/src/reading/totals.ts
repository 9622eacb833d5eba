// Live totals: grades added up by visit, limb and kind, and what is still without an entry.

import { CODES } from './siteNames';
import type { Code } from './shapes';
import { entryAt, type Walk } from './walk';
import type { Stop } from './route';

export interface Total {
  value: number;
  /** Places with a grade. */
  assessed: number;
  /** Places with a reason instead. */
  without: number;
  sites: number;
}

export interface VisitTotals {
  visit: string;
  narrowing: Total;
  erosion: Total;
  total: Total;
}

export function totalsOf(walk: Walk): VisitTotals[] {
  return walk.route.visits.map((visit) => {
    const mine = walk.route.stops.filter((stop) => stop.visit === visit);
    const of = (kind: string) =>
      added(
        walk,
        mine.filter((stop) => stop.kind === kind),
      );
    return {
      visit,
      narrowing: of('narrowing'),
      erosion: of('erosion'),
      total: added(walk, mine),
    };
  });
}

/** How many places a total still lacks. */
export function missingIn(total: Total): number {
  return total.sites - total.assessed - total.without;
}

export interface Missing {
  visit: string;
  code: Code;
  stops: Stop[];
}

/** What has no entry, limb by limb; limbs with everything are left out. */
export function missingByLimb(walk: Walk): Missing[] {
  return walk.route.visits.flatMap((visit) =>
    CODES.map((code) => ({
      visit,
      code,
      stops: walk.route.stops.filter(
        (stop) => stop.visit === visit && stop.code === code && entryAt(walk, stop).status === 'unscored',
      ),
    })).filter(({ stops }) => stops.length > 0),
  );
}

/** What has a reason instead of a grade. */
export function withoutGrade(walk: Walk): Stop[] {
  return walk.route.stops.filter((stop) => {
    const { status } = entryAt(walk, stop);
    return status !== 'unscored' && status !== 'scored';
  });
}

function added(walk: Walk, stops: readonly Stop[]): Total {
  const total = { value: 0, assessed: 0, without: 0, sites: stops.length };
  for (const stop of stops) {
    const entry = entryAt(walk, stop);
    if (entry.status === 'scored') {
      total.value += entry.grade ?? 0;
      total.assessed += 1;
    } else if (entry.status !== 'unscored') total.without += 1;
  }
  return total;
}
