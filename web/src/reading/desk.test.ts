import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Desk } from './desk.svelte';
import { gradeKeys } from './readingKeys';
import { Server } from './server.fixture';

let server: Server;
const desks: Desk[] = [];

function opened(account = 'anna'): Desk {
  const desk = new Desk(server.copy(), account);
  desks.push(desk);
  return desk;
}

const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 3000, interval: 5 });

beforeEach(() => {
  localStorage.clear();
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
});

afterEach(() => {
  for (const desk of desks.splice(0)) desk.close();
  vi.unstubAllGlobals();
});

describe('a digit', () => {
  test('is on its way at once, and saved with the answer', async () => {
    const desk = opened();
    desk.act({ do: 'grade', grade: 2 });
    expect(desk.saving.unsaved).toBe(1);
    await until(() => expect(desk.saving.phase).toBe('saved'));
    expect(server.sent).toHaveLength(1);
    expect(server.sent[0]).toMatchObject({ film: 'ALH', status: 'scored', grade: 2 });
  });

  test('that is held down enters once', () => {
    const desk = opened();
    const digits = gradeKeys(desk)[0]!;
    digits.run(new KeyboardEvent('keydown', { key: '1' }));
    digits.run(new KeyboardEvent('keydown', { key: '1', repeat: true }));
    flushSync();
    expect(desk.walk.at).toBe(1);
  });
});

describe('nothing is lost', () => {
  test('when the page is closed before the server was reached: the next one sends the same changes', async () => {
    server.isDown = true;
    const first = opened();
    for (const grade of [1, 2, 3]) first.act({ do: 'grade', grade });
    await until(() => expect(first.saving.phase).toBe('waiting'));
    first.close();
    server.isDown = false;
    const second = opened();
    expect(second.unscored).toHaveLength(83);
    expect(second.walk.at).toBe(3);
    await until(() => expect(second.saving.phase).toBe('saved'));
    expect(server.sent.map(({ grade }) => grade)).toEqual([1, 2, 3]);
    expect(new Set(server.sent.map(({ change }) => change)).size).toBe(3);
    expect(localStorage.length).toBe(1); // where the reader was
  });

  test('and nobody else who signs in here sends it', async () => {
    server.isDown = true;
    opened('anna').act({ do: 'grade', grade: 1 });
    server.isDown = false;
    expect(opened('ben').saving.unsaved).toBe(0);
  });

  test('when the reading was committed meanwhile: the reader is told', async () => {
    server.isDown = true;
    const first = opened();
    first.act({ do: 'grade', grade: 3 });
    first.close();
    server.isDown = false;
    server.reading.reading = { ...server.reading.reading, state: 'committed', committed: '2026-01-01' };
    const second = opened();
    expect(second.late.map(({ change }) => change.grade)).toEqual([3]);
    expect(second.isLocked).toBe(true);
    second.dropLate();
    expect(opened().late).toEqual([]);
  });

  test('when somebody entered something newer: the reader decides', async () => {
    server.isDown = true;
    const first = opened();
    first.act({ do: 'grade', grade: 3 });
    first.close();
    server.isDown = false;
    const { film, site, kind } = first.walk.route.stops[0]!;
    server.enter({ change: 'other', film, site, kind, status: 'scored', grade: 1, reason: '' });
    const second = opened();
    expect(second.clashes).toMatchObject([{ mine: { grade: 3 }, theirs: { grade: 1 } }]);
    second.resolve(second.clashes[0]!, 'mine');
    await until(() => expect(second.saving.phase).toBe('saved'));
    expect(server.sent.map(({ grade }) => grade)).toEqual([3]);
    expect(second.clashes).toEqual([]);
  });
});

test('an entry from another window is shown, with a word', async () => {
  server.after = { grade: 4 };
  const desk = opened();
  desk.act({ do: 'grade', grade: 2 });
  await until(() => expect(desk.notice).toContain('another window'));
  expect(desk.entry(desk.route.stops[0]!).grade).toBe(4);
});

describe('the model', () => {
  test('is not asked for while the study hides it', async () => {
    const desk = opened();
    desk.act({ do: 'grade', grade: 0 });
    await until(() => expect(desk.saving.phase).toBe('saved'));
    expect(server.asked.filter((url) => url.endsWith('/model'))).toEqual([]);
    expect(desk.model).toBeNull();
  });

  test('is asked for once the commit shows it', async () => {
    const desk = opened();
    server.reading.model_visible = true;
    await desk.commit();
    await until(() => expect(desk.model).not.toBeNull());
    expect(desk.isLocked).toBe(true);
  });
});

test('the reader comes back to where the page was left', () => {
  const first = opened();
  first.act({ do: 'jump', to: 40 });
  first.close();
  expect(opened().walk.at).toBe(40);
});
