// Pages behind `#`: `#/readings/ID`. The server needs to know one page only, and a one-time link (`/welcome#TOKEN`) is
// the single address with a path of its own.

export interface Route<Page> {
  pattern: string;
  page: Page;
}

export interface Found<Page> {
  route: Route<Page>;
  params: Record<string, string>;
}

class Place {
  path = $state('/');
  query = $state.raw(new URLSearchParams());

  constructor() {
    this.#read();
    addEventListener('hashchange', () => this.#read());
  }

  /** Go to a page; `replace` leaves no step back. */
  go(to: string, how: { replace?: boolean } = {}): void {
    const url = `${location.pathname === '/welcome' ? '/' : location.pathname}#${to}`;
    if (how.replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#read();
  }

  #read(): void {
    const [path = '', query = ''] = location.hash.slice(1).split('?');
    this.path = path.startsWith('/') ? path : '/';
    this.query = new URLSearchParams(query);
  }
}

export const place = new Place();

/** Go to a page: `navigate('/readings/abc')`. */
export function navigate(to: string, how: { replace?: boolean } = {}): void {
  place.go(to, how);
}

/** The first route that fits a path, with its parameters: `/readings/:id`. */
export function find<Page>(routes: readonly Route<Page>[], path: string): Found<Page> | null {
  const parts = pieces(path);
  for (const route of routes) {
    const params = fit(pieces(route.pattern), parts);
    if (params) return { route, params };
  }
  return null;
}

function fit(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const given = parts[index] ?? '';
    if (wanted.startsWith(':')) params[wanted.slice(1)] = decode(given);
    else if (wanted !== given) return null;
  }
  return params;
}

function pieces(path: string): string[] {
  return path.split('/').filter(Boolean);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
