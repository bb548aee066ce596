// The header Retry-After (RFC 9110, 10.2.3): so many seconds, or a moment.

const SECONDS = /^\d{1,9}$/;

/**
 * Seconds from the answer on, 0 where the moment has passed; undefined where there is no header that can be read.
 * @param answeredAt when the answer was made, in milliseconds since 1970: by the sender's clock, where it tells it
 */
export function retryAfterSeconds(header: string | undefined, answeredAt: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (SECONDS.test(text)) return Number(text);
  const moment = Date.parse(text);
  return Number.isNaN(moment) || !text.endsWith('GMT')
    ? undefined
    : Math.max(0, Math.ceil((moment - answeredAt) / 1_000));
}
