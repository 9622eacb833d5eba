import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UNREACHED } from '$lib/api';
import { session } from '$lib/session.svelte';
import type { Found } from '$lib/router.svelte';
import type { Page } from '../src/routes';
import PageFrame from '../src/shell/PageFrame.svelte';
import EmptyState from '$components/EmptyState.svelte';

const asPage = { default: EmptyState } as never;
const found = (page: Partial<Page>): Found<Page> => ({
  route: { pattern: '/x/:title', page: { title: 'Films', load: async () => asPage, ...page } },
  params: { title: 'From the address' },
});

beforeEach(() => session.begin({ account: 'a', name: 'anna', role: 'reader', csrf: '' }));
afterEach(() => {
  cleanup();
  session.end();
  vi.unstubAllGlobals();
});

test('a page takes the parameters of its address', async () => {
  render(PageFrame, { found: found({}) });
  expect(await screen.findByText('From the address')).toBeTruthy();
});

test('a page of another role is not fetched', () => {
  const load = vi.fn();
  render(PageFrame, { found: found({ roles: ['manager'], load }) });
  expect(screen.getByText('Not for this account')).toBeTruthy();
  expect(load).not.toHaveBeenCalled();
});

test('a page that cannot be fetched while the server is away comes once it is back, without a reload', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  const load = vi.fn().mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'));
  load.mockResolvedValue(asPage);
  render(PageFrame, { found: found({ load }) });
  expect(await screen.findByText(UNREACHED)).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('From the address')).toBeTruthy();
});

test('a page that is gone from a server that answers was updated', async () => {
  vi.stubGlobal('fetch', async () => new Response('{"state":"up"}'));
  render(PageFrame, { found: found({ load: () => Promise.reject(new TypeError('404')) }) });
  expect(await screen.findByText(/has been updated/)).toBeTruthy();
});

test('an address without a page says so', () => {
  render(PageFrame, { found: null });
  expect(screen.getByText('There is no such page')).toBeTruthy();
});
