import { expect, test } from 'vitest';
import { targets } from './jump';
import { panesAt, urlsAround } from './panes';
import { PLAIN } from './crops';
import { aReading } from './reading.fixture';
import { FOOT, HAND } from './sheetPlaces';

const { steps } = aReading();

test.each([
  ['rf3', ['Right foot, MTP 3']],
  ['lhmcp2', ['Left hand, MCP 2']],
  ['rh mcp2', ['Right hand, MCP 2']],
  ['left radius', ['Left hand, Radius']],
  ['radius', ['Left hand, Radius', 'Right hand, Radius']],
  ['MTP1', ['Left foot, MTP 1', 'Right foot, MTP 1']],
  ['elbow', []],
])('%s finds %j', (question, found) => {
  expect(targets(steps, question).map(({ label }) => label)).toEqual(found);
});

test('no question finds every site in the order of the walk', () => {
  expect(targets(steps, '').map(({ step }) => step)).toEqual(steps.map((_, step) => step));
});

test('every site of the method stands on the sheet, apart from the others', () => {
  for (const { code, site } of steps) expect(code.endsWith('F') ? FOOT : HAND).toHaveProperty(site);
  for (const spots of [Object.values(HAND), Object.values(FOOT)])
    for (const one of spots)
      for (const other of spots)
        expect(one === other || Math.abs(one.x - other.x) > 11 || Math.abs(one.y - other.y) > 11).toBe(true);
});

test('visits stand side by side with the other side; of many those around the one that is entered', () => {
  const two = panesAt(aReading(['A', 'B']), 'LH', 'B');
  expect(two.map((pane) => [pane.visit, pane.film?.id, pane.opposite?.id])).toEqual([
    ['A', 'ALH', 'ARH'],
    ['B', 'BLH', 'BRH'],
  ]);
  const many = aReading(['1', '2', '3', '4', '5']);
  expect(panesAt(many, 'LH', '1').map((pane) => pane.visit)).toEqual(['1', '2', '3']);
  expect(panesAt(many, 'LH', '4').map((pane) => pane.visit)).toEqual(['3', '4', '5']);
});

test('a visit without a film of the limb has an empty pane', () => {
  const reading = aReading(['A', 'B']);
  delete reading.columns[1]!.films['LH'];
  expect(panesAt(reading, 'LH', 'A')[1]!.film).toBeNull();
});

test('the next sites are fetched first, each view once', () => {
  const reading = aReading(['A', 'B']);
  const urls = urlsAround(reading, 0, 'A', PLAIN);
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls[0]).toContain('/films/ALH/crop');
  expect(urls.some((url) => url.includes('/films/BRH/'))).toBe(true);
});
