// The marking page's keys, as the help shows them; the film's own are the viewer's.

import type { Binding } from '$lib/keys.svelte';

export interface Actions {
  accept(): void;
  hide(): void;
  confirm(): void;
  finish(): void;
  undo(): void;
  redo(): void;
  /** To another joint; false where there is none that way, and the key goes its usual way. */
  canStep(by: 1 | -1): boolean;
  step(by: 1 | -1): void;
  deselect(): void;
  film(by: 1 | -1): void;
}

export function markingKeys(act: Actions): Binding[] {
  return [
    { keys: ['a'], label: "Accept all of the model's points", run: () => act.accept() },
    { keys: ['c'], label: "Accept the model's point of this joint", run: () => act.confirm() },
    { keys: ['v'], label: 'This joint is not visible', run: () => act.hide() },
    { keys: ['Enter'], label: 'Done, and on to the next film', run: () => act.finish() },
    { keys: ['Tab'], label: 'Next joint', when: () => act.canStep(1), run: () => act.step(1) },
    { keys: ['Shift+Tab'], label: 'Joint before', when: () => act.canStep(-1), run: () => act.step(-1) },
    { keys: ['Ctrl+z'], label: 'Undo', run: () => act.undo() },
    { keys: ['Ctrl+y', 'Ctrl+Shift+z'], label: 'Redo', run: () => act.redo() },
    { keys: ['PageDown'], label: 'Film after this one', run: () => act.film(1) },
    { keys: ['PageUp'], label: 'Film before', run: () => act.film(-1) },
    { keys: ['Escape'], label: 'No joint chosen', run: () => act.deselect() },
  ];
}
