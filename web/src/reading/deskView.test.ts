import { cleanup, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handleKey } from '$lib/keys.svelte';
import { Desk } from './desk.svelte';
import DeskView from './DeskView.svelte';
import { Server } from './server.fixture';
import type { ModelScore } from './shapes';

// jsdom draws the sheet's two hundred shapes slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let server: Server;
let desk: Desk;

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await tick();
  }
}

function show(): void {
  desk = new Desk(server.copy(), 'anna');
  render(DeskView, { desk, title: 'Reading', keysShown: [['0', 'grade']] });
}

const asked = (): string => screen.getByTestId('site').textContent?.replace(/\s+/g, ' ').trim() ?? '';
const marks = (look: string): number => document.querySelectorAll(`[data-testid=sheet] [data-look=${look}]`).length;

beforeEach(() => {
  localStorage.clear();
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
  // jsdom has neither; both are the browser's own.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLCanvasElement.prototype.getContext = () => null;
  addEventListener('keydown', handleKey);
});

afterEach(() => {
  cleanup();
  removeEventListener('keydown', handleKey);
  desk.close();
  vi.unstubAllGlobals();
});

test('digits walk from place to place, and the sheet tells 0 from nothing', async () => {
  show();
  expect(asked()).toBe('Left hand, PIP 2 narrowing');
  expect(marks('unscored')).toBe(86);
  await press('0');
  expect(asked()).toBe('Left hand, PIP 2 erosion');
  await press('3');
  expect(asked()).toBe('Left hand, PIP 3 narrowing');
  expect([marks('zero'), marks('damage'), marks('unscored')]).toEqual([1, 1, 84]);
  expect(screen.getByTestId('progress').dataset.entered).toBe('2');
});

test('N and a digit say why there is no grade', async () => {
  show();
  await press('n');
  expect(document.querySelector('dialog h2')?.textContent).toBe('No grade');
  await press('r', '2');
  expect(document.querySelector('dialog')).toBeNull();
  expect(marks('without')).toBe(2);
  expect(asked()).toBe('Left hand, PIP 3 narrowing');
});

test('a grade that the place cannot have says so and goes nowhere', async () => {
  show();
  await press('7');
  expect(screen.getByTestId('notice').textContent).toContain('0 to 4');
  expect(asked()).toBe('Left hand, PIP 2 narrowing');
});

test('a foot has a 10, one key away', async () => {
  show();
  desk.act({ do: 'jump', to: desk.route.stops.findIndex((stop) => stop.maximum === 10) });
  await tick();
  expect(screen.getByTestId('grade-bar').querySelectorAll('[data-grade]')).toHaveLength(11);
  await press('t');
  expect(desk.walk.entries.get(desk.route.stops[desk.walk.at - 1]!.key)?.grade).toBe(10);
});

test('what is missing keeps a reading from being committed', async () => {
  show();
  await press('c');
  expect(screen.getByTestId('missing').textContent).toContain('86 without an entry');
  expect(document.querySelector<HTMLButtonElement>('dialog .primary')?.disabled).toBe(true);
});

test('the model’s scores are in the page when the study shows them, and not before', async () => {
  const score: ModelScore = {
    site: 'PIP2',
    kind: 'narrowing',
    status: 'scored',
    expected: 2.2,
    grade: 2,
    confidence: 0.9,
    reason: '',
  };
  server.model = { ALH: { scores: [score], warnings: [] } };
  show();
  await vi.waitFor(() => expect(server.asked.some((url) => url.includes('/crop?'))).toBe(true));
  expect(screen.queryByTestId('model-score')).toBeNull();
  server.reading.model_visible = true;
  await desk.reload();
  await vi.waitFor(() => expect(screen.getByTestId('model-score').textContent).toContain('2'));
});
