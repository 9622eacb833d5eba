import { describe, expect, test } from 'vitest';
import { aReading } from './reading.fixture';
import { entriesOf, routeOf, stopAt } from './route';
import type { Entry } from './shapes';
import { missingByLimb, missingIn, totalsOf, withoutGrade } from './totals';
import { act, beginWalk, entryAt, here, unscoredStops, type Action, type Walk } from './walk';

function begun(visits = ['A', 'B'], isLocked = false): Walk {
  const reading = aReading(visits);
  return beginWalk(routeOf(reading), entriesOf(reading), isLocked);
}

function after(walk: Walk, ...actions: Action[]): Walk {
  return actions.reduce((now, action) => act(now, action).walk, walk);
}

const grade = (value: number): Action => ({ do: 'grade', grade: value });

function jumpTo(walk: Walk, code: 'LH' | 'RF', site: string, visit: string, kind: 'narrowing' | 'erosion'): Walk {
  const to = stopAt(walk.route, () => false, { code, site, visit, kind });
  expect(to).toBeGreaterThanOrEqual(0);
  return act(walk, { do: 'jump', to }).walk;
}

describe('digits', () => {
  test('enter the grade and move on to the next place', () => {
    const { walk, made } = act(begun(), grade(2));
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({ entry: { status: 'scored', grade: 2 }, base: { status: 'unscored' } });
    expect(walk.at).toBe(1);
  });

  test('0 is an entry, not the absence of one', () => {
    const walk = begun();
    const first = here(walk)!;
    expect(entryAt(walk, first).status).toBe('unscored');
    expect(entryAt(act(walk, grade(0)).walk, first)).toEqual({ status: 'scored', grade: 0, reason: '' });
    expect(unscoredStops(act(walk, grade(0)).walk)).toHaveLength(171);
  });

  test.each([
    ['LH', 'MCP2', 'narrowing', 4],
    ['LH', 'MCP2', 'erosion', 5],
    ['RF', 'MTP1', 'erosion', 10],
  ] as const)('%s %s %s takes 0 to %i and nothing above', (code, site, kind, most) => {
    const walk = jumpTo(begun(), code, site, 'A', kind);
    expect(act(walk, grade(most)).made).toHaveLength(1);
    const over = act(walk, grade(most + 1));
    expect(over.made).toHaveLength(0);
    expect(over.walk.at).toBe(walk.at);
    expect(over.refused).toContain(`0 to ${most}`);
  });

  test('the same grade again is no change, and moves on all the same', () => {
    const back = after(begun(), grade(2), { do: 'move', by: -1 });
    const again = act(back, grade(2));
    expect(again.made).toHaveLength(0);
    expect(again.walk.at).toBe(1);
  });

  test('a whole patient of two visits is 172 digits', () => {
    const walk = after(begun(), ...Array.from({ length: 172 }, () => grade(1)));
    expect(unscoredStops(walk)).toHaveLength(0);
    expect(walk.at).toBe(171);
  });

  test('a locked reading takes none', () => {
    const { made, refused } = act(begun(['A'], true), grade(1));
    expect(made).toHaveLength(0);
    expect(refused).toContain('locked');
  });
});

describe('moving', () => {
  test('a reading that was begun goes on at its first unscored place', () => {
    const reading = aReading(['A']);
    const entries = new Map(entriesOf(reading));
    const { stops } = routeOf(reading);
    const scored: Entry = { status: 'scored', grade: 0, reason: '' };
    for (const stop of stops.slice(0, 5)) entries.set(stop.key, scored);
    expect(beginWalk(routeOf(reading), entries, false).at).toBe(5);
  });

  test('stays inside at both ends', () => {
    expect(act(begun(), { do: 'move', by: -1 }).walk.at).toBe(0);
    const last = act(begun(), { do: 'jump', to: 9999 }).walk;
    expect(last.at).toBe(171);
    expect(act(last, { do: 'move', by: 1 }).walk.at).toBe(171);
  });

  test('by sites goes to the first place of the site before and behind', () => {
    const walk = after(begun(), { do: 'move', by: 1 }, { do: 'move site', by: 1 });
    expect([here(walk)!.site, here(walk)!.visit, here(walk)!.kind]).toEqual(['PIP3', 'A', 'narrowing']);
    expect(act(walk, { do: 'move site', by: -1 }).walk.at).toBe(0);
  });

  test('to the next unscored place goes round, and says when there is none', () => {
    const walk = after(begun(['A']), { do: 'move', by: 1 }, grade(1), { do: 'jump', to: 85 }, grade(1));
    expect(act(walk, { do: 'next unscored' }).walk.at).toBe(0);
    const whole = after(begun(['A']), ...Array.from({ length: 86 }, () => grade(0)));
    expect(act(whole, { do: 'next unscored' }).refused).not.toBe('');
  });
});

describe('without a grade', () => {
  const hidden = { do: 'without', status: 'not visible', reason: 'outside' } as const;

  test('a reason reaches one score, the joint, or what is left of the film', () => {
    const walk = begun();
    expect(act(walk, { ...hidden, reach: 'score' }).made.map(({ stop }) => stop.kind)).toEqual(['narrowing']);
    expect(act(walk, { ...hidden, reach: 'joint' }).made.map(({ stop }) => stop.kind)).toEqual([
      'narrowing',
      'erosion',
    ]);
    const film = act(walk, { ...hidden, reach: 'film' });
    expect(film.made).toHaveLength(31);
    expect(new Set(film.made.map(({ stop }) => stop.film))).toEqual(new Set(['ALH']));
  });

  test('what reaches beyond the place keeps what was entered there', () => {
    const walk = after(begun(), { do: 'move', by: 1 }, grade(3), { do: 'jump', to: 0 });
    expect(act(walk, { ...hidden, reach: 'joint' }).made).toHaveLength(1);
  });

  test('moves on to what is still to be read', () => {
    expect(here(act(begun(), { ...hidden, reach: 'joint' }).walk)).toMatchObject({ site: 'PIP2', visit: 'B' });
  });

  test('is refused without a reason', () => {
    const { made, refused } = act(begun(), { ...hidden, reason: '  ', reach: 'score' });
    expect(made).toHaveLength(0);
    expect(refused).toContain('why');
  });
});

describe('taking back', () => {
  test('clear leaves the place unscored and stays there', () => {
    const walk = after(begun(), grade(2), { do: 'move', by: -1 });
    const cleared = act(walk, { do: 'clear' });
    expect(cleared.made[0]).toMatchObject({ entry: { status: 'unscored' }, base: { grade: 2 } });
    expect(cleared.walk.at).toBe(0);
  });

  test('undo brings back what was there, and the place', () => {
    const walk = after(begun(), grade(2), { do: 'move', by: -1 }, grade(3));
    const once = act(walk, { do: 'undo' });
    expect(once.made[0]).toMatchObject({ entry: { grade: 2 }, base: { grade: 3 } });
    const twice = act(once.walk, { do: 'undo' });
    expect(twice.made[0]).toMatchObject({ entry: { status: 'unscored' } });
    expect(twice.walk.at).toBe(0);
    expect(act(twice.walk, { do: 'undo' }).refused).not.toBe('');
  });

  test('undo takes a whole film back at once', () => {
    const walk = after(begun(), { do: 'without', status: 'amputated', reason: 'amputated', reach: 'film' });
    expect(act(walk, { do: 'undo' }).made).toHaveLength(31);
  });
});

describe('totals', () => {
  test('add up by visit and kind; unscored and not assessable are no zeros', () => {
    const walk = after(begun(), grade(2), grade(3), grade(0), {
      do: 'without',
      status: 'not visible',
      reason: 'outside',
      reach: 'score',
    });
    const [a, b] = totalsOf(walk);
    expect([a!.narrowing.value, a!.erosion.value, a!.total.value]).toEqual([2, 3, 5]);
    expect([b!.narrowing.value, b!.narrowing.assessed, b!.erosion.assessed, b!.erosion.without]).toEqual([0, 1, 0, 1]);
    expect([a!.narrowing.sites, a!.erosion.sites, a!.total.sites]).toEqual([42, 44, 86]);
    expect([missingIn(a!.total), missingIn(b!.total)]).toEqual([84, 84]);
  });

  test('what is missing is told limb by limb', () => {
    const walk = after(begun(['A']), { do: 'without', status: 'amputated', reason: 'amputated', reach: 'film' });
    expect(missingByLimb(walk).map(({ code, stops }) => [code, stops.length])).toEqual([
      ['RH', 31],
      ['LF', 12],
      ['RF', 12],
    ]);
    expect(withoutGrade(walk)).toHaveLength(31);
  });
});

test('a site that is pointed at is entered where it is unscored', () => {
  const walk = begun();
  const isUnscored = (entered: Walk) => (stop: { key: string }) => entered.entries.get(stop.key)?.status === 'unscored';
  const first = stopAt(walk.route, isUnscored(walk), { code: 'LH', site: 'PIP2' });
  expect(first).toBe(0);
  const next = act(walk, grade(1)).walk;
  expect(stopAt(next.route, isUnscored(next), { code: 'LH', site: 'PIP2' })).toBe(1);
  expect(stopAt(next.route, isUnscored(next), { code: 'LH', site: 'nowhere' })).toBe(-1);
});
