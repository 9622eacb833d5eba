import { expect, test } from 'vitest';
import { dependencies } from '../package.json';
import licences from '../public/licences.txt?raw';

test.each(Object.entries(dependencies))('the licence of %s %s comes along with its code', (name, version) => {
  const [, text = ''] = licences.split(new RegExp(`^${name} ${version.replaceAll('.', '\\.')}$`, 'm'));
  expect(text.slice(0, 300)).toMatch(/copyright/i);
});
