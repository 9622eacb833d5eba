import { beforeEach, expect, test, vi } from 'vitest';
import { FilmStore, type Desk } from './filmStore';
import type { FromWorker, ToWorker } from './messages';
import type { FilmSource } from './types';

const filmOf = (id: string, side = 2000): FilmSource => ({ id, pixels: `/${id}`, width: side, height: side });
const [one, two, three, four] = [filmOf('one'), filmOf('two'), filmOf('three'), filmOf('four')];

let sent: ToWorker[];
let tell: (message: FromWorker) => void;
let held: Map<string, number>;
let signIn: () => void;
let store: FilmStore;

beforeEach(() => {
  sent = [];
  held = new Map();
  const desk: Desk = {
    postMessage: (message) => sent.push(message),
    addEventListener: (_, listener) => (tell = (data) => listener({ data } as MessageEvent<FromWorker>)),
    terminate: () => undefined,
  };
  const keeper = {
    takesPlanes: true,
    put: (film: FilmSource, planes: readonly unknown[]) => void held.set(film.id, planes.length),
    drop: (film: string) => void held.delete(film),
  };
  const signedIn = () => new Promise<void>((resolve) => (signIn = resolve));
  store = new FilmStore(desk, keeper, { changed: () => undefined, signedIn }, 100);
});

const loads = () => sent.flatMap((each) => (each.kind === 'load' ? [`${each.film.id} ${each.shrink}`] : []));
const come = (film: string, shrink: number, bytes = 10) =>
  tell({ kind: 'loaded', film, shrink, bytes, own: { low: shrink, high: 9 }, planes: [] });
const fail = (film: string, status: number) =>
  tell({ kind: 'failed', film, shrink: 4, status, problem: status ? 'no' : '' });

test('films on the board come in a quarter of their size, all of them before a whole one', () => {
  store.show([one, two, three]);
  come('one', 4);
  come('two', 4);
  come('three', 4);
  expect(loads()).toEqual(['one 4', 'two 4', 'three 4', 'one 1', 'two 1']);
  expect(store.of('one').stage).toBe('coarse');
});

test('a small film comes whole at once', () => {
  store.show([filmOf('small', 600)]);
  expect(loads()).toEqual(['small 1']);
});

test('films that come next wait for those on the board', () => {
  store.preload([four]);
  store.show([one]);
  come('four', 4);
  come('one', 4);
  expect(loads().slice(0, 2)).toEqual(['four 4', 'one 4']);
  expect(loads()[2]).toBe('one 1');
});

test('the window stays when the whole film takes the place of the coarse one', () => {
  store.show([one]);
  come('one', 4);
  come('one', 1);
  expect(store.of('one')).toMatchObject({ stage: 'full', own: { low: 4, high: 9 }, problem: '' });
});

test('a film that is no longer wanted is not waited for', () => {
  store.show([one]);
  store.show([two]);
  expect(sent).toContainEqual({ kind: 'cancel', film: 'one' });
});

test('what has not been shown for longest goes when there is no room, what is shown stays', () => {
  for (const film of [one, two, three]) {
    store.show([film]);
    come(film.id, 1, 45);
  }
  expect([...held.keys()]).toEqual(['two', 'three']);
  expect(store.bytes).toBe(90);
  store.show([two, three, four]);
  come('four', 1, 45);
  expect([...held.keys()]).toEqual(['two', 'three', 'four']);
});

test('a lost connection is tried again before it is told', () => {
  vi.useFakeTimers();
  store.show([one]);
  for (const wait of [400, 1200, 3600]) {
    fail('one', 0);
    expect(store.of('one').stage).toBe('loading');
    vi.advanceTimersByTime(wait);
  }
  fail('one', 0);
  expect(loads()).toHaveLength(4);
  expect(store.of('one')).toMatchObject({ stage: 'error', problem: 'The server cannot be reached.' });
  store.retry('one');
  expect(loads()).toHaveLength(5);
  vi.useRealTimers();
});

test('a refusal is told at once, in the words of the server', () => {
  store.show([one]);
  fail('one', 404);
  expect(store.of('one')).toMatchObject({ stage: 'error', problem: 'no' });
});

test('where the session has ended films wait for the sign-in', async () => {
  store.show([one]);
  fail('one', 401);
  expect(loads()).toHaveLength(1);
  expect(store.of('one').stage).toBe('loading');
  signIn();
  await Promise.resolve();
  expect(loads()).toHaveLength(2);
});

test('a graphics card that has lost everything is given everything again', () => {
  store.show([one]);
  come('one', 1);
  store.reload();
  expect(loads()).toEqual(['one 4', 'one 4']);
});
