// The server's API, typed by its own description (openapi.ts); every change carries the session's CSRF token.
// A session that has ended holds requests back until somebody has signed in again (session.svelte.ts), so that no
// page is lost; everything else that goes wrong is a Problem in the server's own words.

import type { components, paths } from './openapi';
import { session, type SessionShown } from './session.svelte';

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Has<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<C> = C extends { content: { 'application/json': infer Body } } ? Body : void;
type Answer<O> = O extends { responses: { 200: infer C } | { 201: infer C } } ? Json<C> : void;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined;
type Parameters<O, K extends 'path' | 'query'> = O extends { parameters: infer P }
  ? K extends keyof P
    ? NonNullable<P[K]>
    : object
  : object;

export interface Asked<O> {
  path?: Parameters<O, 'path'>;
  query?: Parameters<O, 'query'>;
  body?: Body<O>;
  signal?: AbortSignal;
  /** Fails with 401 instead of waiting for somebody to sign in. */
  impatient?: boolean;
}

/** Why a request was not carried out, in a sentence to be shown; `status` is 0 where the server did not answer. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = 'Problem';
  }

  /** Whether sending the same again can help: the connection was lost, or the server was busy or restarting. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const UNREACHED = 'The server cannot be reached. Check the connection; nothing that was saved is lost.';

/** What to show of a failure, whatever was thrown. */
export function problemOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

async function call<P extends keyof paths, M extends Method>(
  method: M,
  path: P,
  asked: Asked<Operation<P, M>> = {},
): Promise<Answer<Operation<P, M>>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (asked.body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await send(address(path as string, asked), {
    method: method.toUpperCase(),
    headers,
    body: asked.body === undefined ? null : JSON.stringify(asked.body),
    signal: asked.signal ?? null,
    impatient: asked.impatient ?? false,
  });
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as Answer<Operation<P, M>>;
}

export const api = {
  get: <P extends Has<'get'>>(path: P, asked?: Asked<Operation<P, 'get'>>) => call('get', path, asked),
  post: <P extends Has<'post'>>(path: P, asked?: Asked<Operation<P, 'post'>>) => call('post', path, asked),
  put: <P extends Has<'put'>>(path: P, asked?: Asked<Operation<P, 'put'>>) => call('put', path, asked),
  patch: <P extends Has<'patch'>>(path: P, asked?: Asked<Operation<P, 'patch'>>) => call('patch', path, asked),
  delete: <P extends Has<'delete'>>(path: P, asked?: Asked<Operation<P, 'delete'>>) => call('delete', path, asked),
};

/** A path with its parameters filled in. */
export function address(path: string, asked: { path?: object | undefined; query?: object | undefined } = {}): string {
  const given = new Map(Object.entries(asked.path ?? {}));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given.get(name))));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const tail = query.toString();
  return tail ? `${filled}?${tail}` : filled;
}

export interface Sent extends RequestInit {
  impatient?: boolean;
}

/** A request that waits for a session where there is none; raises Problem. For bodies that are no JSON. */
export async function send(url: string, sent: Sent = {}): Promise<Response> {
  for (;;) {
    const answer = await once(url, sent);
    if (answer.status !== 401 || sent.impatient) {
      if (answer.ok) return answer;
      throw new Problem(await problemIn(answer), answer.status);
    }
    await session.renewed();
  }
}

/** 16-bit levels of a film and how many there are, row by row, from one of its addresses. */
export async function levels(
  url: string,
  signal?: AbortSignal,
): Promise<{ data: Uint16Array<ArrayBuffer>; width: number; height: number }> {
  const answer = await send(url, { signal: signal ?? null });
  const data = new Uint16Array(await answer.arrayBuffer());
  const size = (name: string) => Number(answer.headers.get(`x-film-${name}`));
  return { data, width: size('width'), height: size('height') };
}

/** Save an answer of the server's as a file, as a click on a link would, but with its problems told. */
export async function download(url: string, fallbackName: string): Promise<void> {
  const answer = await send(url);
  const named = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = named ?? fallbackName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Who is signed in, or null: what a page asks first. */
export async function whoIsThere(): Promise<SessionShown | null> {
  try {
    return await api.get('/api/session', { impatient: true });
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 401) return null;
    throw failure;
  }
}

async function once(url: string, sent: Sent): Promise<Response> {
  const headers = new Headers(sent.headers);
  const csrf = session.current?.csrf;
  if (csrf && !['GET', 'HEAD', undefined].includes(sent.method)) headers.set('X-CSRF-Token', csrf);
  try {
    return await fetch(url, { ...sent, headers, credentials: 'same-origin' });
  } catch (failure) {
    if (sent.signal?.aborted) throw failure;
    throw new Problem(UNREACHED, 0);
  }
}

async function problemIn(answer: Response): Promise<string> {
  try {
    const told = ((await answer.json()) as { problem?: unknown }).problem;
    if (typeof told === 'string' && told) return told;
  } catch {
    // A proxy's page instead of the server's words: the status has to do.
  }
  return `The server answered ${answer.status} ${answer.statusText}`.trim();
}
