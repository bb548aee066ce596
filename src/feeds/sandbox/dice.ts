// Chance that depends on its key alone: the same key throws the same numbers on every machine and in every version.

/** A row of pseudo-random numbers (mulberry32, seeded by FNV-1a of the key). For a make-believe bank; no secret may come from it. */
export class Dice {
  private state: number;

  constructor(key: string) {
    this.state = hash(key);
  }

  /** Between `low` and `high`, both included. */
  int(low: number, high: number): number {
    return low + (this.next() % (high - low + 1));
  }

  chance(percent: number): boolean {
    return this.next() % 100 < percent;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.next() % values.length]!;
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

/** `length` letters and digits (at most 13) that stand for the key. */
export function fingerprint(key: string, length: number): string {
  return [`${key}#1`, `${key}#2`]
    .map((part) => hash(part).toString(36).padStart(7, '0'))
    .join('')
    .slice(-length);
}

/** FNV-1a over UTF-16 units, its bits stirred once more at the end: neighbouring keys must not throw alike. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}
