import type { TestEventPatternRequest, TestEventPatternResponse } from '../../../api/events.ts';
import { isJsonObject, parseJson } from '../../../base/json.ts';
import { type EventView, parseEvent } from '../../../lang/pattern/event.ts';
import { matches } from '../../../lang/pattern/matcher.ts';
import { compilePattern } from '../../../lang/pattern/pattern.ts';
import type { Handler } from '../../service.ts';
import { validationError } from '../errors.ts';

/** Members without which AWS takes a text for no event. */
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

export function testEventPattern(): Handler<TestEventPatternRequest, TestEventPatternResponse> {
  return (input) => {
    const event = requireEvent(input.Event);
    return { Result: matches(compilePattern(input.EventPattern), event) };
  };
}

function requireEvent(text: string): EventView {
  const invalid = validationError('Parameter Event is not valid.');
  let event: unknown;
  try {
    event = parseJson(text);
  } catch {
    throw invalid;
  }
  if (!isJsonObject(event)) throw invalid;
  for (const name of REQUIRED) {
    if (!Object.hasOwn(event, name)) {
      throw validationError(`Parameter Event is not valid. Reason: ${name} is a required argument.`);
    }
  }
  return parseEvent(text);
}
