import { expect, test } from 'vitest';
import { IDLE_S, medianSeconds, minutesAndSeconds, Stopwatch } from './stopwatch';

function watch(): { clock: { ms: number }; stopwatch: Stopwatch } {
  const clock = { ms: 0 };
  return { clock, stopwatch: new Stopwatch(() => clock.ms) };
}

test('time is counted for the site that is looked at', () => {
  const { clock, stopwatch } = watch();
  stopwatch.at(0);
  clock.ms = 1500;
  stopwatch.at(1);
  clock.ms = 4000;
  expect([stopwatch.seconds(0), stopwatch.seconds(1), stopwatch.total()]).toEqual([1.5, 2.5, 4]);
});

test('of a long pause only the beginning counts', () => {
  const { clock, stopwatch } = watch();
  stopwatch.at(0);
  clock.ms = 3_600_000;
  stopwatch.at(1);
  expect(stopwatch.total()).toBe(IDLE_S);
});

test('a page out of sight stands still', () => {
  const { clock, stopwatch } = watch();
  stopwatch.at(0);
  clock.ms = 1000;
  stopwatch.pause();
  clock.ms = 9000;
  stopwatch.resume();
  clock.ms = 9500;
  expect(stopwatch.total()).toBe(1.5);
});

test('goes on after a reload where it was', () => {
  const { clock, stopwatch } = watch();
  stopwatch.at(3);
  clock.ms = 2000;
  const kept = stopwatch.kept();
  expect(kept).toEqual({ steps: { 3: 2 } });
  clock.ms = 3000;
  expect(stopwatch.total()).toBe(3);
  const later = new Stopwatch(() => 0, JSON.parse(JSON.stringify(kept)));
  expect(later.seconds(3)).toBe(2);
  expect(medianSeconds(later.kept())).toBe(2);
});

test('is written in minutes and seconds', () => {
  expect(minutesAndSeconds(247.9)).toBe('4:07');
  expect(medianSeconds({ steps: {} })).toBeNull();
  expect(medianSeconds({ steps: { 0: 1, 1: 2, 2: 6, 3: 9 } })).toBe(4);
});
