// Every change of the schema, in the order in which they are applied. What has been applied anywhere stays as it is: a mistake is put right by the next one.
import { type Migration } from '../src/database/schema/migration.js';

export const MIGRATIONS: readonly Migration[] = [];
