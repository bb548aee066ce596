// Another process that holds an SQLite file: argv is the path and the milliseconds after which it lets go.
import Database from 'better-sqlite3';

const database = new Database(process.argv[2], { timeout: 5000 });
database.exec('BEGIN IMMEDIATE');
process.stdout.write('held\n');
setTimeout(() => {
  database.exec('COMMIT');
  database.close();
}, Number(process.argv[3]));
