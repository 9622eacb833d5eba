/** The viewer's keys, as the help shows them. */

import type { Binding } from '$lib/keys.svelte';

/** What keys do; directions are as seen. */
export interface Actions {
  zoom(factor: number): void;
  fit(): void;
  reset(): void;
  invert(): void;
  turn(quarters: number): void;
  mirror(): void;
  /** By steps: a narrower window is positive, a brighter film is positive. */
  window(narrower: number, brighter: number): void;
  /** Press or let go. */
  magnify(held: boolean): void;
  grip(held: boolean): void;
  /** One step with an arrow: of the chosen joint, else of the films. */
  step(dx: number, dy: number, large: boolean): void;
}

const ARROWS: readonly [string, number, number][] = [
  ['ArrowLeft', -1, 0],
  ['ArrowRight', 1, 0],
  ['ArrowUp', 0, -1],
  ['ArrowDown', 0, 1],
];
const ZOOM_STEP = 1.25;

export function filmKeys(act: Actions): Binding[] {
  const sign = (event: KeyboardEvent) => (event.shiftKey ? -1 : 1);
  return [
    { keys: ['+'], label: 'Larger, at the cursor', run: () => act.zoom(ZOOM_STEP) },
    { keys: ['-'], label: 'Smaller', run: () => act.zoom(1 / ZOOM_STEP) },
    { keys: ['='], label: 'Fit the film', run: () => act.fit() },
    { keys: ['Home'], label: 'Everything as at first', run: () => act.reset() },
    { keys: ['Space'], label: 'Held: drag moves the film', run: () => act.grip(true) },
    { keys: ['m'], label: 'Held: magnifier', run: (event) => event.repeat || act.magnify(true) },
    { keys: ['i'], label: 'Invert', run: () => act.invert() },
    { keys: ['w'], label: 'More contrast; with Shift less', run: (event) => act.window(sign(event), 0) },
    { keys: ['l'], label: 'Brighter; with Shift darker', run: (event) => act.window(0, sign(event)) },
    { keys: ['r'], label: 'Turn right; with Shift left', run: (event) => act.turn(sign(event)) },
    { keys: ['x'], label: 'Mirror', run: () => act.mirror() },
    ...arrows(act),
  ];
}

/** One line of help for all arrows, under the first one; the others answer without a word. */
function arrows(act: Actions): Binding[] {
  const told = { keys: ARROWS.map(([key]) => key), label: 'Move the chosen joint or the film; with Shift further' };
  const silent = ARROWS.flatMap(([key, dx, dy]) => [
    { keys: [key], label: key, hidden: true, run: () => act.step(dx, dy, false) },
    { keys: [`Shift+${key}`], label: `Shift+${key}`, hidden: true, run: () => act.step(dx, dy, true) },
  ]);
  return [...silent, { ...told, run: () => undefined }];
}
