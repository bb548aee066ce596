-- The two roles of Passbook: passbook_migrate owns the tables and may change them; passbook_server reads and writes their rows.
--
-- Run once, in the database that Passbook is to have, by psql as a role that may create roles:
--   PASSBOOK_MIGRATE_PASSWORD=… PASSBOOK_SERVER_PASSWORD=… psql "$ADMIN_URL" -v ON_ERROR_STOP=1 -f k8s/database/roles.sql
\getenv migrate_password PASSBOOK_MIGRATE_PASSWORD
\getenv server_password PASSBOOK_SERVER_PASSWORD

CREATE ROLE passbook_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE passbook_server LOGIN PASSWORD :'server_password';

GRANT USAGE, CREATE ON SCHEMA public TO passbook_migrate;
GRANT USAGE ON SCHEMA public TO passbook_server;

-- What one role makes for another can be said by its members only: a managed database's administrator is no superuser.
GRANT passbook_migrate TO CURRENT_USER;
ALTER DEFAULT PRIVILEGES FOR ROLE passbook_migrate IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO passbook_server;
REVOKE passbook_migrate FROM CURRENT_USER;
