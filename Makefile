# Older habits, kept. What they do is `passbook migrate` (docs/runbooks/migrations.md); `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help db-up db-down db-rev db-init db-reset dist

# Handed on by the environment, so that no shell reads what is in them.
export MESSAGE KIND

MIGRATE := node dist/src/migrate.js
PRODUCTION := $(filter production prod,$(shell printf '%s %s' "$$NODE_ENV" "$$ENV" | tr '[:upper:]' '[:lower:]'))

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

db-init: db-up ## makes the store where it is not there yet, with its schema

db-up: dist ## applies every pending migration
	@$(MIGRATE) up

db-down: dist ## takes back the last migration; LOSE_DATA=yes where that drops something
	@$(MIGRATE) down $(if $(filter yes,$(LOSE_DATA)),--allow-data-loss)

db-rev: dist ## writes the next migration's file: MESSAGE="accounts nickname" [KIND=data]
	@test -n "$$MESSAGE" || { echo 'make db-rev MESSAGE="what it does"' >&2; exit 2; }
	@$(MIGRATE) new "$$MESSAGE" $(if $(KIND),--kind "$$KIND")

db-reset: ## takes everything back and applies it anew: ALL DATA IS LOST. CONFIRM=yes; never in production
	@test -z "$(PRODUCTION)" || { echo 'db-reset: not in production' >&2; exit 1; }
	@test -n "$(filter yes,$(CONFIRM))" || { echo 'db-reset loses all data in the store: make db-reset CONFIRM=yes' >&2; exit 2; }
	@$(MAKE) --no-print-directory dist
	@$(MIGRATE) down --to 0 --allow-data-loss
	@$(MIGRATE) up

# Built where it is not; npm run build after changes.
dist:
	@test -e dist/src/migrate.js || npm run --silent build
