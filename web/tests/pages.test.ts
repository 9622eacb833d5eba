// The logic behind lists: what comes next, how cases are settled, how the trail is told, how labels are mapped.
import { afterEach, expect, test, vi } from 'vitest';
import { change, earlier, filtered, latest, occurring, written, type Entry } from '../src/pages/audit/trail';
import { addressOf, grouped, nextReading, verb, type Reading } from '../src/pages/home/work';
import { mappingOf } from '../src/pages/marks/joints';
import { casesOf, isSettled, type CaseReading } from '../src/pages/studies/cases';
import { faultsOf, isFaulty } from '../src/shell/password';

const reading = (id: string, more: Partial<Reading> = {}): Reading => ({
  id,
  study: 'S',
  label: `Case ${id}`,
  role: 'reader',
  place: 1,
  state: 'open',
  entered: 0,
  wanted: 172,
  committed: null,
  ...more,
});

test('what was begun goes on first, then readings, then adjudications', () => {
  const fresh = reading('1');
  const begun = reading('2', { entered: 40 });
  const locked = reading('3', { state: 'committed', entered: 172 });
  const decide = reading('4', { role: 'adjudicator' });
  expect(nextReading([locked, decide, fresh, begun])).toBe(begun);
  expect(nextReading([locked, decide, fresh])).toBe(fresh);
  expect(nextReading([locked, decide])).toBe(decide);
  expect(nextReading([locked])).toBeNull();
  expect([fresh, begun, locked, decide].map(verb)).toEqual(['Read', 'Continue', 'View', 'Adjudicate']);
  expect([fresh, decide].map(addressOf)).toEqual(['/readings/1', '/adjudications/4']);
});

test('readings and adjudications of one study stand apart', () => {
  const groups = grouped([reading('1'), reading('2', { state: 'committed' }), reading('3', { role: 'adjudicator' })]);
  expect(groups.map((each) => [each.role, each.open.length, each.committed.length])).toEqual([
    ['reader', 1, 1],
    ['adjudicator', 1, 0],
  ]);
});

test('a case is settled when all have read it and nothing is left to decide', () => {
  const of = (account: string, state: string, role: 'reader' | 'adjudicator' = 'reader'): CaseReading => ({
    id: account,
    case: 1,
    patient: 'P1',
    account,
    role,
    state,
  });
  const settled = (...readings: CaseReading[]) => isSettled(casesOf(readings)[0]!, ['anna', 'ben']);
  const read = [of('anna', 'committed'), of('ben', 'committed')];
  expect(settled(...read)).toBe(true);
  expect(settled(of('anna', 'committed'), of('ben', 'open'))).toBe(false);
  expect(settled(...read, of('clara', 'open', 'adjudicator'))).toBe(false);
  expect(settled(...read, of('clara', 'withdrawn', 'adjudicator'))).toBe(true);
});

const entry = (number: number, more: Partial<Entry> = {}): Entry => ({
  number,
  at: '2026-01-01T00:00:00+00:00',
  actor: 'anna',
  action: 'score saved',
  subject: `reading:${number}`,
  old: null,
  new: { status: 'scored', grade: 2, reason: '' },
  software: 'OpenSvH',
  model: '',
  digest: 'd',
  ...more,
});

afterEach(() => vi.unstubAllGlobals());

test('of a score the site, the kind and the grade are told', () => {
  const of = (old: unknown, fresh: unknown) =>
    change(entry(1, { subject: 'score:r:f:MCP2:narrowing', old, new: fresh }));
  const scored = (grade: number) => ({ status: 'scored', grade, reason: '' });
  expect(of(null, scored(0))).toBe('MCP2 narrowing: 0');
  expect(of(scored(1), scored(2))).toBe('MCP2 narrowing: 1 → 2');
  expect(of(null, { status: 'not assessable', grade: null, reason: 'cut off' })).toBe(
    'MCP2 narrowing: not assessable (cut off)',
  );
});

test.each([0, 1, 999, 1000, 1001, 2500])(
  'the end of a trail of %i entries is found, and what is before it',
  async (n) => {
    vi.stubGlobal('fetch', async (url: string) => {
      const query = new URL(url, 'http://x').searchParams;
      const after = Number(query.get('after'));
      const there = Math.max(0, Math.min(n - after, Number(query.get('most'))));
      return new Response(JSON.stringify(Array.from({ length: there }, (_, index) => entry(after + index + 1))));
    });
    let trail = await latest();
    expect(trail.entries.at(-1)?.number ?? 0).toBe(n);
    while (!trail.whole) trail = await earlier(trail);
    expect(trail.entries.map((each) => each.number)).toEqual(Array.from({ length: n }, (_, index) => index + 1));
  },
);

test('changes are told in words, with what was before', () => {
  expect(change(entry(1))).toBe('status scored, grade 2');
  expect(change(entry(1, { old: 'open', new: 'committed' }))).toBe('open → committed');
  expect(change(entry(1, { new: null }))).toBe('');
  expect(written({ grade: 0 })).toBe('grade 0');
});

test('digests and long lists are cut short', () => {
  expect(written('0123456789abcdef0123456789abcdef')).toBe('01234567…');
  expect(written(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});

test('the trail is filtered, the latest first', () => {
  const trail = [entry(1), entry(2, { actor: 'ben' }), entry(3, { action: 'signed in', new: { file: 'P007-LH.png' } })];
  const none = { actor: '', action: '', text: '' };
  expect(filtered(trail, none).map((each) => each.number)).toEqual([3, 2, 1]);
  expect(filtered(trail, { ...none, actor: 'ben' }).map((each) => each.number)).toEqual([2]);
  expect(filtered(trail, { ...none, text: 'p007' }).map((each) => each.number)).toEqual([3]);
  expect(occurring(trail, 'action')).toEqual(['score saved', 'signed in']);
});

test('what labels mean goes into the mapping, and no key stands in it twice', () => {
  expect(mappingOf('', { nail: '' })).toBe('[labels]\n"nail" = ""\n');
  expect(mappingOf('', { nail: null })).toBe('');
  const given = 'mm_per_px = 0.1\n[labels]\n"nail" = "IP1"\nother = "MCP2"\n[films]\n"nail" = "a.png"\n';
  expect(mappingOf(given, { nail: '', 'knuckle "2"': 'MCP2' })).toBe(
    'mm_per_px = 0.1\n[labels]\n"nail" = ""\n"knuckle \\"2\\"" = "MCP2"\nother = "MCP2"\n[films]\n"nail" = "a.png"\n',
  );
});

test('a password that is short or mistyped is told where it stands', () => {
  expect(faultsOf('short', 'short')).toEqual({ password: 'It has 5 of at least 12 characters.', again: null });
  expect(faultsOf('long enough it is', 'long enough it iz').again).toMatch(/not the same/);
  expect(isFaulty(faultsOf('long enough it is', 'long enough it is'))).toBe(false);
});
