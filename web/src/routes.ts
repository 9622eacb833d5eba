// Every page: its address, who may open it, and where its code is. Pages come when they are first opened.

import type { Component } from 'svelte';
import type { Route } from '$lib/router.svelte';

export type Role = 'manager' | 'reader' | 'adjudicator';

export interface Page {
  title: string;
  load: () => Promise<{ default: Component<Record<string, string>> }>;
  roles?: readonly Role[];
  /** Fills the window below the bar; nothing scrolls but what the page lets scroll. */
  full?: boolean;
  /** Pages of one name share a component that stays when its parameters change; others are made anew. */
  keep?: string;
}

const MANAGER = ['manager'] as const;
const SCORERS = ['reader', 'adjudicator'] as const;

// Pages take the parameters of their addresses as props: `/readings/:id` gives `{ id }`.
const of = (load: () => Promise<{ default: unknown }>) => load as Page['load'];

export const routes: readonly Route<Page>[] = [
  { pattern: '/', page: { title: 'Home', load: of(() => import('./pages/Home.svelte')) } },
  { pattern: '/account', page: { title: 'My account', load: of(() => import('./pages/Account.svelte')) } },
  {
    pattern: '/readings/:id',
    page: {
      title: 'Reading',
      roles: SCORERS,
      full: true,
      load: of(() => import('./reading/ReadingPage.svelte')),
    },
  },
  {
    pattern: '/adjudications/:id',
    page: {
      title: 'Adjudication',
      roles: SCORERS,
      full: true,
      load: of(() => import('./adjudication/AdjudicationPage.svelte')),
    },
  },
  {
    pattern: '/marking',
    page: { title: 'Marking', full: true, keep: 'marking', load: of(() => import('./marking/MarkingPage.svelte')) },
  },
  {
    pattern: '/marking/:film',
    page: { title: 'Marking', full: true, keep: 'marking', load: of(() => import('./marking/MarkingPage.svelte')) },
  },
  {
    pattern: '/studies',
    page: { title: 'Studies', roles: MANAGER, load: of(() => import('./pages/studies/Studies.svelte')) },
  },
  {
    pattern: '/studies/new',
    page: { title: 'New study', roles: MANAGER, load: of(() => import('./pages/studies/NewStudy.svelte')) },
  },
  {
    pattern: '/studies/:id',
    page: { title: 'Study', roles: MANAGER, load: of(() => import('./pages/studies/StudyPage.svelte')) },
  },
  {
    pattern: '/films',
    page: { title: 'Films', roles: MANAGER, load: of(() => import('./pages/films/Films.svelte')) },
  },
  {
    pattern: '/people',
    page: { title: 'People', roles: MANAGER, load: of(() => import('./pages/people/People.svelte')) },
  },
  {
    pattern: '/marks',
    page: { title: 'Marks', roles: MANAGER, load: of(() => import('./pages/marks/Marks.svelte')) },
  },
  {
    pattern: '/audit',
    page: { title: 'Audit trail', roles: MANAGER, load: of(() => import('./pages/audit/Audit.svelte')) },
  },
];
