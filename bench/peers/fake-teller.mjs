// The tests' fake Teller as a process of its own: told how many lines an account shall have, it answers with a consent to it.
import { lineAt } from '../lib/rows.mjs';

const { FakeTeller } = await import('../../test/feeds/teller/fake-teller/server.ts');

const teller = await FakeTeller.start();
const ALONE = { accounts: 1, of: 4_000_000 };

/** Such lines as the door writes, as a bank has them: they fill the two years. @param {number} from @param {number} count */
function consentTo(from, count) {
  const account = teller.bank.open();
  account.fill(count, (/** @type {number} */ index) => {
    const { amount, description, category, counterparty, type } = lineAt(from + index, ALONE);
    const { date } = lineAt(index, { ...ALONE, of: count });
    const cents = amount < 0n ? -amount : amount;
    const text = `${amount < 0n ? '-' : ''}${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
    return { date, amount: text, description, category, counterparty, type };
  });
  return teller.bank.enroll([account]).onSuccess();
}

process.on('message', (/** @type {{ from: number, lines: number }} */ { from, lines }) => {
  process.send?.({ consent: consentTo(from, lines) });
  // A test looks at what was asked; here it would only be kept.
  teller.asked.length = 0;
});
process.once('disconnect', () => void teller.stop().then(() => process.exit()));
process.send?.({ variables: teller.variables() });
