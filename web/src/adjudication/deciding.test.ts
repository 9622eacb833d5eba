import { expect, test } from 'vitest';
import { aReading } from '../reading/reading.fixture';
import { routeOf, type Stop } from '../reading/route';
import type { Entry } from '../reading/shapes';
import { agreesWith, takingOver } from './deciding';

const scored = (grade: number): Entry => ({ status: 'scored', grade, reason: '' });
const hidden: Entry = { status: 'not visible', grade: null, reason: 'outside' };

function disputed(...readers: Entry[]): Stop {
  return { ...routeOf(aReading(['A'])).stops[0]!, readers };
}

test('taking over a grade enters it, taking over a reason enters that with its reason', () => {
  const stop = disputed(scored(3), hidden);
  expect(takingOver(stop, 0)).toEqual({ do: 'grade', grade: 3 });
  expect(takingOver(stop, 1)).toEqual({ do: 'without', status: 'not visible', reason: 'outside', reach: 'score' });
});

test('there is nothing to take over where a reader said nothing', () => {
  expect(takingOver(disputed(scored(3)), 1)).toBeNull();
  expect(takingOver({ ...disputed(), readers: null }, 0)).toBeNull();
});

test('an entry is marked with the reader it agrees with', () => {
  const stop = disputed(scored(3), scored(1));
  expect(agreesWith(scored(3), stop)).toEqual(['X']);
  expect(agreesWith(scored(1), stop)).toEqual(['Y']);
  expect(agreesWith(scored(2), stop)).toEqual([]);
  expect(agreesWith({ status: 'unscored', grade: null, reason: '' }, stop)).toEqual([]);
});
