// Steps as the API takes them.

import { api, Problem, problemOf } from '$lib/api';
import type { Marks } from './joints';
import type { Failure, Wire } from './saver';
import type { Step } from './steps';

async function send(step: Step): Promise<Marks> {
  const path = { film_id: step.film };
  const body = { change: step.change };
  if (step.kind === 'points') {
    return api.put('/api/marking/films/{film_id}/points', { path, body: { ...body, points: step.points } });
  }
  if (step.kind === 'accept') return api.post('/api/marking/films/{film_id}/accept', { path, body });
  if (step.kind === 'undo') return api.post('/api/marking/films/{film_id}/undo', { path, body });
  if (step.kind === 'redo') return api.post('/api/marking/films/{film_id}/redo', { path, body });
  return (await api.post('/api/marking/films/{film_id}/done', { path })).marks;
}

function failureOf(thrown: unknown): Failure {
  return { passing: thrown instanceof Problem && thrown.passing, problem: problemOf(thrown) };
}

export const wire: Wire = { send, failureOf };
