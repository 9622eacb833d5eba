// The keys of a reading, in one table for its registry and its help.

import type { Binding } from '$lib/keys.svelte';
import type { Desk } from './desk.svelte';
import type { Sight } from './sight.svelte';

/** What keys open and close on the page. */
export interface Shown {
  dialog: 'none' | 'without' | 'jump' | 'sheet' | 'commit';
  /** The definitions of the grades. */
  guide: boolean;
  /** The whole film instead of the close views. */
  film: boolean;
}

const TEN = 10;

/** Grades: one key each; 10 has a key of its own, so that a 1 need not wait for a 0. A key held down enters once. */
export function gradeKeys(desk: Desk): Binding[] {
  const enter = (event: KeyboardEvent, grade: number): void => {
    if (!event.repeat) desk.act({ do: 'grade', grade });
  };
  return [
    {
      keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      label: 'Enter this grade and go on',
      run: (event) => enter(event, Number(event.key)),
    },
    { keys: ['t', '.', ','], label: 'Enter 10 (erosion of a foot)', run: (event) => enter(event, TEN) },
  ];
}

export function walkKeys(desk: Desk, shown: Shown): Binding[] {
  return [
    { keys: ['n'], label: 'No grade, for a reason', when: () => !desk.isLocked, run: () => (shown.dialog = 'without') },
    { keys: ['ArrowLeft', 'Backspace'], label: 'Back', run: () => desk.act({ do: 'move', by: -1 }) },
    { keys: ['ArrowRight'], label: 'On, without an entry', run: () => desk.act({ do: 'move', by: 1 }) },
    { keys: ['ArrowUp'], label: 'Site before', run: () => desk.act({ do: 'move site', by: -1 }) },
    { keys: ['ArrowDown'], label: 'Next site', run: () => desk.act({ do: 'move site', by: 1 }) },
    { keys: ['u'], label: 'Next that is unscored', run: () => desk.act({ do: 'next unscored' }) },
    { keys: ['j'], label: 'Jump to a site by its name', run: () => (shown.dialog = 'jump') },
    { keys: ['Delete'], label: 'Take the entry back: unscored', run: () => desk.act({ do: 'clear' }) },
    { keys: ['z', 'Ctrl+z'], label: 'Undo', run: () => desk.act({ do: 'undo' }) },
    { keys: ['g'], label: 'What the grades mean', run: () => (shown.guide = !shown.guide) },
    { keys: ['s'], label: 'The sheet of all sites', run: () => (shown.dialog = 'sheet') },
    { keys: ['v'], label: 'The whole film, or back', run: () => (shown.film = !shown.film) },
    { keys: ['Escape'], label: 'Back from the film', when: () => shown.film, run: () => (shown.film = false) },
    { keys: ['c'], label: 'Summary, and commit', when: () => !desk.isLocked, run: () => (shown.dialog = 'commit') },
    {
      keys: ['Enter'],
      label: 'Summary, once everything is entered',
      when: () => desk.isComplete && !desk.isLocked,
      run: () => (shown.dialog = 'commit'),
      hidden: true,
    },
  ];
}

/** The close views; the whole film has keys of its own. */
export function sightKeys(sight: Sight, shown: Shown): Binding[] {
  const when = (): boolean => !shown.film;
  const shifted = (event: KeyboardEvent): 1 | -1 => (event.shiftKey ? -1 : 1);
  return [
    { keys: ['i'], label: 'Invert', when, run: () => sight.invert() },
    { keys: ['+'], label: 'Closer', when, run: () => sight.zoomBy(1) },
    { keys: ['-'], label: 'Wider', when, run: () => sight.zoomBy(-1) },
    { keys: ['='], label: 'As large as at first', when, run: () => sight.fit() },
    { keys: ['Space'], label: 'Size, place and window as at first', when, run: () => sight.reset() },
    {
      keys: ['w'],
      label: 'Window narrower (Shift: wider)',
      when,
      run: (e) => sight.narrow(shifted(e)),
    },
    { keys: ['l'], label: 'Brighter (Shift: darker)', when, run: (e) => sight.brighten(shifted(e)) },
    { keys: ['o'], label: 'Other side: as it is, mirrored, hidden', when, run: () => sight.nextOpposite() },
  ];
}
