/** Whether the process runs. Says nothing of the store. */
export class Liveness {
  /** @example ok */
  status!: string;
}

/** The fields that older applications promised. */
export class HealthReport {
  /** `ok` or `unavailable`. */
  status!: string;
  /** Whether the store answers: `ok` or `unreachable`. */
  db!: string;
  /** `sqlite` or `postgres`. */
  db_driver!: string;
  /** How the store was spelled: `postgres`, `postgresql`, `sqlite`, `file`, `default` … */
  db_url_kind!: string;
  /** Whether every migration that this program needs is applied. */
  migrations_applied!: boolean;
  /** What is wrong; left out when nothing is. */
  detail?: string;
}
