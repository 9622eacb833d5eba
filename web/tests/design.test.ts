import { expect, test } from 'vitest';
import { designOf, EMPTY, extentOf, hindrances, sentences, tomlOf, type Draft } from '../src/pages/studies/design';
import { films } from './films';

const draft = (more: Partial<Draft> = {}): Draft => ({
  ...EMPTY,
  name: 'Trial',
  readers: ['anna', 'ben'],
  ...more,
});
const library = films(['P1', 'P2'], ['1', '2']);

test('what is left open is left out', () => {
  expect(designOf(draft({ readers: ['anna', ''] }))).toEqual({
    name: 'Trial',
    readers: ['anna'],
    folder: '',
    order: 'paired blinded',
    seed: 0,
    model_scores: 'hidden',
  });
});

test('patients are taken a line or a comma at a time, once each', () => {
  expect(designOf(draft({ patients: 'P1, P2\nP1\n' })).patients).toEqual(['P1', 'P2']);
});

test('a rule of adjudication goes along only with two readers', () => {
  const rule = { adjudicator: 'clara', total: 10, site: 2 };
  expect(designOf(draft(rule)).adjudication).toEqual({ total: 10, site: 2 });
  expect(designOf(draft({ ...rule, readers: ['anna', ''] })).adjudication).toBeUndefined();
});

test('the file says what the form says', () => {
  const design = designOf(
    draft({ name: 'A "quoted" name', folder: 'trial', adjudicator: 'clara', total: 10, site: null }),
  );
  expect(tomlOf(design)).toBe(
    [
      'name = "A \\"quoted\\" name"',
      'folder = "trial"',
      'readers = ["anna", "ben"]',
      'order = "paired blinded"',
      'seed = 0',
      'model_scores = "hidden"',
      'adjudicator = "clara"',
      'adjudication = { total = 10 }',
      '',
    ].join('\n'),
  );
});

test('a reading is a patient where visits stand side by side, a visit where they do not', () => {
  expect(extentOf(draft(), library)).toMatchObject({ patients: 2, visits: 4, films: 16, cases: 2, readings: 4 });
  expect(extentOf(draft({ order: 'random' }), library)).toMatchObject({ cases: 4, readings: 8 });
});

test('only films of the folder and of known limbs count', () => {
  const some = [...library, { ...library[0]!, id: 'x', file: 'other/x.png', patient: 'P9' }];
  expect(extentOf(draft({ folder: 'trial' }), some).patients).toBe(2);
  expect(extentOf(draft(), [{ ...library[0]!, limb: null }]).films).toBe(0);
});

test('patients without films, and visits without all four, are told', () => {
  const extent = extentOf(draft({ patients: 'P1, P7' }), library.slice(1));
  expect(extent.unknown).toEqual(['P7']);
  expect(extent.incomplete).toBe(1);
});

test('what stands in the way is said, and nothing else', () => {
  const of = (more: Partial<Draft>) => hindrances(draft(more), extentOf(draft(more), library));
  expect(of({})).toEqual([]);
  expect(of({ name: ' ', readers: ['', ''] })).toHaveLength(2);
  expect(of({ readers: ['anna', 'anna'] })).toEqual(['Two readers are two people.']);
  expect(of({ adjudicator: 'anna' })).toEqual(['The adjudicator is none of the readers.']);
  expect(of({ adjudicator: 'clara', total: null, site: null })[0]).toMatch(/difference/);
  expect(of({ patients: 'P7' })).toEqual(['There are no films of P7.', 'No film fits.']);
});

test('what readers meet is told in sentences', () => {
  const told = sentences(draft({ order: 'chronological', modelScores: 'shown' }), extentOf(draft(), library)).join(' ');
  expect(told).toContain('16 films of 2 patients at 4 visits.');
  expect(told).toContain('anna and ben each get 2 readings, one for every patient.');
  expect(told).toContain('names and the order of visits');
});
