/** Function URLs by their ids: what a request names is an id and nothing else, neither account nor function. */
import { functionArn, type FunctionRecord, type FunctionUrl } from './function-record.ts';

export interface UrlOwner {
  /** Of the function, without a qualifier. */
  readonly functionArn: string;
  /** The alias that the URL is of; undefined for the function itself. */
  readonly qualifier: string | undefined;
  readonly url: FunctionUrl;
}

export class UrlIndex {
  readonly #byId = new Map<string, UrlOwner>();

  get(id: string): UrlOwner | undefined {
    return this.#byId.get(id);
  }

  /** Forgets the URLs that a function had and takes up those that it has: undefined before it is made and after it. */
  replace(before: FunctionRecord | undefined, after: FunctionRecord | undefined): void {
    if (before?.urls === after?.urls) return;
    for (const { id } of Object.values(before?.urls ?? {})) this.#byId.delete(id);
    if (after?.urls === undefined) return;
    for (const [qualifier, url] of Object.entries(after.urls)) {
      const owner = { functionArn: functionArn(after), qualifier: qualifier || undefined, url };
      this.#byId.set(url.id, owner);
    }
  }
}
