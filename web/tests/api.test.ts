import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { address, api, levels, Problem, send, UNREACHED, whoIsThere } from '$lib/api';
import { session } from '$lib/session.svelte';

const answers = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const anna = { account: 'a', name: 'anna', role: 'reader', csrf: 'secret' } as const;

beforeEach(() => {
  answers.mockReset();
  vi.stubGlobal('fetch', answers);
  session.end();
});
afterEach(() => vi.unstubAllGlobals());

const headers = (call: number) => new Headers(answers.mock.calls[call]?.[1].headers);

test('parameters go into the address, what is left out does not', () => {
  const asked = { path: { film_id: 'a/b' }, query: { shrink: 4, patient: undefined } };
  expect(address('/api/films/{film_id}/pixels', asked)).toBe('/api/films/a%2Fb/pixels?shrink=4');
});

test('changes carry the token of the session, questions do not', async () => {
  session.begin(anna);
  answers.mockImplementation(async () => json([]));
  await api.get('/api/readings');
  await api.post('/api/films/scan', { body: { folder: 'trial' } });
  expect(headers(0).get('X-CSRF-Token')).toBeNull();
  expect(headers(1).get('X-CSRF-Token')).toBe('secret');
  expect(answers.mock.calls[1]?.[1].body).toBe('{"folder":"trial"}');
});

test('a problem is told in the words of the server', async () => {
  answers.mockResolvedValue(json({ problem: 'the film is in a study; what is said of it stays' }, 409));
  const failure = await api.get('/api/studies').catch((each: unknown) => each);
  expect(failure).toBeInstanceOf(Problem);
  expect(failure).toMatchObject({ message: 'the film is in a study; what is said of it stays', status: 409 });
  expect((failure as Problem).passing).toBe(false);
});

test('a proxy that answers for the server is told as it is', async () => {
  answers.mockResolvedValue(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
  const failure = await api.get('/api/studies').catch((each: unknown) => each);
  expect(failure).toMatchObject({ message: 'The server answered 502 Bad Gateway', passing: true });
});

test('a server that does not answer is no answer of the server', async () => {
  answers.mockRejectedValue(new TypeError('Failed to fetch'));
  await expect(api.get('/api/studies')).rejects.toMatchObject({ message: UNREACHED, status: 0, passing: true });
});

test('a request whose session has ended waits, and is sent again with the new token', async () => {
  session.begin(anna);
  answers.mockResolvedValueOnce(json({ problem: 'sign in first' }, 401)).mockResolvedValueOnce(json({ added: [] }));
  const waiting = api.post('/api/films/scan', { body: { folder: '' } });
  await vi.waitFor(() => expect(session.expired).toBe(true));
  session.begin({ ...anna, csrf: 'fresh' });
  await waiting;
  expect(session.expired).toBe(false);
  expect(headers(1).get('X-CSRF-Token')).toBe('fresh');
});

test('who is there is asked without waiting for a sign-in', async () => {
  answers.mockResolvedValue(json({ problem: 'sign in first' }, 401));
  expect(await whoIsThere()).toBeNull();
  expect(session.expired).toBe(false);
});

test('an empty answer is no answer to be understood', async () => {
  answers.mockResolvedValue(new Response(null, { status: 204 }));
  await expect(api.post('/api/logout')).resolves.toBeUndefined();
});

test('levels come as numbers with their size', async () => {
  const size = { 'X-Film-Width': '2', 'X-Film-Height': '1' };
  answers.mockResolvedValue(new Response(new Uint8Array([1, 0, 255, 255]), { headers: size }));
  expect(await levels('/api/films/x/pixels')).toEqual({ data: new Uint16Array([1, 65535]), width: 2, height: 1 });
});

test('a request that was called off is no problem of the server', async () => {
  const off = new AbortController();
  answers.mockImplementation(async () => {
    off.abort();
    throw new DOMException('Aborted', 'AbortError');
  });
  await expect(send('/api/studies', { signal: off.signal })).rejects.toMatchObject({ name: 'AbortError' });
});
