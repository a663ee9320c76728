/** The walk over causes and effects: from one id up to where it began, and down to all that came of it. */
import { parseArn } from '../../base/arn.ts';
import type { FoundLink, TraceEffect } from './trace-link.ts';

interface ChainNode {
  readonly kind: TraceEffect['kind'];
  readonly id: string;
}

export interface ChainLink {
  readonly cause: string;
  readonly effect: string;
  /** Kind of the effect; `dropped` when the cause did not reach a target. */
  readonly kind: TraceEffect['kind'];
  readonly atMs: number;
  readonly detail?: Readonly<Record<string, string>>;
}

export interface Chain {
  readonly id: string;
  /** In the order in which the walk met them. Empty when the id is unknown. */
  readonly nodes: readonly ChainNode[];
  /** In the order in which they were committed. */
  readonly links: readonly ChainLink[];
  /** True when there is more than the bounds of the walk let it see. */
  readonly truncated: boolean;
}

/** The accounts whose resources have a part in a chain, by the ARNs in it. */
export function accountsOf({ nodes, links }: Chain): ReadonlySet<string> {
  const texts = [...nodes.map(({ id }) => id), ...links.flatMap(({ detail = {} }) => Object.values(detail))];
  return new Set(texts.map((text) => parseArn(text)?.account).filter((account) => account !== undefined));
}

/** Bounds of a walk. A Map over 10,000 items traces in full; what is larger is cut and says so. */
const NODES_MAX = 20_000;
const LEVELS_MAX = 64;

export type FindLinks = (ids: ReadonlySet<string>) => Promise<FoundLink[]>;

/**
 * Walks up through causes and then, from the id itself, down through effects: siblings (what else the same cause
 * brought about) are left out, they belong to the trace of that cause.
 */
export async function walkChain(id: string, find: FindLinks): Promise<Chain> {
  const walk = new Walk();
  await walk.go(id, find, 'up');
  await walk.go(id, find, 'down');
  const links = [...walk.links.values()].toSorted((a, b) => a.sequence - b.sequence || a.index - b.index);
  const nodes = [...walk.nodes.values()];
  return { id, nodes, links: links.map(({ link }) => link), truncated: walk.truncated };
}

type FoundPlace = Pick<FoundLink, 'sequence' | 'index'>;

class Walk {
  readonly nodes = new Map<string, ChainNode>();
  readonly links = new Map<string, FoundPlace & { readonly link: ChainLink }>();
  truncated = false;

  async go(start: string, find: FindLinks, direction: 'up' | 'down'): Promise<void> {
    const seen = new Set([start]);
    let level = new Set([start]);
    for (let depth = 0; level.size > 0; depth += 1) {
      if (depth === LEVELS_MAX) {
        this.truncated = true;
        return;
      }
      const next = new Set<string>();
      for (const link of await find(level)) {
        for (const id of this.#take(link, level, direction)) {
          if (!seen.has(id)) next.add(id);
          seen.add(id);
        }
      }
      level = next;
    }
  }

  /** Adds what `link` says about the ids of this level; answers the ids on its other side. */
  #take(link: FoundLink, level: ReadonlySet<string>, direction: 'up' | 'down'): string[] {
    const { cause } = link;
    if (direction === 'down' && !level.has(cause.id)) return [];
    const beyond: string[] = [];
    for (const effect of link.effects) {
      if (direction === 'up' && !level.has(effect.id)) continue;
      // A dropped event has the event's own id: it ends the walk there.
      if (effect.id !== cause.id && !this.#addNode(effect)) return beyond;
      if (!this.#addNode(cause)) return beyond;
      this.#addLink(link, effect);
      if (effect.id !== cause.id) beyond.push(direction === 'up' ? cause.id : effect.id);
    }
    return beyond;
  }

  #addNode({ kind, id }: ChainNode): boolean {
    if (this.nodes.has(id)) return true;
    if (this.nodes.size >= NODES_MAX) {
      this.truncated = true;
      return false;
    }
    this.nodes.set(id, { kind, id });
    return true;
  }

  #addLink({ cause, atMs, sequence, index }: FoundLink, effect: TraceEffect): void {
    const { id, kind, detail } = effect;
    const link = { cause: cause.id, effect: id, kind, atMs, ...(detail === undefined ? {} : { detail }) };
    this.links.set(JSON.stringify([cause.id, id, kind, detail]), { sequence, index, link });
  }
}
