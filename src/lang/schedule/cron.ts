/**
 * AWS's cron: `minutes hours day-of-month month day-of-week year`, where exactly one of the two day fields is `?`.
 * `, - * /` everywhere, names for months and days, `L`, `W` and `LW` for the day of the month, `L`, `6L` and `6#3` for
 * the day of the week. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
 */
import { dayOfWeek, daysInMonth, fromDays, toDays } from './civil.ts';

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  /** The days of a month on which it fires, in order. */
  readonly daysOf: (year: number, month: number) => readonly number[];
}

interface Field {
  readonly least: number;
  readonly most: number;
  /** Names of the values from `least` on. */
  readonly names?: readonly string[];
}

const MINUTES: Field = { least: 0, most: 59 };
const HOURS: Field = { least: 0, most: 23 };
const DAYS_OF_MONTH: Field = { least: 1, most: 31 };
const MONTHS: Field = {
  least: 1,
  most: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const DAYS_OF_WEEK: Field = { least: 1, most: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };
const YEARS: Field = { least: 1970, most: 2199 };
const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 1440;

type DaysOf = Cron['daysOf'];

/** Parses the text between the parentheses; `undefined` when AWS would refuse it. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.split(' ');
  if (fields.length !== 6) return undefined;
  const [minuteText = '', hourText = '', dayText = '', monthText = '', weekdayText = '', yearText = ''] =
    fields;
  if ((dayText === '?') === (weekdayText === '?')) return undefined;
  const minutes = parseField(minuteText, MINUTES);
  const hours = parseField(hourText, HOURS);
  const months = parseField(monthText, MONTHS);
  const years = parseField(yearText, YEARS);
  const daysOf = weekdayText === '?' ? parseDaysOfMonth(dayText) : parseDaysOfWeek(weekdayText);
  if (!minutes || !hours || !months || !years || !daysOf) return undefined;
  return { minutes, hours, months: new Set(months), years: new Set(years), daysOf };
}

/** The values of a list such as `1,5-9,20/2,MON-FRI`, in order; `undefined` when it is malformed. */
function parseField(text: string, field: Field): readonly number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    if (!addPart(values, part, field)) return undefined;
  }
  return [...values].sort((a, b) => a - b);
}

function addPart(values: Set<number>, part: string, field: Field): boolean {
  const [rangeText = '', stepText, ...more] = part.split('/');
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (more.length > 0 || step === undefined || step < 1) return false;
  const range = parseRange(rangeText, field, stepText !== undefined);
  if (range === undefined) return false;
  const [first, last] = range;
  // A range may run over the end, as 22-2 does.
  const span = field.most - field.least + 1;
  const length = last >= first ? last - first : last - first + span;
  for (let offset = 0; offset <= length; offset += step) {
    values.add(((first - field.least + offset) % span) + field.least);
  }
  return true;
}

function parseRange(text: string, field: Field, hasStep: boolean): readonly [number, number] | undefined {
  if (text === '*') return [field.least, field.most];
  const [firstText = '', lastText, ...more] = text.split('-');
  const first = parseValue(firstText, field);
  if (first === undefined || more.length > 0) return undefined;
  if (lastText === undefined) return [first, hasStep ? field.most : first];
  const last = parseValue(lastText, field);
  return last === undefined ? undefined : [first, last];
}

function parseValue(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named === -1 ? parseNumber(text) : field.least + named;
  return value !== undefined && value >= field.least && value <= field.most ? value : undefined;
}

function parseNumber(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function parseDaysOfMonth(text: string): DaysOf | undefined {
  if (text === 'L') return (year, month) => [daysInMonth(year, month)];
  if (text === 'LW') return (year, month) => [nearestWeekday(year, month, daysInMonth(year, month))];
  if (text.endsWith('W')) {
    const wanted = parseValue(text.slice(0, -1), DAYS_OF_MONTH);
    if (wanted === undefined) return undefined;
    return (year, month) => (wanted <= daysInMonth(year, month) ? [nearestWeekday(year, month, wanted)] : []);
  }
  const days = parseField(text, DAYS_OF_MONTH);
  return days && ((year, month) => days.filter((day) => day <= daysInMonth(year, month)));
}

/** Monday to Friday nearest to a day, within its month. */
function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = dayOfWeek(toDays({ year, month, day }));
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === daysInMonth(year, month) ? day - 2 : day + 1;
  return day;
}

function parseDaysOfWeek(text: string): DaysOf | undefined {
  // Alone, L is the last day of the week.
  if (text === 'L') return weekdays([7]);
  if (text.endsWith('L')) {
    const wanted = parseValue(text.slice(0, -1), DAYS_OF_WEEK);
    return wanted === undefined ? undefined : (year, month) => weekdaysOf(year, month, [wanted]).slice(-1);
  }
  const [dayText = '', nthText, ...more] = text.split('#');
  if (nthText !== undefined) {
    const wanted = parseValue(dayText, DAYS_OF_WEEK);
    const nth = parseNumber(nthText);
    if (wanted === undefined || nth === undefined || nth < 1 || nth > 5 || more.length > 0) return undefined;
    return (year, month) => weekdaysOf(year, month, [wanted]).slice(nth - 1, nth);
  }
  const days = parseField(text, DAYS_OF_WEEK);
  return days && weekdays(days);
}

function weekdays(wanted: readonly number[]): DaysOf {
  return (year, month) => weekdaysOf(year, month, wanted);
}

function weekdaysOf(year: number, month: number, wanted: readonly number[]): number[] {
  const days: number[] = [];
  const first = toDays({ year, month, day: 1 });
  for (let day = 1; day <= daysInMonth(year, month); day += 1) {
    if (wanted.includes(dayOfWeek(first + day - 1))) days.push(day);
  }
  return days;
}

/** The first minute after `afterMs` at which it fires, in ms since the epoch; `undefined` after the last one. */
export function nextCron(cron: Cron, afterMs: number): number | undefined {
  const earliest = Math.floor(afterMs / MINUTE_MS) + 1;
  const earliestDay = Math.floor(earliest / MINUTES_PER_DAY);
  const from = fromDays(earliestDay);
  for (let year = from.year; year <= YEARS.most; year += 1) {
    if (!cron.years.has(year)) continue;
    for (let month = year === from.year ? from.month : 1; month <= 12; month += 1) {
      if (!cron.months.has(month)) continue;
      for (const day of cron.daysOf(year, month)) {
        const days = toDays({ year, month, day });
        if (days < earliestDay) continue;
        const minute = nextMinute(cron, days === earliestDay ? earliest - days * MINUTES_PER_DAY : 0);
        if (minute !== undefined) return (days * MINUTES_PER_DAY + minute) * MINUTE_MS;
      }
    }
  }
  return undefined;
}

/** The first minute of a day, not before `from`, at which it fires. */
function nextMinute(cron: Cron, from: number): number | undefined {
  for (const hour of cron.hours) {
    if (hour * 60 + 59 < from) continue;
    for (const minute of cron.minutes) {
      const at = hour * 60 + minute;
      if (at >= from) return at;
    }
  }
  return undefined;
}
