// Another process that holds an SQLite file until it is killed: argv is the path.
import Database from 'better-sqlite3';

const database = new Database(process.argv[2], { timeout: 5000 });
database.exec('BEGIN IMMEDIATE');
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
