#!/bin/sh
# Runs a command with DATABASE_URL set. Elastic Beanstalk hands over the database that it runs in parts, RDS_HOSTNAME and so on; the
# password among them stays out of the URL, in which it would have to be encoded. A DATABASE_URL that is set already is left as it is.
set -eu
if [ -z "${DATABASE_URL:-}" ]; then
  : "${RDS_HOSTNAME:?set DATABASE_URL, or let the environment have a database}"
  export PGPASSWORD="$RDS_PASSWORD"
  export DATABASE_URL="postgresql://$RDS_USERNAME@$RDS_HOSTNAME:$RDS_PORT/$RDS_DB_NAME?sslmode=verify-full"
fi
exec "$@"
