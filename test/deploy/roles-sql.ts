// What psql makes of k8s/database/roles.sql: its variables, which come from the environment, quoted as literals.
import { readText } from './kube.js';

export interface RolePasswords {
  readonly migrate_password: string;
  readonly server_password: string;
}

export function rolesSql(passwords: RolePasswords): string {
  const lines = readText('k8s/database/roles.sql').split('\n');
  const statements = lines.filter((line) => !line.startsWith('\\getenv ')).join('\n');
  return statements.replaceAll(/:'(\w+)'/g, (_, name: keyof RolePasswords) => quoted(passwords[name]));
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
