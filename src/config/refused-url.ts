/** The spellings of a store, as a phrase that follows "takes". */
export const STORE_URL_TAKES =
  'postgresql://user:password@host:5432/database (also postgres://, postgresql+psycopg://, postgresql+psycopg2://), ' +
  'sqlite:///relative/path.db, sqlite:////absolute/path.db or file:path.db, without white space around it';

/** A store URL that can't be used; `takes` says what is wanted instead. Never leaves this folder. */
export class RefusedUrl extends Error {
  constructor(readonly takes: string) {
    super(takes);
  }
}
