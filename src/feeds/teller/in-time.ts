// Work that somebody waits for only so long.

/** Nobody waits for it any more. */
export class TooLate extends Error {
  constructor(msMax: number) {
    super(`It was not done within ${msMax} ms.`);
  }
}

/**
 * Gives up after `msMax`. The work itself goes on, unheard, until it asks whether it is late: before it begins, and before what cannot be undone.
 * @throws TooLate
 */
export async function inTime<T>(msMax: number, work: (refuseLate: () => void) => Promise<T>): Promise<T> {
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new TooLate(msMax));
    }, msMax);
  });
  const working = work(() => {
    if (isLate) throw new TooLate(msMax);
  });
  try {
    return await Promise.race([working, end]);
  } finally {
    clearTimeout(timer);
    working.catch(() => undefined);
  }
}
