import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { codeOf, count, figure, naturally, percent } from '$lib/format';
import { Loaded } from '$lib/loaded.svelte';
import { windowOf } from '$lib/thumbnail';
import { toast, toasts } from '$lib/toast.svelte';
import { inPortions } from '$lib/upload';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what is missing is a dash, never 0', () => {
  expect([figure(null), percent(undefined), figure(0), percent(0)]).toEqual(['–', '–', '0.00', '0 %']);
  expect(figure(-1.25, 1)).toBe('−1.3');
});

test('counts, codes and orders are written as people do', () => {
  expect([count(1, 'film'), count(2, 'study', 'studies')]).toEqual(['1 film', '2 studies']);
  expect([codeOf('hand', 'L'), codeOf('foot', 'R'), codeOf(null, 'L')]).toEqual(['LH', 'RF', null]);
  expect(['P10', 'P9'].sort(naturally)).toEqual(['P9', 'P10']);
});

test('a message goes by itself, and is not shown twice at a time', () => {
  toast('Saved');
  toast('Saved');
  expect(toasts.list.map((each) => each.text)).toEqual(['Saved']);
  vi.advanceTimersByTime(5000);
  expect(toasts.list).toEqual([]);
});

test('of two loads the later counts, whichever comes first', async () => {
  const waiting: ((value: string) => void)[] = [];
  const loaded = new Loaded(() => new Promise<string>((resolve) => waiting.push(resolve)));
  const second = loaded.again();
  waiting[1]?.('second');
  await second;
  waiting[0]?.('first');
  await vi.advanceTimersByTimeAsync(0);
  expect(loaded.value).toBe('second');
  expect(loaded.loading).toBe(false);
});

test('a load that fails keeps what was there, and tells why', async () => {
  let fails = false;
  const loaded = new Loaded(async () => {
    if (fails) throw new Error('the server is away');
    return 1;
  });
  await vi.advanceTimersByTimeAsync(0);
  fails = true;
  await loaded.again();
  expect([loaded.value, loaded.problem]).toEqual([1, 'the server is away']);
});

test('uploads are portioned by size and number, and a long file stands alone', () => {
  const file = (name: string, size: number) => ({ name, size }) as File;
  const files = [file('a', 40), file('b', 40), file('c', 200), file('d', 10)];
  const names = (portions: File[][]) => portions.map((each) => each.map((one) => one.name).join(''));
  expect(names(inPortions(files, 100))).toEqual(['ab', 'c', 'd']);
  expect(names(inPortions(files, 1000, 3))).toEqual(['abc', 'd']);
  expect(inPortions([], 100)).toEqual([]);
});

test('a small picture is windowed by its percentiles, not by one bright marker', () => {
  const levels = new Uint16Array(10_000).fill(1000);
  levels.fill(20_000, 0, 4000);
  levels[0] = 65535;
  const { low, high } = windowOf(levels);
  expect(low).toBeLessThanOrEqual(1000);
  expect(high).toBeGreaterThanOrEqual(20_000);
  expect(high).toBeLessThan(22_000);
});

test('an even picture has a window all the same', () => {
  const { low, high } = windowOf(new Uint16Array(100).fill(700));
  expect(high).toBeGreaterThan(low);
});
