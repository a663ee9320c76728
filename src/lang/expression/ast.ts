/** The syntax trees of expressions: what was written, before names and values are put in. */

export type PathPart =
  | { readonly kind: 'name'; readonly name: string }
  /** `#name`, to be looked up in ExpressionAttributeNames. */
  | { readonly kind: 'alias'; readonly alias: string }
  | { readonly kind: 'index'; readonly index: number };

export interface PathNode {
  readonly kind: 'path';
  readonly parts: readonly PathPart[];
}

/** `:value`, to be looked up in ExpressionAttributeValues. */
export interface ValueNode {
  readonly kind: 'value';
  readonly name: string;
}

export interface CallNode {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly OperandNode[];
}

export type OperandNode = PathNode | ValueNode | CallNode;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionNode =
  | {
      readonly kind: 'compare';
      readonly operator: Comparator;
      readonly left: OperandNode;
      readonly right: OperandNode;
    }
  | {
      readonly kind: 'between';
      readonly operand: OperandNode;
      readonly low: OperandNode;
      readonly high: OperandNode;
    }
  | { readonly kind: 'in'; readonly operand: OperandNode; readonly choices: readonly OperandNode[] }
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly condition: ConditionNode }
  | CallNode;

export type SetValueNode =
  | OperandNode
  | {
      readonly kind: 'sum';
      readonly operator: '+' | '-';
      readonly left: OperandNode;
      readonly right: OperandNode;
    };

export type UpdateActionNode =
  | { readonly kind: 'set'; readonly path: PathNode; readonly value: SetValueNode }
  | { readonly kind: 'remove'; readonly path: PathNode }
  | { readonly kind: 'add' | 'delete'; readonly path: PathNode; readonly value: ValueNode };
