// Where the sandbox bank's people spend: per country its merchants (all invented) and its level of prices.

export interface Merchant {
  /** As on the statement. */
  readonly description: string;
  readonly name: string;
  readonly category: string;
  /** As some banks write it once it has posted; absent: the same. */
  readonly posted?: string;
}

export interface Market {
  readonly currency: string;
  /** Minor units for one hundredth of a US dollar: `perCent[0] / perCent[1]`, rounded down to whole `step`s. */
  readonly perCent: readonly [bigint, bigint];
  readonly step: bigint;
  readonly employer: Merchant;
  readonly landlord: Merchant;
  readonly bills: readonly Merchant[];
  readonly subscriptions: readonly Merchant[];
  readonly groceries: readonly Merchant[];
  readonly dining: readonly Merchant[];
  readonly shops: readonly Merchant[];
  readonly fuel: Merchant;
  readonly transit: Merchant;
  readonly broker: string;
}

/** @param rows `description | name | category`, and optionally `| description once posted`. */
function merchants(...rows: readonly string[]): [Merchant, ...Merchant[]] {
  return rows.map((row) => {
    const [description = '', name = '', category = '', posted] = row.split(' | ');
    return { description, name, category, posted };
  }) as [Merchant, ...Merchant[]];
}

function merchant(row: string): Merchant {
  return merchants(row)[0];
}

const UNITED_STATES: Market = {
  currency: 'USD',
  perCent: [1n, 1n],
  step: 1n,
  employer: merchant('ALDERWOOD STUDIOS PAYROLL | Alderwood Studios | income'),
  landlord: merchant('PINE STREET RESIDENCES RENT | Pine Street Residences | home'),
  bills: merchants(
    'CASCADE POWER & LIGHT | Cascade Power & Light | utilities',
    'RIDGELINE MOBILE | Ridgeline Mobile | phone',
    'EVERGUARD MUTUAL PREMIUM | Everguard Mutual | insurance',
  ),
  subscriptions: merchants(
    'LANTERN STREAMING | Lantern Streaming | entertainment',
    'PAPERCLIP CLOUD STORAGE | Paperclip Cloud | software',
    'SUMMIT GYM MEMBERSHIP | Summit Gym | sport',
  ),
  groceries: merchants(
    'GREEN BASKET MARKET #114 | Green Basket Market | groceries',
    'HARVEST LANE FOODS | Harvest Lane Foods | groceries',
    'CORNER PANTRY | Corner Pantry | groceries',
  ),
  dining: merchants(
    'SQ *BLUEBIRD COFFEE | Bluebird Coffee | dining | BLUEBIRD COFFEE ROASTERS PORTLAND',
    'TST* OLIVE & ASH | Olive & Ash | dining | OLIVE & ASH RESTAURANT',
    'NOODLE HARBOR | Noodle Harbor | dining',
    'THE RUSTY ANCHOR | The Rusty Anchor | bar',
  ),
  shops: merchants(
    'FERNWOOD BOOKS | Fernwood Books | shopping',
    'VOLTHOUSE ELECTRONICS | Volthouse Electronics | electronics',
    'THREAD & NEEDLE | Thread & Needle | clothing',
    'WILLOW PHARMACY | Willow Pharmacy | health',
  ),
  fuel: merchant('REDROCK FUEL 0412 | Redrock Fuel | fuel'),
  transit: merchant('METRO TRANSIT FARE | Metro Transit | transport'),
  broker: 'Vega Invest',
};

const FRANCE: Market = {
  currency: 'EUR',
  perCent: [1n, 1n],
  step: 1n,
  employer: merchant('VIREMENT SALAIRE ATELIERS DU CANAL | Ateliers du Canal | income'),
  landlord: merchant('LOYER RÉSIDENCE DES TILLEULS | Résidence des Tilleuls | home'),
  bills: merchants(
    'PRLV ÉLECTRICITÉ DU VALLON | Électricité du Vallon | utilities',
    'PRLV ALOUETTE MOBILE | Alouette Mobile | phone',
    'PRLV MUTUELLE DES RIVES | Mutuelle des Rives | insurance',
  ),
  subscriptions: merchants(
    'CINÉMATHÈQUE EN LIGNE | Cinémathèque en ligne | entertainment',
    'VÉLO-CLUB ABONNEMENT | Vélo-Club | sport',
  ),
  groceries: merchants(
    'CB MARCHÉ SAINT-CÔME | Marché Saint-Côme | groceries',
    'CB ÉPICERIE DU COIN | Épicerie du Coin | groceries',
    'CB BOULANGERIE LEVAIN | Boulangerie Levain | groceries',
  ),
  dining: merchants(
    'CB CAFÉ DES ARTS | Café des Arts | dining | CAFÉ DES ARTS LYON 04',
    'CB BISTROT L’ÉTÉ | Bistrot l’Été | dining',
  ),
  shops: merchants(
    'CB LIBRAIRIE NUAGE | Librairie Nuage | shopping',
    'CB PHARMACIE DU PONT | Pharmacie du Pont | health',
    'CB MAISON LAINE | Maison Laine | clothing',
  ),
  fuel: merchant('CB STATION DU RHÔNE | Station du Rhône | fuel'),
  transit: merchant('CB TRAM TICKET | Tram | transport'),
  broker: 'Horizon Placements',
};

const JAPAN: Market = {
  currency: 'JPY',
  perCent: [3n, 2n],
  step: 10n,
  employer: merchant('給与 カエデ工業 | カエデ工業 | income'),
  landlord: merchant('家賃 みどり不動産 | みどり不動産 | home'),
  bills: merchants('ひかり電力 | ひかり電力 | utilities', 'すずらんモバイル | すずらんモバイル | phone'),
  subscriptions: merchants('つばめ動画 | つばめ動画 | entertainment'),
  groceries: merchants('スーパー あおば | スーパーあおば | groceries', '青果 まるよし | まるよし | groceries'),
  dining: merchants('喫茶 こもれび | こもれび | dining', '居酒屋 くじら | くじら | bar'),
  shops: merchants('書店 雲 | 書店雲 | shopping', '薬局 さくら | 薬局さくら | health'),
  fuel: merchant('日ノ出石油 | 日ノ出石油 | fuel'),
  transit: merchant('市営地下鉄 | 市営地下鉄 | transport'),
  broker: '北斗証券',
};

const KUWAIT: Market = {
  currency: 'KWD',
  perCent: [3n, 1n],
  step: 5n,
  employer: merchant('SALARY PEARL BAY TRADING | Pearl Bay Trading | income'),
  landlord: merchant('RENT DUNE TOWERS | Dune Towers | home'),
  bills: merchants('GULF WATER AND POWER | Gulf Water and Power | utilities', 'FALCON MOBILE | Falcon Mobile | phone'),
  subscriptions: merchants('SADU STREAMING | Sadu Streaming | entertainment'),
  groceries: merchants(
    'OASIS COOPERATIVE | Oasis Cooperative | groceries',
    'DATE PALM MARKET | Date Palm Market | groceries',
  ),
  dining: merchants('CARDAMOM CAFE | Cardamom Cafe | dining', 'THE DHOW | The Dhow | dining'),
  shops: merchants('SOUK PERFUMES | Souk Perfumes | shopping', 'CRESCENT PHARMACY | Crescent Pharmacy | health'),
  fuel: merchant('DESERT FUEL | Desert Fuel | fuel'),
  transit: merchant('CITY BUS | City Bus | transport'),
  broker: 'Sand Dollar Funds',
};

const UNITED_KINGDOM: Market = {
  currency: 'GBP',
  perCent: [4n, 5n],
  step: 1n,
  employer: merchant('THISTLE & CO SALARY | Thistle & Co | income'),
  landlord: merchant('HAWTHORN LETTINGS | Hawthorn Lettings | home'),
  bills: merchants('MOORLAND ENERGY | Moorland Energy | utilities', 'KESTREL BROADBAND | Kestrel Broadband | phone'),
  subscriptions: merchants('LANTERN STREAMING UK | Lantern Streaming | entertainment'),
  groceries: merchants(
    'BARLEY & RYE | Barley & Rye | groceries',
    'THE VILLAGE GROCER | The Village Grocer | groceries',
  ),
  dining: merchants('THE COPPER KETTLE | The Copper Kettle | dining', 'FOX AND HOUNDS | Fox and Hounds | bar'),
  shops: merchants('HEATHER BOOKS | Heather Books | shopping', 'OAKS CHEMIST | Oaks Chemist | health'),
  fuel: merchant('FENLAND PETROL | Fenland Petrol | fuel'),
  transit: merchant('CITY UNDERGROUND | City Underground | transport'),
  broker: 'Rowan Investments',
};

export const MARKETS = { UNITED_STATES, FRANCE, JAPAN, KUWAIT, UNITED_KINGDOM };

/** A price of so many US cents in the market's minor units, at least one step. */
export function price(market: Market, cents: number): bigint {
  const [numerator, denominator] = market.perCent;
  const steps = (BigInt(cents) * numerator) / denominator / market.step;
  return (steps > 0n ? steps : 1n) * market.step;
}
