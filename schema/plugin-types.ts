import type { SchemaTypes } from '@pothos/core';
import type { StateShape } from '../src/state/definitions.ts';
import type { StatewirePlugin } from './plugin.ts';
import type { StateRef } from './state-ref.ts';
import type { BackendVars, ShapeOf, StateOptions } from './state-types.ts';
import type { VarMap } from './var-types.ts';

export interface StatewireOptions {
  /** Names every mutation; `${state}${Event}` by default, like `myTaskToggleRunning`. */
  readonly fieldName?: (event: { readonly state: string; readonly event: string }) => string;
}

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      statewire: StatewirePlugin<Types>;
    }

    export interface SchemaBuilderOptions<Types extends SchemaTypes> {
      statewire?: StatewireOptions;
    }

    export interface SchemaBuilder<Types extends SchemaTypes> {
      /**
       * Defines a state: a GraphQL type, its query, its subscription, and what
       * its events are defined on.
       *
       * What is wrong with a definition is told by `builder.toSchema()`.
       */
      state<
        Vars extends VarMap,
        Backend extends BackendVars = Record<never, never>,
        Computed extends VarMap = Record<never, never>,
        Parent extends StateShape | null = null,
      >(
        name: string,
        options: StateOptions<Types, Vars, Backend, Computed, Parent>,
      ): StateRef<Types, ShapeOf<Vars, Backend, Computed, Parent>>;
    }
  }
}
