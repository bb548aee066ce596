// Takes away from a request what its failure does not need.
import { type Outgoing } from './exchange.js';

const TRIES_MAX = 300;

/** The simplest that still fails in the same way. Each try meets the store as the failure left it: what is found is a hint, no proof. */
export async function simplest(
  request: Outgoing,
  stillFails: (simpler: Outgoing) => Promise<boolean>,
): Promise<Outgoing> {
  let best = request;
  let tries = 0;
  for (let found = true; found;) {
    found = false;
    for (const candidate of simplerThan(best)) {
      if ((tries += 1) > TRIES_MAX) return best;
      if (!(await stillFails(candidate))) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  return best;
}

function* simplerThan(request: Outgoing): Generator<Outgoing> {
  for (const index of request.query.keys()) yield { ...request, query: request.query.toSpliced(index, 1) };
  for (const name of Object.keys(request.headers)) {
    const { [name]: _gone, ...headers } = request.headers;
    yield { ...request, headers };
  }
  if (request.payload === undefined) return;
  const { payload, ...bare } = request;
  yield bare;
  for (const simpler of simplerJson(payload)) yield { ...request, payload: simpler };
}

function* simplerJson(payload: string): Generator<string> {
  let whole: unknown;
  try {
    whole = JSON.parse(payload);
  } catch {
    return;
  }
  for (const simpler of simplerValues(whole)) yield JSON.stringify(simpler);
}

function* simplerValues(value: unknown): Generator<unknown> {
  if (typeof value === 'string' && value.length > 1) yield value.slice(0, value.length / 2);
  if (Array.isArray(value)) {
    if (value.length > 3) yield value.slice(0, value.length / 2);
    for (const index of [...value.keys()].slice(0, 5)) {
      yield value.toSpliced(index, 1);
      for (const simpler of simplerValues(value[index])) yield value.with(index, simpler);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = Object.entries(value);
  for (const [index, [name, inside]] of fields.slice(0, 20).entries()) {
    yield Object.fromEntries(fields.toSpliced(index, 1));
    for (const simpler of simplerValues(inside)) yield Object.fromEntries(fields.with(index, [name, simpler]));
  }
}
