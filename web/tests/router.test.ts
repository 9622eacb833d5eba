import { beforeEach, expect, test } from 'vitest';
import { find, navigate, place } from '$lib/router.svelte';

const routes = [
  { pattern: '/', page: 'home' },
  { pattern: '/studies/new', page: 'new' },
  { pattern: '/studies/:id', page: 'study' },
];

beforeEach(() => history.replaceState(null, '', '/'));

test('the first route that fits is found, with its parameters', () => {
  expect(find(routes, '/studies/new')?.route.page).toBe('new');
  expect(find(routes, '/studies/a%20b')).toEqual({ route: routes[2], params: { id: 'a b' } });
  expect(find(routes, '/')?.route.page).toBe('home');
});

test('an address without a page is nobody’s', () => {
  expect(find(routes, '/studies')).toBeNull();
  expect(find(routes, '/studies/a/b')).toBeNull();
});

test('a mistyped escape is taken as it stands', () => {
  expect(find(routes, '/studies/%E0')?.params.id).toBe('%E0');
});

test('going somewhere changes the address behind # and what pages see', () => {
  navigate('/films?folder=trial');
  expect(location.hash).toBe('#/films?folder=trial');
  expect(place.path).toBe('/films');
  expect(place.query.get('folder')).toBe('trial');
});

test('a one-time token behind # is no page', () => {
  history.replaceState(null, '', '/welcome#abc');
  dispatchEvent(new HashChangeEvent('hashchange'));
  expect(place.path).toBe('/');
  navigate('/', { replace: true });
  expect(location.pathname).toBe('/');
});
