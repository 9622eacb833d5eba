import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import Check from '$components/Check.svelte';
import ErrorState from '$components/ErrorState.svelte';
import Field from '$components/Field.svelte';
import Tabs from '$components/Tabs.svelte';

afterEach(cleanup);

test('a field is known by its label, and its hint and fault are read out with it', () => {
  render(Field, { label: 'Reason', value: '', hint: 'In a sentence', error: 'Say why' });
  const box = screen.getByLabelText('Reason');
  const described = (box.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id));
  expect(described.map((each) => each?.textContent)).toEqual(['In a sentence', 'Say why']);
  expect(box.getAttribute('aria-invalid')).toBe('true');
});

test('a hint is no part of the name of a tick', () => {
  render(Check, { label: 'Ask the model', hint: 'It takes some seconds a film' });
  expect(screen.getByRole('checkbox', { name: 'Ask the model' })).toBeTruthy();
});

test('arrows go from tab to tab, around the end, and only one is a stop of Tab', async () => {
  const children = createRawSnippet((tab: () => string) => ({ render: () => `<p>${tab()}</p>` }));
  const tabs = ['one', 'two', 'three'].map((value) => ({ value, label: value }));
  render(Tabs, { label: 'Parts', tabs, active: 'one', children });
  await fireEvent.keyDown(screen.getByRole('tab', { name: 'one' }), { key: 'ArrowLeft' });
  const last = screen.getByRole('tab', { name: 'three' });
  expect(last.getAttribute('aria-selected')).toBe('true');
  expect(document.activeElement).toBe(last);
  expect(screen.getAllByRole('tab').filter((each) => each.tabIndex === 0)).toEqual([last]);
});

test('a failure is announced, and can be tried again', async () => {
  let tries = 0;
  render(ErrorState, { problem: 'the server is away', onretry: () => tries++ });
  expect(screen.getByRole('alert').textContent).toContain('the server is away');
  await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(tries).toBe(1);
});
