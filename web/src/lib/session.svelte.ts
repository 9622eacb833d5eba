// Who is signed in. When a session ends while somebody works, `expired` brings the sign-in over the page as it is, and
// requests that were refused wait in `renewed` until the same person is back.

import type { components } from './openapi';

export type SessionShown = components['schemas']['Session'];

class CurrentSession {
  current = $state<SessionShown | null>(null);
  expired = $state(false);
  #waiting: (() => void)[] = [];

  /** Somebody has signed in. Anybody else than before gets a page of their own: nothing of the other's is kept. */
  begin(shown: SessionShown): void {
    const other = this.current !== null && this.current.account !== shown.account;
    this.current = shown;
    this.expired = false;
    if (other) {
      location.hash = '#/';
      location.reload();
      return;
    }
    for (const go of this.#waiting.splice(0)) go();
  }

  end(): void {
    this.current = null;
    this.expired = false;
    this.#waiting = [];
  }

  /** Resolved when somebody has signed in again. */
  renewed(): Promise<void> {
    this.expired = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export const session = new CurrentSession();
