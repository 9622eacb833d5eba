import { expect, test } from 'vitest';
import { cropAt, cropUrl, isLocated, PLAIN, shiftFor, shiftKey, zoomed, ZOOMS } from './crops';
import { CropCache, type Levels } from './cropCache';
import { aReading } from './reading.fixture';
import type { FilmShown } from './shapes';

const film: FilmShown = aReading().films['ALH']!;
const withPoints = (points: FilmShown['points'], turn_cw_deg = 0): FilmShown => ({ ...film, points, turn_cw_deg });
const at = (x: number, y: number) => ({ x, y, crop_px: 100 });

test.each([
  ['up', at(0, -10), 0],
  ['to the right', at(10, 0), -90],
  ['to the left', at(-10, 0), 90],
  ['down', at(0, 10), 180],
])('a finger that points %s is turned upright', (_, tip, turn) => {
  const points = { MCP2: at(0, 0), PIP2: tip };
  expect(Math.abs(cropAt(withPoints(points), 'MCP2', PLAIN).turn_cw_deg)).toBe(Math.abs(turn));
  if (Math.abs(turn) < 180) expect(cropAt(withPoints(points), 'PIP2', PLAIN).turn_cw_deg).toBe(turn);
});

test('the wrist is turned as the whole hand is', () => {
  expect(cropAt(withPoints({ RADCAR: at(5, 5) }, 90), 'RADCAR', PLAIN).turn_cw_deg).toBe(90);
});

test('a joint that nobody has found shows the whole film', () => {
  expect(isLocated(film, 'MCP5')).toBe(false);
  expect(cropAt(film, 'MCP5', PLAIN)).toEqual({ film: 'ALH', x: 400, y: 500, side_px: 1400, turn_cw_deg: 0 });
});

test('zoom and shift move every view of a joint', () => {
  const sight = { zoom: 2, shift: { [shiftKey('ALH', 'MCP2')]: { x: 10, y: -5 } } };
  expect(cropAt(film, 'MCP2', sight)).toMatchObject({ x: 410, y: 495, side_px: 84 });
  expect(zoomed(1, 1)).toBe(1.4);
  expect(zoomed(ZOOMS.at(-1)!, 1)).toBe(ZOOMS.at(-1));
});

test('dragging to the right shows what lies left, whichever way the film is turned', () => {
  const crop = { film: 'f', x: 0, y: 0, side_px: 100, turn_cw_deg: 0 };
  expect(shiftFor(crop, 0.1, 0.2)).toEqual({ x: -10, y: -20 });
  const turned = shiftFor({ ...crop, turn_cw_deg: 90 }, 0.1, 0);
  expect(turned.x).toBeCloseTo(0);
  expect(turned.y).toBeCloseTo(10);
});

test('the same view has one address', () => {
  expect(cropUrl(cropAt(film, 'MCP2', PLAIN))).toBe(
    '/api/films/ALH/crop?x=400&y=500&side_px=168&size=560&turn_cw_deg=0',
  );
});

/** A server that answers when the test says so. */
function served() {
  const open = new Map<string, (levels: Levels) => void>();
  const asked: string[] = [];
  const cache = new CropCache((url) => {
    asked.push(url);
    return new Promise((resolve) => open.set(url, resolve));
  });
  const answer = async (url: string): Promise<void> => {
    open.get(url)!({ data: new Uint16Array(1), width: 1, height: 1 });
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { cache, asked, answer };
}

test('a view that was fetched ahead is there at once and asked for once', async () => {
  const { cache, asked, answer } = served();
  cache.prefetch(['a']);
  expect(cache.ready('a')).toBeUndefined();
  await answer('a');
  expect(cache.ready('a')).toBeDefined();
  await cache.get('a');
  expect(asked).toEqual(['a']);
});

test('what is looked at goes before what comes next', async () => {
  const { cache, asked, answer } = served();
  cache.prefetch(['a', 'b', 'c', 'd', 'e', 'f']);
  void cache.get('now');
  void cache.get('f');
  await answer('a');
  await answer('b');
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'now', 'f']);
});

test('what is no longer wanted is not fetched, and can be wanted again', async () => {
  const { cache, asked, answer } = served();
  cache.prefetch(['a', 'b', 'c', 'd', 'e']);
  cache.prefetch(['x']);
  for (const url of ['a', 'b', 'c', 'd']) await answer(url);
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'x']);
  cache.prefetch(['e']);
  expect(asked).toContain('e');
});

test('a view that failed can be asked for again', async () => {
  let failures = 1;
  const cache = new CropCache(() =>
    failures-- > 0
      ? Promise.reject(new Error('lost'))
      : Promise.resolve({ data: new Uint16Array(1), width: 1, height: 1 }),
  );
  await expect(cache.get('a')).rejects.toThrow('lost');
  await expect(cache.get('a')).resolves.toBeDefined();
});
