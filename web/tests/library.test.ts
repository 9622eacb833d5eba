import { expect, test } from 'vitest';
import { contradictions, foldersOf, visitsOf } from '../src/pages/films/library';
import { films } from './films';

test('films stand by patient and visit, in the order people expect', () => {
  const visits = visitsOf(films(['P10', 'P9'], ['1', '2']));
  expect(visits.map((each) => `${each.patient} ${each.visit}`)).toEqual(['P9 1', 'P9 2', 'P10 1', 'P10 2']);
  expect(visits[0]?.slots.RF).toHaveLength(1);
});

test('dates go before the names of visits', () => {
  const dated = films(['P1'], ['1', '2']).map((film) => ({
    ...film,
    date: film.visit === '1' ? '2024-05-01' : '2023-05-01',
  }));
  expect(visitsOf(dated).map((each) => each.visit)).toEqual(['2', '1']);
});

test('a library without contradictions has none', () => {
  expect(contradictions(films(['P1', 'P2'], ['1', '2'])).size).toBe(0);
});

test('two films of one limb, one picture twice and unknown limbs contradict', () => {
  const [first, ...rest] = films(['P1'], ['1']);
  const twice = { ...first!, id: 'twice', file: 'trial/again.png' };
  const found = contradictions([first!, ...rest, twice]);
  expect([...found.keys()].sort()).toEqual([first!.id, 'twice'].sort());
  expect(found.get('twice')?.join(' ')).toMatch(/LH of the same visit.*very same picture/);
  expect(contradictions([{ ...first!, side: null }]).get(first!.id)?.[0]).toMatch(/not known which limb/);
});

test('films of one visit and of different days contradict', () => {
  const mixed = films(['P1'], ['1']).map((film, index) => ({
    ...film,
    date: index === 0 ? '2024-01-01' : '2024-01-02',
  }));
  expect(contradictions(mixed).size).toBe(4);
});

test('what the server noticed is told as well', () => {
  const [film] = films(['P1'], ['1']);
  const doubted = { ...film!, doubts: ['the model sees a right hand'] };
  expect(contradictions([doubted]).get(film!.id)).toEqual(['the model sees a right hand']);
});

test('folders are offered with all above them', () => {
  expect(foldersOf(films(['P1'], ['1']))).toEqual(['trial', 'trial/images']);
});
