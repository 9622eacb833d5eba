// A reading that a page opens: asked for, put on a desk, and cared for while the page is there.

import { api } from '$lib/api';
import { Loaded } from '$lib/loaded.svelte';
import { session } from '$lib/session.svelte';
import { Desk } from './desk.svelte';
import type { ReadingShown } from './shapes';

const LOOK_FOR_POINTS_MS = 10_000;

export function openReading(id: string): Loaded<Desk> {
  return new Loaded(async () => {
    const shown = await api.get('/api/readings/{reading_id}', { path: { reading_id: id } });
    return new Desk(shown as ReadingShown, session.current?.account ?? '');
  });
}

/** Tell the desk what happens to the page; the answer closes it. */
export function attend(desk: Desk): () => void {
  const over = new AbortController();
  const { signal } = over;
  const seen = (): void => {
    if (document.visibilityState === 'visible' && !desk.isLocked) desk.stopwatch.resume();
    else desk.stopwatch.pause();
  };
  document.addEventListener('visibilitychange', seen, { signal });
  addEventListener('online', () => desk.wake(), { signal });
  addEventListener('pagehide', () => desk.tick(), { signal });
  addEventListener('pointerdown', () => desk.tick(), { signal });
  addEventListener(
    'beforeunload',
    (event) => desk.saving.isKept || desk.saving.unsaved === 0 || event.preventDefault(),
    {
      signal,
    },
  );
  const looking = setInterval(() => void desk.lookForPoints().catch(() => undefined), LOOK_FOR_POINTS_MS);
  return () => {
    clearInterval(looking);
    over.abort();
    desk.close();
  };
}

/** Whether another window has this reading open; `tell` hears it once, the answer lets go of it. */
export function holdAlone(id: string, tell: () => void): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  void navigator.locks?.request(`opensvh-reading-${id}`, { ifAvailable: true }, (lock) => {
    if (lock) return held;
    tell();
    return undefined;
  });
  return release;
}
