import { afterEach, expect, test, vi } from 'vitest';
import { handleKey, help, nameOf, registerKeys, written, type Scope } from '$lib/keys.svelte';

const removals: (() => void)[] = [];
afterEach(() => {
  removals.splice(0).forEach((remove) => remove());
  document.body.innerHTML = '';
});

function scope(title: string, keys: string[], more: Partial<Scope> & { whileTyping?: boolean } = {}) {
  const run = vi.fn();
  const { whileTyping, ...rest } = more;
  removals.push(registerKeys({ title, bindings: [{ keys, label: title, run, whileTyping }], ...rest }));
  return run;
}

function press(key: string, how: KeyboardEventInit = {}, target: Element = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...how });
  target.addEventListener('keydown', (each) => handleKey(each as KeyboardEvent), { once: true });
  target.dispatchEvent(event);
  return event;
}

test('keys are named as they are typed', () => {
  expect(nameOf(new KeyboardEvent('keydown', { key: ' ' }))).toBe('Space');
  expect(nameOf(new KeyboardEvent('keydown', { key: '+', shiftKey: true }))).toBe('+');
  expect(nameOf(new KeyboardEvent('keydown', { key: 'Z', ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+z');
  expect(nameOf(new KeyboardEvent('keydown', { key: 'Tab', shiftKey: true }))).toBe('Shift+Tab');
  expect(nameOf(new KeyboardEvent('keydown', { key: 'z', metaKey: true }))).toBe('Ctrl+z');
});

test('a key runs its binding, and the browser does nothing with it', () => {
  const run = scope('page', ['n']);
  expect(press('n').defaultPrevented).toBe(true);
  expect(press('x').defaultPrevented).toBe(false);
  expect(run).toHaveBeenCalledOnce();
});

test('the scope that came last goes first, and gives its keys back when it leaves', () => {
  const below = scope('below', ['n']);
  const above = scope('above', ['n']);
  press('n');
  removals.pop()?.();
  press('n');
  expect([above.mock.calls.length, below.mock.calls.length]).toEqual([1, 1]);
});

test('a dialog hides the keys of the page, from the help as well', () => {
  const below = scope('page', ['n']);
  removals.push(registerKeys({ title: 'dialog', bindings: [], exclusive: true }));
  press('n');
  expect(below).not.toHaveBeenCalled();
  expect(help.scopes.map((each) => each.title)).toEqual(['dialog']);
});

test('a field of text keeps its keys, but for those that are meant for it', () => {
  document.body.innerHTML = '<input type="text"><input type="checkbox">';
  const [text, tick] = [...document.querySelectorAll('input')] as [HTMLInputElement, HTMLInputElement];
  const plain = scope('plain', ['n']);
  const meant = scope('meant', ['Ctrl+Enter'], { whileTyping: true });
  press('n', {}, text);
  expect(plain).not.toHaveBeenCalled();
  press('Enter', { ctrlKey: true }, text);
  expect(meant).toHaveBeenCalledOnce();
  press('n', {}, tick);
  expect(plain).toHaveBeenCalledOnce();
});

test('space belongs to a button that the keyboard has reached, not to one that was clicked', () => {
  document.body.innerHTML = '<button>Next</button>';
  const button = document.querySelector('button') as HTMLButtonElement;
  const run = scope('page', ['Space']);
  const visible = vi.spyOn(button, 'matches');
  visible.mockImplementation((what) => what === ':focus-visible' || what.startsWith('button'));
  press(' ', {}, button);
  expect(run).not.toHaveBeenCalled();
  visible.mockImplementation((what) => what.startsWith('button'));
  press(' ', {}, button);
  expect(run).toHaveBeenCalledOnce();
});

test('the help writes keys as keyboards do', () => {
  expect(written('ArrowLeft')).toBe('←');
  expect(written('Ctrl+z')).toBe('Ctrl Z');
  expect(written('+')).toBe('+');
  expect(written('Shift+Tab')).toBe('Shift Tab');
});
