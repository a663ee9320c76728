/**
 * Checks attribute values that came from outside and brings them into the one form that everything else relies on:
 * exactly one member a value, canonical numbers, sets without duplicates, at most 32 levels. What needs no change
 * is passed on as it is, not copied. The words of the errors are those that AWS answers with.
 */
import { type AttributeType, type AttributeValue, bytesKey, type Item, itemOf } from './attribute-value.ts';
import { decimalRangeError, formatDecimal, isPlainWholeNumber, parseDecimal } from './decimal.ts';
import { parameterError, validationError } from './errors.ts';

/** "Attribute nesting: up to 32 levels deep" (developer guide, quotas). */
export const NESTING_LEVELS_MAX = 32;

/** The number's canonical text. Throws `ValidationException`. */
export function normalizeNumber(text: string): string {
  if (isPlainWholeNumber(text)) return text;
  if (text === '') throw validationError('The parameter cannot be converted to a numeric value');
  const decimal = parseDecimal(text);
  if (decimal === undefined) {
    throw validationError(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const error = decimalRangeError(decimal);
  if (error !== undefined) throw validationError(error);
  return formatDecimal(decimal);
}

/**
 * The value in canonical form. Half a surrogate pair becomes U+FFFD, as encoding it would make it: two keys that are
 * equal on disk are equal in memory. Throws `ValidationException`.
 */
export function normalizeValue(value: AttributeValue, depth = 0): AttributeValue {
  if (depth > NESTING_LEVELS_MAX) {
    throw validationError(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  }
  const type = singleType(value);
  switch (type) {
    case 'S': {
      const text = value.S ?? '';
      return text.isWellFormed() ? value : { S: text.toWellFormed() };
    }
    case 'N': {
      const text = value.N ?? '';
      const canonical = normalizeNumber(text);
      return canonical === text ? value : { N: canonical };
    }
    case 'NULL':
      if (value.NULL !== true) throw parameterError('Null attribute value types must have the value of true');
      return value;
    case 'M': {
      const map = value.M ?? {};
      const normalized = normalizeItem(map, depth + 1);
      return normalized === map ? value : { M: normalized };
    }
    case 'L':
      return normalizeList(value, depth);
    case 'SS':
    case 'NS':
    case 'BS':
      return normalizeSet(value, type);
    default:
      return value;
  }
}

/** The attributes in canonical form; the object itself when nothing had to change. Throws `ValidationException`. */
export function normalizeItem(item: Item, depth = 0): Item {
  let changed = false;
  const entries: [string, AttributeValue][] = [];
  for (const [name, value] of Object.entries(item)) {
    const normalized = normalizeValue(value, depth);
    changed ||= normalized !== value;
    entries.push([name, normalized]);
  }
  return changed ? itemOf(entries) : item;
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS']);

function singleType(value: AttributeValue): AttributeType {
  let found: AttributeType | undefined;
  for (const member in value) {
    if (!KNOWN_TYPES.has(member) || value[member as AttributeType] === undefined) continue;
    if (found !== undefined) {
      throw validationError(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      );
    }
    found = member as AttributeType;
  }
  if (found === undefined) {
    throw validationError(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  }
  return found;
}

function normalizeList(value: AttributeValue, depth: number): AttributeValue {
  const list = value.L ?? [];
  const normalized = list.map((element) => normalizeValue(element, depth + 1));
  return normalized.every((element, index) => element === list[index]) ? value : { L: normalized };
}

function normalizeSet(value: AttributeValue, type: 'SS' | 'NS' | 'BS'): AttributeValue {
  if (value[type]?.length === 0) {
    // The two blanks are AWS's.
    if (type === 'SS') throw parameterError('An string set  may not be empty');
    if (type === 'NS') throw parameterError('An number set  may not be empty');
    throw parameterError('Binary sets should not be empty');
  }
  if (value.SS !== undefined) {
    if (hasDuplicates(value.SS)) {
      throw parameterError(`Input collection [${value.SS.join(', ')}] contains duplicates.`);
    }
    return value;
  }
  if (value.BS !== undefined) {
    if (hasDuplicates(value.BS.map(bytesKey))) {
      const shown = value.BS.map((bytes) => Buffer.from(bytes).toString('base64')).join(', ');
      throw parameterError(`Input collection [${shown}]of type BS contains duplicates.`);
    }
    return value;
  }
  const numbers = (value.NS ?? []).map(normalizeNumber);
  if (hasDuplicates(numbers)) throw validationError('Input collection contains duplicates');
  return { NS: numbers };
}

function hasDuplicates(members: readonly string[]): boolean {
  return new Set(members).size !== members.length;
}
