// compose.yaml: PostgreSQL, then the migrations, then the server.
import { parse } from 'yaml';
import { type Finding, type Tree } from '../kube.js';
import { isServed } from './probes.js';
import { checkGivenAway, judgeProcess } from './process.js';

export function checkCompose(text: string): Finding[] {
  const file = 'compose.yaml';
  const { services, volumes }: Tree = parse(text, { merge: true });
  const { postgres, migrate, server } = services;
  const finding = (path: string, problem: string): Finding => ({ object: file, path, problem });
  const ready = /'http:\/\/127\.0\.0\.1:(\d+)(\/\w+)'/.exec(server.healthcheck?.test.at(-1) ?? '');
  const port = String(server.environment.PORT);
  const published = server.ports.map((mapping: string) => mapping.split(':').at(-1));
  const hosts = [migrate, server].map(({ environment }) => /@([\w-]+):/.exec(environment.DATABASE_URL)?.[1] ?? '');
  const named = Object.values<Tree>(services).flatMap((service) =>
    (service.volumes ?? []).map((volume: string) => volume.split(':')[0]),
  );
  return [
    ...checkGivenAway(file, text),
    ...[
      { path: 'services.migrate', service: migrate },
      { path: 'services.server', service: server },
    ].flatMap(({ path, service }) => [
      // The image says production.
      ...judgeProcess({
        file,
        path,
        command: service.command,
        variables: { NODE_ENV: 'production', ...service.environment },
        graceSeconds: Number.parseInt(service.stop_grace_period ?? '10s', 10),
      }),
      ...(service.read_only === true && service.cap_drop?.includes('ALL') === true
        ? []
        : [finding(path, 'may do more')]),
      ...(service.depends_on?.postgres?.condition === 'service_healthy'
        ? []
        : [finding(path, 'does not wait for PostgreSQL')]),
    ]),
    ...(server.depends_on.migrate?.condition === 'service_completed_successfully'
      ? []
      : [finding('services.server.depends_on', 'does not wait for the migrations')]),
    ...(migrate.image === server.image ? [] : [finding('services.migrate.image', 'is not that of the server')]),
    ...(Number(/postgres:(\d+)$/.exec(postgres.image)?.[1]) >= 16
      ? []
      : [finding('services.postgres.image', 'is older than 16')]),
    ...(postgres.healthcheck === undefined ? [finding('services.postgres', 'says not when it is healthy')] : []),
    ...(ready !== null && isServed(ready[2]!)
      ? []
      : [finding('services.server.healthcheck', 'asks for nothing that is served')]),
    ...(ready?.[1] === port && published.includes(port)
      ? []
      : [finding('services.server.ports', 'are not the PORT that the server listens on')]),
    ...hosts
      .filter((host) => services[host] === undefined)
      .map((host) => finding('services', `there is no service ${host}`)),
    ...named
      .filter((volume) => !volume.startsWith('.') && !Object.keys(volumes).includes(volume))
      .map((volume) => finding('volumes', `there is no volume ${volume}`)),
  ];
}
