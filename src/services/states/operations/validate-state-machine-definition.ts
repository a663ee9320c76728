import type {
  ValidateStateMachineDefinitionInput,
  ValidateStateMachineDefinitionOutput,
} from '../../../api/states.ts';
import { validateDefinition } from '../../../lang/asl/validate.ts';
import type { Handler } from '../../service.ts';

/** Diagnostics answered when the caller names no number; AWS's default. */
const DIAGNOSTICS_DEFAULT = 100;

export function validateStateMachineDefinition(): Handler<
  ValidateStateMachineDefinitionInput,
  ValidateStateMachineDefinitionOutput
> {
  // Every finding of ours is an error, so that `severity` (errors alone, or warnings too) changes nothing.
  return ({ definition, type = 'STANDARD', maxResults }) => {
    const found = validateDefinition(definition, type).diagnostics;
    const diagnostics = found.slice(0, maxResults || DIAGNOSTICS_DEFAULT);
    return {
      result: found.length > 0 ? 'FAIL' : 'OK',
      diagnostics,
      truncated: diagnostics.length < found.length,
    };
  };
}
