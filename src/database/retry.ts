// How often and how soon something that failed for a passing reason is tried again.
import { setTimeout as sleep } from 'node:timers/promises';

export const ATTEMPTS_MAX = 10;
const PAUSE_MS_MIN = 2;
const PAUSE_MS_MAX = 250;

/** Runs `work` up to ATTEMPTS_MAX times; between attempts a pause that doubles, with full jitter so that rivals spread. */
export async function retryPassing<T>(work: () => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isPassing(error)) throw error;
      await sleep(PAUSE_MS_MIN + Math.random() * Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** attempt));
    }
  }
}
