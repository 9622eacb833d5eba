import { beforeEach, describe, expect, test } from 'vitest';
import { sortKept } from './conflicts';
import { keeperOf, unsavedByReading, type Keeper, type Kept } from './kept';
import { MOST_AT_ONCE, SaveQueue, type QueueState } from './queue';
import { placeKey, UNSCORED, type Entry, type Saved, type ScoreChange } from './shapes';

const READING = 'f'.repeat(32);
const ANSWER: Saved = { scores: [], sums: {}, entered: 0, wanted: 172 };

class Failure extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

/** A server whose answers the test gives, and a clock that it turns. */
class Wire {
  sent: ScoreChange[][] = [];
  private answers: { resolve: (saved: Saved) => void; reject: (failure: unknown) => void }[] = [];
  timers: { run: () => void; ms: number }[] = [];

  send = (changes: ScoreChange[]): Promise<Saved> => {
    this.sent.push(changes);
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  };
  passes = (failure: unknown): boolean => failure instanceof Failure && (failure.status === 0 || failure.status >= 500);
  inWords = (failure: unknown): string => (failure as Error).message;
  now = (): number => 1000;
  later = (run: () => void, ms: number): (() => void) => {
    const timer = { run, ms };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  };

  async accept(): Promise<void> {
    this.answers.shift()!.resolve(ANSWER);
    await settled();
  }

  async fail(status: number): Promise<void> {
    this.answers.shift()!.reject(new Failure(status));
    await settled();
  }

  fire(): number {
    const timer = this.timers.shift()!;
    timer.run();
    return timer.ms;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

let order = 0;
function kept(grade: number, base: Entry = UNSCORED, site = 'MCP2'): Kept {
  order += 1;
  const change: ScoreChange = {
    change: `change-${order}`,
    film: 'film',
    site,
    kind: 'erosion',
    status: 'scored',
    grade,
    reason: '',
  };
  return { reading: READING, order, base, change };
}

let wire: Wire;
let keeper: Keeper;
let queue: SaveQueue;
let state: QueueState;
let savedChanges: string[];

beforeEach(() => {
  localStorage.clear();
  wire = new Wire();
  savedChanges = [];
  keeper = keeperOf('anna', READING, localStorage);
  queue = new SaveQueue(keeper, wire, {
    state: (told) => (state = told),
    saved: (changes) => savedChanges.push(...changes.map(({ change }) => change.change)),
  });
});

describe('saving', () => {
  test('a change goes out at once and stays in the browser until it is acknowledged', async () => {
    const one = kept(2);
    queue.push([one]);
    expect(wire.sent).toEqual([[one.change]]);
    expect(keeper.all()).toEqual([one]);
    expect([state.phase, state.unsaved]).toEqual(['sending', 1]);
    await wire.accept();
    expect(keeper.all()).toEqual([]);
    expect([state.phase, state.unsaved]).toEqual(['saved', 0]);
    expect(savedChanges).toEqual([one.change.change]);
  });

  test('what is entered meanwhile goes out together, in order, after the answer', async () => {
    const all = [kept(1), kept(2), kept(3)];
    for (const each of all) queue.push([each]);
    expect(wire.sent).toHaveLength(1);
    await wire.accept();
    expect(wire.sent[1]).toEqual(all.slice(1).map(({ change }) => change));
  });

  test('a long line is sent in pieces', async () => {
    queue.push(Array.from({ length: MOST_AT_ONCE + 5 }, () => kept(1)));
    expect(wire.sent[0]).toHaveLength(MOST_AT_ONCE);
    await wire.accept();
    expect(wire.sent[1]).toHaveLength(5);
  });
});

describe('a lost connection', () => {
  test('is tried again with growing pauses, and nothing is sent twice in another form', async () => {
    const one = kept(2);
    queue.push([one]);
    const pauses: number[] = [];
    for (let failure = 0; failure < 4; failure++) {
      await wire.fail(failure % 2 ? 503 : 0);
      expect(state.phase).toBe('waiting');
      expect(keeper.all()).toEqual([one]);
      pauses.push(wire.fire());
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000]);
    expect(new Set(wire.sent.map((changes) => JSON.stringify(changes))).size).toBe(1);
    await wire.accept();
    expect([state.phase, state.unsaved, state.problem]).toEqual(['saved', 0, '']);
  });

  test('what is entered while it lasts waits in order behind what failed', async () => {
    const all = [kept(1), kept(2)];
    queue.push([all[0]!]);
    await wire.fail(0);
    queue.push([all[1]!]);
    expect(wire.sent).toHaveLength(1);
    expect(state.unsaved).toBe(2);
    wire.fire();
    expect(wire.sent[1]).toEqual(all.map(({ change }) => change));
  });

  test('that is back ends the pause', async () => {
    queue.push([kept(1)]);
    await wire.fail(0);
    queue.wake();
    expect(wire.timers).toHaveLength(0);
    await wire.accept();
    expect(state.unsaved).toBe(0);
  });

  test('does not lose what a page had that was closed', async () => {
    const one = kept(2);
    queue.push([one]);
    await wire.fail(0);
    queue.stop();
    expect(wire.timers).toHaveLength(0);
    expect(keeperOf('anna', READING, localStorage).all()).toEqual([one]);
    expect(keeperOf('ben', READING, localStorage).all()).toEqual([]);
    expect(unsavedByReading('anna', localStorage)).toEqual(new Map([[READING, 1]]));
  });
});

describe('a change that the server refuses', () => {
  test('does not hold up the others, and is told with the reason', async () => {
    const [good, bad, other] = [kept(1), kept(9), kept(2)];
    queue.push([kept(0)]);
    queue.push([good, bad, other]);
    await wire.accept();
    await wire.fail(422);
    for (const answer of ['accept', 'refuse', 'accept']) await (answer === 'accept' ? wire.accept() : wire.fail(422));
    expect(wire.sent.slice(2)).toEqual([[good.change], [bad.change], [other.change]]);
    expect(state.refused).toEqual([{ kept: bad, problem: 'status 422' }]);
    expect(state.unsaved).toBe(0);
    expect(keeper.all()).toEqual([bad]);
  });

  test('is tried again or given up as the reader says', async () => {
    queue.push([kept(9)]);
    await wire.fail(409);
    queue.retryRefused();
    expect([state.refused.length, wire.sent.length]).toEqual([0, 2]);
    await wire.fail(409);
    queue.dropRefused();
    expect(keeper.all()).toEqual([]);
    expect(state.refused).toEqual([]);
  });
});

describe('the browser', () => {
  test('that keeps nothing is told of', () => {
    const full = { ...keeper, all: () => [], drop: () => undefined, keep: () => false };
    new SaveQueue(full, wire, { state: (told) => (state = told), saved: () => undefined }).push([kept(1)]);
    expect(state.isKept).toBe(false);
    expect(wire.sent).toHaveLength(1);
  });

  test('whose storage is full or cut off does not stop the reader', () => {
    const shelf = { ...localStorage, length: 0, setItem: () => { throw new Error('QuotaExceeded'); } }; // prettier-ignore
    expect(keeperOf('anna', READING, shelf as unknown as Storage).keep(kept(1))).toBe(false);
    localStorage.setItem(`opensvh.unsaved.anna.${READING}.x`, '{"reading": "f');
    expect(keeper.all()).toEqual([]);
  });
});

describe('after a reload', () => {
  const scored = (grade: number): Entry => ({ status: 'scored', grade, reason: '' });
  const server = (entry: Entry): Map<string, Entry> => new Map([[placeKey(kept(0).change), entry]]);

  test('changes go out again where the server has what stood there before', () => {
    const chain = [kept(1), kept(2, scored(1))];
    expect(sortKept(chain, server(UNSCORED))).toEqual({ send: chain, clashes: [] });
  });

  test('changes whose answer was lost go out again: the server knows them', () => {
    const chain = [kept(1), kept(2, scored(1))];
    expect(sortKept(chain, server(scored(1))).clashes).toEqual([]);
    expect(sortKept(chain, server(scored(2))).clashes).toEqual([]);
  });

  test('a newer entry from elsewhere is the reader’s to judge', () => {
    const chain = [kept(1), kept(2, scored(1))];
    const { send, clashes } = sortKept(chain, server(scored(4)));
    expect(send).toEqual([]);
    expect(clashes).toEqual([{ key: placeKey(chain[0]!.change), mine: scored(2), theirs: scored(4), kept: chain }]);
  });

  test('one place in doubt does not hold up the others', () => {
    const [clear, doubtful] = [kept(1, UNSCORED, 'MCP3'), kept(2)];
    const { send, clashes } = sortKept([clear, doubtful], server(scored(4)));
    expect(send).toEqual([clear]);
    expect(clashes).toHaveLength(1);
  });
});
