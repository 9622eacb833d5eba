import { expect, test } from 'vitest';
import { aReading } from './reading.fixture';
import { windowArea } from './windowArea';

const film = { ...aReading().films['ALH']!, width: 80, height: 100 };
const levels = { data: Uint16Array.from({ length: 80 }, (_, index) => index), width: 8, height: 10 };
const at = (x: number, y: number) => ({ x, y, crop_px: null });

test('the window is that of the joints, not of the border', () => {
  const points = { a: at(30, 40), b: at(50, 40), c: at(40, 60) };
  expect([...windowArea({ ...film, points }, levels)]).toEqual(
    [3, 4, 5, 6].flatMap((row) => [2, 3, 4, 5].map((column) => row * 8 + column)),
  );
});

test('a film without known joints is taken whole, and joints at its edge stay inside', () => {
  expect(windowArea({ ...film, points: {} }, levels)).toHaveLength(80);
  const points = { a: at(0, 0), b: at(79, 99), c: at(79, 0) };
  expect(windowArea({ ...film, points }, levels)).toHaveLength(80);
});
