// Every pair of text and ground that pages use, held to WCAG 2.2: 4.5 for text (1.4.3), 3 for what bounds a control or
// shows focus (1.4.11).
import { expect, test } from 'vitest';
import css from '../src/styles/tokens.css?raw';

const themes = { dark: tokens(/^:root \{(.*?)^\}/ms), light: tokens(/^:root\[data-theme='light'\] \{(.*?)^\}/ms) };

const GROUNDS = ['ground', 'surface', 'raised'];
const TEXT: [string, string][] = [
  ...GROUNDS.flatMap((ground): [string, string][] =>
    ['text', 'text-strong', 'text-quiet', 'accent', 'good', 'warn', 'bad'].map((ink) => [ink, ground]),
  ),
  ['text', 'field'],
  ['text-quiet', 'field'],
  ['text', 'pressed'],
  ['text-strong', 'pressed'],
  ['on-accent', 'accent'],
  ['ground', 'warn'],
  ...['good', 'warn', 'bad', 'accent'].flatMap((tone): [string, string][] => [
    [tone, `${tone}-ground`],
    ['text-strong', `${tone}-ground`],
    ['text', `${tone}-ground`],
  ]),
  ['on-stage', 'stage'],
  ['on-stage-quiet', 'stage'],
];
const SHAPES: [string, string][] = [
  ['line-strong', 'ground'],
  ['line-strong', 'surface'],
  ['line-strong', 'field'],
  ['focus', 'ground'],
  ['focus', 'surface'],
  ['accent', 'pressed'],
  ['marked', 'stage'],
  ['proposed', 'stage'],
];

for (const theme of ['dark', 'light'] as const) {
  test.each(TEXT)(`${theme}: %s can be read on %s`, (ink, ground) => {
    expect(contrast(theme, ink, ground)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(SHAPES)(`${theme}: %s can be made out on %s`, (ink, ground) => {
    expect(contrast(theme, ink, ground)).toBeGreaterThanOrEqual(3);
  });
}

test('white on black is 21 to 1, equal colours 1 to 1', () => {
  expect(ratio('#ffffff', '#000000')).toBeCloseTo(21);
  expect(ratio('#123456', '#123456')).toBe(1);
});

function tokens(block: RegExp): Record<string, string> {
  const body = block.exec(css)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((found) => [found[1], found[2]]));
}

function contrast(theme: 'dark' | 'light', ink: string, ground: string): number {
  const colour = (name: string) => themes[theme][name] ?? themes.dark[name] ?? '';
  return ratio(colour(ink), colour(ground));
}

function ratio(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
