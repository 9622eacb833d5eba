import { beforeEach, expect, test, vi } from 'vitest';
import { FilmMarking, type FilmMarked } from './filmMarking.svelte';
import { jointsOf, leastSure, nextAsked, settled, stateWords, type Marks, type ModelPoints } from './joints';
import { DRAWINGS } from './limbDrawings';
import { doneOf, neighbour, nextFilm, reasonOf, shortName, withFilm, type Queued } from './queue';
import type { Step } from './steps';

const point = (x: number, confidence = 0.9) => ({ x, y: x, confidence, crop_px: 60 });
const proposed: ModelPoints = { IP1: point(10), MTP1: point(20, 0.4), MTP2: point(30, 0.2), MTP4: point(50) };
const mark = (x: number | null, origin = 'person') => ({ x, y: x, origin });

function aFilm(marks: Marks = {}, points = proposed): FilmMarked {
  const film = { id: 'f'.repeat(32), limb: 'foot', side: 'L', width: 400, height: 600 } as FilmMarked['film'];
  return { film, done: false, marks, proposal: { points } as FilmMarked['proposal'] };
}

let sent: Step[];
const open = (marks: Marks = {}, points = proposed, waiting: Step[] = []) =>
  new FilmMarking(aFilm(marks, points), waiting, (step) => sent.push(step));

beforeEach(() => {
  sent = [];
});

test('a hand has 21 joints and a foot 6, each with a place in the drawing', () => {
  expect(Object.keys(DRAWINGS.hand.places)).toHaveLength(21);
  expect(Object.keys(DRAWINGS.foot.places)).toEqual(['IP1', 'MTP1', 'MTP2', 'MTP3', 'MTP4', 'MTP5']);
  for (const drawing of Object.values(DRAWINGS)) {
    for (const [x, y] of Object.values(drawing.places)) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(drawing.width);
      expect(y).toBeLessThan(drawing.height);
    }
  }
});

test('a joint is a mark before it is a proposal, and not visible is something else than open', () => {
  const joints = jointsOf('foot', { IP1: mark(11), MTP1: mark(null) }, proposed);
  expect(joints.map((joint) => joint.state)).toEqual(['marked', 'unseen', 'proposed', 'open', 'proposed', 'open']);
  expect(joints.map(stateWords)).toEqual([
    'marked',
    'not visible',
    'proposed, 20 % sure',
    'to be marked',
    'proposed, 90 % sure',
    'to be marked',
  ]);
  expect(settled(joints)).toBe(2);
});

test('joints without any point are asked before those that are only proposed', () => {
  const joints = jointsOf('foot', {}, proposed);
  expect(nextAsked(joints, null)).toBe('MTP3');
  expect(nextAsked(joints, 'MTP3')).toBe('MTP5');
  const half = jointsOf('foot', { MTP3: mark(1), MTP5: mark(1), IP1: mark(1) }, proposed);
  expect(nextAsked(half, 'MTP2')).toBe('MTP4');
  expect(nextAsked(half, 'MTP4')).toBe('MTP1');
});

test('the joints that the model doubts are told, the worst first', () => {
  expect(leastSure(jointsOf('foot', {}, proposed), 5).map((joint) => joint.name)).toEqual(['MTP2', 'MTP1']);
});

test('a point that is placed is a step of its own, and the next joint is asked', () => {
  const film = open();
  film.place('MTP3', { x: 100.12345, y: 50 }, true);
  expect(film.marks['MTP3']).toEqual({ x: 100.123, y: 50, origin: 'person' });
  expect(sent).toMatchObject([{ kind: 'points', points: [{ point: 'MTP3', x: 100.123, y: 50 }] }]);
  expect(film.selected).toBe('MTP5');
});

test('every step has an identifier and a place of its own', () => {
  const film = open();
  for (let x = 0; x < 50; x++) film.place('MTP3', { x, y: 0 }, false);
  expect(new Set(sent.map((step) => step.change)).size).toBe(50);
  expect(sent.every((step) => /^[A-Za-z0-9_-]{8,64}$/.test(step.change))).toBe(true);
  expect(sent.map((step) => step.order)).toEqual([...sent.map((step) => step.order)].sort((one, other) => one - other));
  expect(new Set(sent.map((step) => step.order)).size).toBe(50);
});

test('arrows pressed one after another are one step, that undo takes back as one', () => {
  vi.useFakeTimers();
  const film = open();
  for (const x of [10.5, 11, 11.5]) film.nudge('IP1', { x, y: 10 });
  expect(film.marks['IP1']).toMatchObject({ x: 11.5 });
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(sent).toMatchObject([{ kind: 'points', points: [{ point: 'IP1', x: 11.5, y: 10 }] }]);
  film.undo();
  expect(film.marks['IP1']).toBeUndefined();
  vi.useRealTimers();
});

test('whatever is done next, what arrows moved goes first', () => {
  const film = open();
  film.nudge('IP1', { x: 12, y: 10 });
  film.nudge('MTP1', { x: 22, y: 20 });
  film.accept();
  expect(sent.map((step) => step.kind)).toEqual(['points', 'points', 'accept']);
});

test("accepting takes the model's points where nothing is marked, once", () => {
  const film = open({ IP1: mark(99) });
  expect(film.accept()).toBe(3);
  expect(film.marks['IP1']).toEqual(mark(99));
  expect(film.marks['MTP1']).toEqual({ x: 20, y: 20, origin: 'model' });
  expect(film.accept()).toBe(0);
  expect(sent).toHaveLength(1);
});

test("one joint's proposal can be accepted alone, and is then the person's", () => {
  const film = open();
  film.confirm('MTP1');
  film.confirm('MTP1');
  expect(film.marks['MTP1']).toEqual(mark(20));
  expect(sent).toHaveLength(1);
});

test("not visible, asked twice, brings the model's point back", () => {
  const film = open();
  film.hide('IP1');
  expect(film.marks['IP1']).toEqual(mark(null));
  expect(sent[0]).toMatchObject({ points: [{ point: 'IP1' }] });
  film.hide('IP1');
  expect(film.marks['IP1']).toEqual(mark(10));
});

test('undo and redo walk through steps as the server will', () => {
  const film = open();
  film.place('MTP3', { x: 1, y: 1 }, false);
  film.place('MTP3', { x: 2, y: 2 }, false);
  film.accept();
  film.undo();
  film.undo();
  expect(film.marks).toEqual({ MTP3: mark(1) });
  film.redo();
  expect(film.marks).toEqual({ MTP3: mark(2) });
  film.place('MTP5', { x: 5, y: 5 }, false);
  film.redo();
  expect(film.marks['MTP5']).toBeDefined();
  expect(sent.map((step) => step.kind).slice(3)).toEqual(['undo', 'undo', 'redo', 'points', 'redo']);
});

test("an undo of an earlier page's step waits for the server's answer", () => {
  const film = open({ IP1: mark(5) });
  film.undo();
  expect(film.marks).toEqual({ IP1: mark(5) });
  film.adopt({});
  expect(film.marks).toEqual({});
});

test('a film is done once every joint is marked or not visible', () => {
  const film = open();
  expect(film.finish().map((joint) => joint.name)).toEqual(['IP1', 'MTP1', 'MTP2', 'MTP3', 'MTP4', 'MTP5']);
  film.accept();
  film.hide('MTP3');
  film.place('MTP5', { x: 1, y: 2 }, true);
  expect(film.finish()).toEqual([]);
  film.finish();
  expect(sent.map((step) => step.kind)).toEqual(['accept', 'points', 'points', 'done']);
  film.place('MTP5', { x: 1, y: 3 }, true);
  expect(film.done).toBe(false);
});

test('steps that the server does not have yet are on the film again after a reload', () => {
  const before = open();
  before.place('MTP3', { x: 7, y: 7 }, false);
  before.accept();
  const again = open({}, proposed, sent);
  expect(again.marks).toEqual(before.marks);
});

const queued = (film: string, change: Partial<Queued> = {}): Queued => ({
  film,
  name: `trial/${film}.png`,
  done: false,
  marked: 0,
  wanted: 6,
  doubt: 0.3,
  proposal: 'done',
  ...change,
});

test('a film says why it stands where it stands', () => {
  expect(reasonOf(queued('a', { doubt: 0.62 }))).toBe('model very unsure: 62 % doubt');
  expect(reasonOf(queued('a', { doubt: 0.004 }))).toBe('model sure: 0 % doubt');
  expect(reasonOf(queued('a', { proposal: 'wanted', doubt: null }))).toBe('the model is still to read it');
  expect(reasonOf(queued('a', { proposal: 'failed', doubt: 1 }))).toBe('the model could not read it');
  expect(reasonOf(queued('a', { proposal: '', doubt: null }))).toBe('no proposal');
  expect(reasonOf(queued('a', { done: true }))).toBe('done');
});

test('from a film one goes on to the next that is not done, and round', () => {
  const films = [queued('a'), queued('b', { done: true }), queued('c')];
  expect(nextFilm(films, 'a')).toBe('c');
  expect(nextFilm(films, 'c')).toBe('a');
  expect(nextFilm(withFilm(films, 'a', 6, true), 'c')).toBeNull();
  expect(doneOf(withFilm(films, 'a', 6, true))).toBe(2);
  expect([neighbour(films, 'a', 1), neighbour(films, 'c', 1), neighbour(films, 'a', -1)]).toEqual(['b', null, null]);
});

test('a film is called by its file, without folder and ending', () => {
  expect(shortName('trial/visit 2/P001-LH.png')).toBe('P001-LH');
  expect(shortName('IM0001')).toBe('IM0001');
});
