import { expect } from 'vitest';
import { defineCell } from './cell.ts';
import { Deferred } from './deferred.ts';
import type { LabBuilder } from './lab.ts';
import { until } from './until.ts';

/** Starts a worker. */
export const work = `mutation ($i: Int!, $token: ID = "T") {
  cellWork(token: $token, i: $i) { id status startedAt }
}`;

/** Tasks that begin when they may, and end when they are told. */
export class Workers {
  readonly begun: number[] = [];
  readonly exits: string[] = [];
  readonly #gates = new Map<number, Deferred>();

  /** `work(i)`: notes that it has begun, then what its `onExit` gets. */
  define(builder: LabBuilder, options: object = {}) {
    const Cell = defineCell(builder);
    const event = Cell.background('work', {
      args: (t) => ({ i: t.int({ required: true }) }),
      onExit: (s, { outcome }) => {
        this.exits.push(outcome);
        s.lines.push(outcome);
      },
      ...options,
    }).resolve(async (_self, { i }) => {
      this.begun.push(i);
      await this.gate(i).promise;
    });
    return { Cell, event };
  }

  gate(i: number): Deferred {
    const gate = this.#gates.get(i) ?? new Deferred();
    this.#gates.set(i, gate);
    return gate;
  }

  /** Lets one end. */
  finish(i: number): void {
    this.gate(i).resolve();
  }

  async whenBegun(...expected: number[]): Promise<void> {
    await until(() => this.begun.length >= expected.length, `${expected} have begun`);
    expect(this.begun).toEqual(expected);
  }
}
