/**
 * Which region is home. It is known from the settings until an operator moves it; each move has a number one higher
 * than what its region knew, and whoever hears of two keeps the higher one, so that all regions come to the same in the
 * end.
 */
export interface HomeRecord {
  readonly region: string;
  /** 0 is what the settings say. */
  readonly number: number;
}

/** Of two moves with one number, made at the same time in two regions, all take the same. */
export function laterHome(one: HomeRecord, other: HomeRecord): HomeRecord {
  if (one.number !== other.number) return one.number > other.number ? one : other;
  return one.region <= other.region ? one : other;
}

export function isHomeRecord(value: unknown): value is HomeRecord {
  const { region, number } = (value ?? {}) as Partial<HomeRecord>;
  return typeof region === 'string' && Number.isSafeInteger(number);
}
