/** Findings about a definition, as ValidateStateMachineDefinition answers them and CreateStateMachine refuses with. */
import { AwsError } from '../../base/errors.ts';

export type DiagnosticCode =
  | 'INVALID_JSON_DESCRIPTION'
  | 'MISSING_END_STATE'
  | 'MISSING_TRANSITION_TARGET'
  | 'SCHEMA_VALIDATION_FAILED';

export interface Diagnostic {
  readonly severity: 'ERROR';
  readonly code: DiagnosticCode;
  readonly message: string;
  /** A path into the definition such as `/States/A/Next`; MISSING_END_STATE has none. */
  readonly location?: string;
}

/** Collects findings; a definition has at most 1 MiB, so their number is bounded. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];

  add(code: DiagnosticCode, message: string, location?: string): void {
    this.diagnostics.push({
      severity: 'ERROR',
      code,
      message,
      ...(location === undefined ? {} : { location }),
    });
  }

  /** A part of the definition is not as the schema wants it. */
  schema(message: string, location: string): void {
    this.add('SCHEMA_VALIDATION_FAILED', message, location);
  }
}

/** CreateStateMachine's refusal, which lists all findings. */
export function invalidDefinition(diagnostics: readonly Diagnostic[]): AwsError {
  const list = diagnostics.map(({ code, message, location }) =>
    location === undefined ? `${code}: ${message}` : `${code}: ${message} at ${location}`,
  );
  return new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${list.join(', ')}'`);
}
