import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shelfOf } from './keptSteps';
import type { Marks } from './joints';
import { Saver, type Failure } from './saver';
import type { Step } from './steps';

class Box implements Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'> {
  items = new Map<string, string>();
  full = false;
  get length(): number {
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, text: string): void {
    if (this.full) throw new DOMException('full', 'QuotaExceededError');
    this.items.set(key, text);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const stepOf = (change: string, film = 'a', order = 0): Step => ({ kind: 'accept', film, change, order });
const LOST: Failure = { passing: true, problem: 'not reached' };
const NO: Failure = { passing: false, problem: 'there is nothing to take back' };

let box: Box;
let sent: string[];
let told: string[];
/** What the server does with steps, by their change; takes them where nothing is said. */
let answers: Record<string, Failure | undefined>;

beforeEach(() => {
  vi.useFakeTimers();
  box = new Box();
  sent = [];
  told = [];
  answers = {};
});
afterEach(() => vi.useRealTimers());

function saver(account = 'anna'): Saver {
  const send = async (step: Step): Promise<Marks> => {
    sent.push(step.change);
    const failure = answers[step.change];
    if (failure) throw failure;
    return { [step.change]: { x: 1, y: 1, origin: 'person' } };
  };
  return new Saver(
    shelfOf(account, box),
    { send, failureOf: (thrown) => thrown as Failure },
    {
      state: (state, waiting) => told.push(`${state} ${waiting}`),
      saved: (step, _, last) => told.push(`has ${step.change}${last ? ' last' : ''}`),
      refused: (step, problem) => told.push(`refused ${step.change}: ${problem}`),
      unkept: () => told.push('unkept'),
    },
  );
}
const quiet = () => vi.advanceTimersByTimeAsync(0);

test('steps are sent in their order, one after another, and kept until they are acknowledged', async () => {
  const line = saver();
  line.add(stepOf('one'));
  line.add(stepOf('two'));
  expect(box.length).toBe(2);
  await quiet();
  expect(sent).toEqual(['one', 'two']);
  expect(box.length).toBe(0);
  expect(told.filter((each) => each.startsWith('has'))).toEqual(['has one', 'has two last']);
  expect(told.at(-1)).toBe('saved 0');
});

test('a lost connection keeps the order, waits longer each time, and says how many wait', async () => {
  const line = saver();
  answers['one'] = LOST;
  line.add(stepOf('one'));
  line.add(stepOf('two'));
  await quiet();
  expect(told.at(-1)).toBe('offline 2');
  await vi.advanceTimersByTimeAsync(1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual(['one', 'one']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual(['one', 'one', 'one']);
  delete answers['one'];
  line.hurry();
  await quiet();
  expect(sent.slice(3)).toEqual(['one', 'two']);
  expect(told.at(-1)).toBe('saved 0');
});

test('what one page could not send the next one sends, under the same identifier', async () => {
  answers = { one: LOST, two: LOST };
  const first = saver();
  first.add(stepOf('two', 'a', 2));
  first.add(stepOf('one', 'a', 1));
  first.stop();
  await quiet();
  sent = [];
  answers = {};
  const second = saver();
  expect(second.waitingFor('a').map((step) => step.change)).toEqual(['one', 'two']);
  second.start();
  await quiet();
  expect(sent).toEqual(['one', 'two']);
  expect(box.length).toBe(0);
});

test("another person's steps stay theirs", () => {
  answers['one'] = LOST;
  saver('anna').add(stepOf('one'));
  expect(saver('ben').waiting).toBe(0);
  expect(saver('anna').waiting).toBe(1);
});

test('a refused step is told and takes only the undos along that meant it', async () => {
  const line = saver();
  answers['bad'] = NO;
  const undo: Step = { ...stepOf('undo'), kind: 'undo' };
  for (const step of [stepOf('bad'), stepOf('behind'), undo, stepOf('other', 'b')]) line.add(step);
  await quiet();
  expect(sent).toEqual(['bad', 'behind', 'other']);
  expect(told).toContain('refused bad: there is nothing to take back');
  expect(box.length).toBe(0);
  expect(told.at(-1)).toBe('saved 0');
});

test('a refused undo takes nothing along', async () => {
  const line = saver();
  answers['undo'] = NO;
  line.add({ ...stepOf('undo'), kind: 'undo' });
  line.add({ ...stepOf('again'), kind: 'undo' });
  line.add(stepOf('points'));
  await quiet();
  expect(sent).toEqual(['undo', 'again', 'points']);
});

test('where the browser keeps nothing, that is said and the step is sent all the same', async () => {
  box.full = true;
  const line = saver();
  line.add(stepOf('one'));
  await quiet();
  expect(told[0]).toBe('unkept');
  expect(sent).toEqual(['one']);
});

test('what a crash cut short is passed over', () => {
  box.setItem('opensvh.marking.anna.x', '{"film": "a", "chan');
  box.setItem('opensvh.marking.anna.y', '{}');
  box.setItem('something else', 'x');
  expect(saver().waiting).toBe(0);
});
