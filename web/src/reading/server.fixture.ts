// The server, as far as a reading asks it: what the tests of the desk talk to.

import { aReading } from './reading.fixture';
import type { ModelView, ReadingShown, ScoreChange } from './shapes';

const SIZE = { 'x-film-width': '2', 'x-film-height': '2' };

/** What the server has, as far as a desk asks it. */
export class Server {
  reading: ReadingShown = aReading(['A']);
  /** The model's scores by film. */
  model: Record<string, ModelView> = {};
  sent: ScoreChange[] = [];
  asked: string[] = [];
  isDown = false;
  /** What another window entered behind every change of this one. */
  after: Partial<ScoreChange> | null = null;

  fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    this.asked.push(`${init?.method ?? 'GET'} ${url}`);
    if (this.isDown) throw new TypeError('Failed to fetch');
    if (url.endsWith('/scores')) return this.save(JSON.parse(init!.body as string) as { scores: ScoreChange[] });
    if (url.endsWith('/commit'))
      this.reading.reading = { ...this.reading.reading, state: 'committed', committed: '2026-01-01' };
    if (url.endsWith('/commit')) return Response.json(this.reading.reading);
    if (url.endsWith('/model')) return Response.json(this.model);
    if (url.includes('/crop?') || url.includes('/pixels?')) return new Response(new Uint16Array(4), { headers: SIZE });
    if (url.endsWith('/readings')) return Response.json([this.reading.reading]);
    return Response.json(this.reading);
  };

  private save({ scores }: { scores: ScoreChange[] }): Response {
    this.sent.push(...scores);
    for (const change of scores) this.enter({ ...change, ...this.after });
    const answer = scores.map((change) => this.placeOf(change));
    return Response.json({ scores: answer, sums: {}, entered: 0, wanted: 86 });
  }

  enter(change: ScoreChange): void {
    const { status, grade, reason } = change;
    Object.assign(this.placeOf(change), { status, grade, reason });
  }

  private placeOf({ film, site, kind }: ScoreChange): object {
    const step = this.reading.steps.find((each) => each.site === site && each.films.includes(film))!;
    return step.places.find((place) => place.film === film && place.kind === kind)!;
  }

  copy(): ReadingShown {
    return JSON.parse(JSON.stringify(this.reading)) as ReadingShown;
  }
}
