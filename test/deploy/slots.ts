// Ports that servers come and go on for the length of a test. The system hands out none of them to others in between.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what is handed out for a connection, and above what is known by a name. */
const FROM = 12_000;
const TO = 32_000;

export async function slots(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(FROM, TO);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
