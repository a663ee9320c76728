/**
 * The constraints of the models, checked on decoded inputs and reported in AWS's words: `1 validation error
 * detected: Value 'x' at 'name' failed to satisfy constraint: Member must ...`. The texts and their order within a
 * member (pattern, length, enum) are those of recorded answers.
 *
 * A validator is compiled once for a shape and is absent where a shape has nothing to check, so that valid input
 * costs a look at each constrained member. Which code the errors carry, and what a service checks for itself, is a
 * row of `SERVICE_RULES`.
 */
import type {
  ListShape,
  MapShape,
  MemberModel,
  ScalarShape,
  ServiceModel,
  Shape,
  StructureShape,
} from '../api/model.ts';
import { invariant } from '../base/assert.ts';
import { AwsError } from '../base/errors.ts';
import { PATTERN_INPUT_MAX, compilePattern } from './patterns.ts';
import { formatJavaValue } from './java-value.ts';

interface ServiceRule {
  /** The code of a failed validation. */
  readonly code: string;
  /** Shapes whose constraints the handlers check in words of their own. */
  readonly unchecked?: ReadonlySet<string>;
  /** The service checks nothing by its model but that required members are there, with this code and text. */
  readonly missing?: { readonly code: string; message(member: string): string };
}

const DEFAULT_RULE: ServiceRule = { code: 'ValidationException' };

const SERVICE_RULES: ReadonlyMap<string, ServiceRule> = new Map<string, ServiceRule>([
  [
    'sqs',
    {
      code: 'InvalidParameterValue',
      missing: {
        code: 'MissingParameter',
        message: (member) => `The request must contain the parameter ${member}.`,
      },
    },
  ],
  ['logs', { code: 'InvalidParameterException' }],
  ['iam', { code: 'ValidationError' }],
  ['sts', { code: 'ValidationError' }],
  ['route53', { code: 'InvalidInput' }],
  // Names of attributes are every key of every item: DynamoDB's own rules, on their sum, bound them.
  ['dynamodb', { code: 'ValidationException', unchecked: new Set(['AttributeName']) }],
  // An unknown runtime is an InvalidParameterValueException with a text that also speaks of ARNs.
  ['lambda', { code: 'ValidationException', unchecked: new Set(['Runtime']) }],
]);

/** AWS lists an enum in the order of a Java set, not of its model; these are the orders that were recorded. */
const ENUM_ORDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['events.ApiDestinationHttpMethod', ['HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'GET', 'OPTIONS']],
  ['states.ExecutionStatus', ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING']],
]);

/** More is not reported: a batch of thousands of bad members must not make a text of megabytes. */
const REPORTED_ERRORS_MAX = 50;

/** Collects the errors of one input, and knows where in it the walk is. */
class Report {
  readonly errors: string[] = [];
  readonly path: (string | number)[] = [];

  get at(): string {
    return this.path.map((part) => (typeof part === 'number' ? `${part}.member` : part)).join('.');
  }

  add(value: string | undefined, constraint: string): void {
    if (this.errors.length >= REPORTED_ERRORS_MAX) return;
    const shown = value === undefined ? 'Value' : `Value ${value}`;
    this.errors.push(`${shown} at '${this.at}' failed to satisfy constraint: ${constraint}`);
  }
}

type Check = (value: unknown, report: Report) => void;

interface CheckedMember {
  readonly name: string;
  readonly pathName: string;
  readonly required: boolean;
  readonly check: Check | undefined;
}

/** `TableName` is `tableName` in AWS's texts. */
function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** One constraint of a scalar, a list's length or a map's size. */
interface Constraint {
  readonly text: string;
  holds(value: unknown): boolean;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return Object.keys(value as object).length;
}

function boundConstraints(shape: Exclude<Shape, StructureShape>): Constraint[] {
  const isNumber = ['integer', 'long', 'float', 'double'].includes(shape.type);
  const measure = isNumber ? (value: unknown): number => value as number : sizeOf;
  const noun = isNumber ? 'value' : 'length';
  const { min, max } = shape;
  const constraints: Constraint[] = [];
  if (max !== undefined) {
    const text = `Member must have ${noun} less than or equal to ${max}`;
    constraints.push({ text, holds: (value) => measure(value) <= max });
  }
  if (min !== undefined && (isNumber || min > 0)) {
    const text = `Member must have ${noun} greater than or equal to ${min}`;
    constraints.push({ text, holds: (value) => measure(value) >= min });
  }
  return constraints;
}

function patternConstraint(pattern: string): Constraint {
  let compiled: RegExp | undefined;
  return {
    text: `Member must satisfy regular expression pattern: ${pattern}`,
    holds: (value) => {
      // What is too long to match fails its length, or has a bound that no model exceeds.
      if ((value as string).length > PATTERN_INPUT_MAX) return true;
      compiled ??= compilePattern(pattern);
      return compiled.test(value as string);
    },
  };
}

function enumConstraint(key: string, values: readonly string[]): Constraint {
  const allowed: ReadonlySet<unknown> = new Set(values);
  const shown = (ENUM_ORDERS.get(key) ?? values).join(', ');
  return { text: `Member must satisfy enum value set: [${shown}]`, holds: (value) => allowed.has(value) };
}

/** Compiles the checks of one service's inputs. */
export class Validators {
  readonly #model: ServiceModel;
  readonly #rule: ServiceRule;
  readonly #checks = new Map<string, Check | undefined>();

  constructor(model: ServiceModel) {
    this.#model = model;
    this.#rule = SERVICE_RULES.get(model.id) ?? DEFAULT_RULE;
  }

  /** A function that throws the service's validation error for an input that breaks the constraints of its shape. */
  get(shapeName: string): ((input: unknown) => void) | undefined {
    const { missing } = this.#rule;
    if (missing !== undefined) return this.#requiredOnly(shapeName, missing);
    const check = this.#check(shapeName);
    if (check === undefined) return undefined;
    const { code } = this.#rule;
    return (input) => {
      const report = new Report();
      check(input, report);
      const count = report.errors.length;
      if (count === 0) return;
      const errors = count === 1 ? 'validation error' : 'validation errors';
      throw new AwsError(code, `${count} ${errors} detected: ${report.errors.join('; ')}`);
    };
  }

  #requiredOnly(
    shapeName: string,
    missing: NonNullable<ServiceRule['missing']>,
  ): ((input: unknown) => void) | undefined {
    const shape = this.#shape(shapeName);
    const required = shape.type === 'structure' ? (shape.required ?? []) : [];
    if (required.length === 0) return undefined;
    return (input) => {
      for (const name of required) {
        if ((input as Record<string, unknown>)[name] === undefined) {
          throw new AwsError(missing.code, missing.message(name));
        }
      }
    };
  }

  #shape(name: string): Shape {
    const shape = this.#model.shapes[name];
    invariant(shape !== undefined, `the model has no shape ${name}`);
    return shape;
  }

  #check(name: string): Check | undefined {
    if (this.#checks.has(name)) return this.#checks.get(name);
    const shape = this.#shape(name);
    if (!this.#isConstrained(name, new Set())) {
      this.#checks.set(name, undefined);
      return undefined;
    }
    if (shape.type === 'structure') return this.#compileStructure(name, shape);
    const check = this.#compileOther(name, shape);
    this.#checks.set(name, check);
    return check;
  }

  /** Whether anything in a shape is checked at all. A DynamoDB item, for one, is walked only if it must be. */
  #isConstrained(name: string, visiting: Set<string>): boolean {
    if (visiting.has(name)) return false;
    visiting.add(name);
    const shape = this.#shape(name);
    if (shape.type === 'structure') {
      const members = Object.values(shape.members);
      return (
        shape.required !== undefined || members.some((member) => this.#isConstrained(member.shape, visiting))
      );
    }
    if (this.#constraints(name).length > 0) return true;
    if (shape.type === 'list') return this.#isConstrained(shape.member.shape, visiting);
    if (shape.type !== 'map') return false;
    return this.#isConstrained(shape.key.shape, visiting) || this.#isConstrained(shape.value.shape, visiting);
  }

  /** Structures may contain themselves: the check is known by name before its members are compiled. */
  #compileStructure(name: string, shape: StructureShape): Check {
    const members: CheckedMember[] = [];
    const check: Check = (value, report) => checkStructure(value as Record<string, unknown>, members, report);
    this.#checks.set(name, check);
    for (const [memberName, member] of Object.entries(shape.members)) {
      const required = shape.required?.includes(memberName) ?? false;
      const memberCheck = this.#check(member.shape);
      if (!required && memberCheck === undefined) continue;
      members.push({ name: memberName, pathName: lowerFirst(memberName), required, check: memberCheck });
    }
    return check;
  }

  #constraints(name: string): readonly Constraint[] {
    const shape = this.#shape(name);
    if (shape.type === 'structure' || this.#rule.unchecked?.has(name)) return [];
    const constraints = boundConstraints(shape);
    if (shape.type === 'list' || shape.type === 'map') return constraints;
    if (shape.pattern !== undefined) constraints.push(patternConstraint(shape.pattern));
    if (shape.enum !== undefined) constraints.push(enumConstraint(`${this.#model.id}.${name}`, shape.enum));
    return constraints;
  }

  #compileOther(name: string, shape: Exclude<Shape, StructureShape>): Check | undefined {
    const constraints = this.#constraints(name);
    if (shape.type === 'list') return this.#compileList(name, shape, constraints);
    if (shape.type === 'map') return this.#compileMap(name, shape, constraints);
    return constraints.length === 0 ? undefined : this.#compileScalar(name, shape, constraints);
  }

  /** The error texts of a value that hold for it alone, pattern first as AWS reports them. */
  #compileScalar(name: string, shape: ScalarShape, constraints: readonly Constraint[]): Check {
    const ordered = constraints.toSorted((a, b) => Number(isPattern(b)) - Number(isPattern(a)));
    return (value, report) => {
      for (const constraint of ordered) {
        if (!constraint.holds(value)) report.add(this.#shown(name, shape, value), constraint.text);
      }
    };
  }

  #compileList(name: string, shape: ListShape, constraints: readonly Constraint[]): Check | undefined {
    const element = this.#elementCheck(shape.member, 'Member');
    if (constraints.length === 0 && element === undefined) return undefined;
    return (value, report) => {
      const list = value as readonly unknown[];
      for (const constraint of constraints) {
        if (!constraint.holds(list)) report.add(this.#shown(name, shape, list), constraint.text);
      }
      if (element?.kind === 'joint') {
        if (list.some((item) => !element.holds(item)))
          report.add(this.#shown(name, shape, list), element.text);
      } else if (element !== undefined) {
        checkEach(list, element.check, report);
      }
    };
  }

  #compileMap(name: string, shape: MapShape, constraints: readonly Constraint[]): Check | undefined {
    const keys = this.#elementCheck(shape.key, 'Map keys');
    const values = this.#elementCheck(shape.value, 'Map value');
    if (constraints.length === 0 && keys === undefined && values === undefined) return undefined;
    return (value, report) => {
      const map = value as Readonly<Record<string, unknown>>;
      for (const constraint of constraints) {
        if (!constraint.holds(map)) report.add(this.#shown(name, shape, map), constraint.text);
      }
      const present = Object.keys(map).filter((key) => map[key] !== undefined);
      if (keys?.kind === 'joint' && present.some((key) => !keys.holds(key))) {
        report.add(this.#shown(name, shape, map), keys.text);
      }
      if (values?.kind === 'joint') {
        if (present.some((key) => !values.holds(map[key])))
          report.add(this.#shown(name, shape, map), values.text);
      } else if (values !== undefined) {
        for (const key of present) {
          report.path.push(key, 'member');
          values.check(map[key], report);
          report.path.length -= 2;
        }
      }
    };
  }

  /**
   * AWS reports scalars in a list or map once, for the whole container and with all constraints in brackets, but
   * structures one by one with their place.
   */
  #elementCheck(member: MemberModel, subject: string): ElementCheck | undefined {
    const check = this.#check(member.shape);
    if (check === undefined) return undefined;
    const constraints = this.#constraints(member.shape);
    if (constraints.length === 0 || this.#shape(member.shape).type === 'structure')
      return { kind: 'each', check };
    const text = `${subject} must satisfy constraint: [${constraints.map((constraint) => constraint.text).join(', ')}]`;
    return {
      kind: 'joint',
      text,
      holds: (value) => constraints.every((constraint) => constraint.holds(value)),
    };
  }

  #shown(name: string, shape: Shape, value: unknown): string | undefined {
    if (shape.type !== 'structure' && shape.sensitive) return undefined;
    return `'${formatJavaValue(this.#model, name, value)}'`;
  }
}

type ElementCheck =
  | { readonly kind: 'each'; readonly check: Check }
  | { readonly kind: 'joint'; readonly text: string; holds(value: unknown): boolean };

function isPattern(constraint: Constraint): boolean {
  return constraint.text.startsWith('Member must satisfy regular expression');
}

function checkEach(list: readonly unknown[], check: Check, report: Report): void {
  let position = 0;
  for (const item of list) {
    position += 1;
    report.path.push(position);
    check(item, report);
    report.path.pop();
  }
}

function checkStructure(
  value: Readonly<Record<string, unknown>>,
  members: readonly CheckedMember[],
  report: Report,
): void {
  for (const { name, pathName, required, check } of members) {
    const given = value[name];
    if (given === undefined) {
      if (!required) continue;
      report.path.push(pathName);
      report.add('null', 'Member must not be null');
      report.path.pop();
    } else if (check !== undefined) {
      report.path.push(pathName);
      check(given, report);
      report.path.pop();
    }
  }
}
