/** Checks payload templates and paths: what parse.ts compiles later must compile. */
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { JsonPathSyntaxError } from '../jsonpath/errors.ts';
import { compileReferencePath } from '../jsonpath/reference.ts';
import type { Findings } from './diagnostics.ts';
import { compileExpression, compilePathExpression } from './expression.ts';

/** True when `compile` accepts its text. */
function compiles(compile: () => unknown): boolean {
  try {
    compile();
    return true;
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) return false;
    throw error;
  }
}

/** Every member whose name ends in `.$` must hold an expression. Findings are located at the template. */
export function validateTemplate(template: Json, findings: Findings, location: string): void {
  if (Array.isArray(template)) {
    for (const item of template) validateTemplate(item as Json, findings, location);
  } else if (isJsonObject(template)) {
    for (const [field, value] of Object.entries(template)) {
      if (!field.endsWith('.$')) {
        validateTemplate(value, findings, location);
      } else if (typeof value !== 'string' || !compiles(() => compileExpression(value))) {
        findings.schema(
          `The value for the field '${field}' must be a valid JSONPath or a valid intrinsic function call`,
          location,
        );
      }
    }
  }
}

/** A path, where null is allowed or not. */
export function validatePath(value: Json, findings: Findings, location: string): void {
  if (value === null) return;
  if (typeof value !== 'string' || !compiles(() => compilePathExpression(value))) {
    findings.schema('Value is not a valid JSONPath', location);
  }
}

/** A path or a call of an intrinsic function. */
export function validateExpression(value: Json, findings: Findings, location: string): void {
  if (typeof value !== 'string' || !compiles(() => compileExpression(value))) {
    findings.schema('Value is not a valid JSONPath or intrinsic function call', location);
  }
}

/** A path that names one place; null discards. */
export function validateReferencePath(value: Json, findings: Findings, location: string): void {
  if (value === null) return;
  if (typeof value !== 'string' || !compiles(() => compileReferencePath(value))) {
    findings.schema('Value is not a Reference Path', location);
  }
}
