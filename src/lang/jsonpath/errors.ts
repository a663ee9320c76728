/** What goes wrong with a JSONPath. Neither leaves this room: asl turns both into AWS's words. */

/** The text is no path of this dialect. */
export class JsonPathSyntaxError extends Error {
  override readonly name = 'JsonPathSyntaxError';
}

/** A sound path that the document does not satisfy; the message is what AWS (Jayway) says of it. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}
