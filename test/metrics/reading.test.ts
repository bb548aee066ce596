// What costs a question is asked seldom, by one at a time, and is never waited for longer than may be.
import { expect, it } from 'vitest';
import { Reading } from '../../src/metrics/reading.js';

const PATIENT = { keepMs: 60_000, waitMs: 60_000 };

it('is asked once while its answer is good, by however many', async () => {
  let asked = 0;
  const reading = new Reading(async () => ++asked, PATIENT);
  await Promise.all([reading.refresh(), reading.refresh()]);
  await reading.refresh();
  expect([reading.value, reading.isFresh]).toEqual([1, true]);
});

it('is asked again when its answer is old', async () => {
  let asked = 0;
  const reading = new Reading(async () => ++asked, { ...PATIENT, keepMs: 0 });
  await reading.refresh();
  await reading.refresh();
  expect([reading.value, reading.isFresh]).toEqual([2, false]);
});

it('is not waited for, and not asked a second time, while nobody answers', async () => {
  let asked = 0;
  let answer: (value: string) => void = () => undefined;
  const reading = new Reading(
    () => {
      asked++;
      return new Promise<string>((resolve) => (answer = resolve));
    },
    { ...PATIENT, waitMs: 1 },
  );
  await reading.refresh();
  await reading.refresh();
  expect([asked, reading.value, reading.age]).toEqual([1, undefined, undefined]);
  answer('at last');
  await reading.refresh();
  expect(reading.value).toBe('at last');
});

it('keeps its last answer when it fails, and its age tells', async () => {
  let fails = false;
  const reading = new Reading(
    async () => {
      if (fails) throw new Error('down');
      return 'well';
    },
    { ...PATIENT, keepMs: 0 },
  );
  await reading.refresh();
  fails = true;
  const before = reading.age!;
  await reading.refresh();
  expect(reading.value).toBe('well');
  expect(reading.age).toBeGreaterThan(before);
});
