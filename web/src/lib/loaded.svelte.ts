// What a page loads: nothing yet, a problem, or the thing itself; `again` loads it anew and keeps the old one meanwhile.

import { problemOf } from './api';

export class Loaded<T> {
  value = $state.raw<T | undefined>(undefined);
  problem = $state<string | null>(null);
  loading = $state(false);
  #load: () => Promise<T>;
  #run = 0;

  constructor(load: () => Promise<T>) {
    this.#load = load;
    void this.again();
  }

  /** Load; of two loads at a time the later one counts. */
  async again(): Promise<void> {
    const run = ++this.#run;
    this.loading = true;
    try {
      const value = await this.#load();
      if (run === this.#run) {
        this.value = value;
        this.problem = null;
      }
    } catch (failure) {
      if (run === this.#run) this.problem = problemOf(failure);
    } finally {
      if (run === this.#run) this.loading = false;
    }
  }
}
