// What adapters are called in rows and answers, where more than the adapter itself has to know.
export const TELLER_FEED = 'teller';
