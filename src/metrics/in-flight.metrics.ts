// How full the service is: how many requests are being worked on, of how many that may be just now.
import { type Registry } from 'prom-client';
import { type InFlight } from '../http/limits/in-flight.js';
import { gauge } from './instruments.js';

export function registerInFlight(registry: Registry, inFlight: InFlight): void {
  gauge(registry, { name: 'passbook_http_requests_in_flight', help: 'Requests that are being worked on.' }, () => [
    [inFlight.count],
  ]);
  gauge(
    registry,
    {
      name: 'passbook_http_requests_in_flight_max',
      help: 'How many may be at a time: `MAX_REQUESTS_IN_FLIGHT`, fewer while answers are slow.',
    },
    () => [[inFlight.places]],
  );
}
