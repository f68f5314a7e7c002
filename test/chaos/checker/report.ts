import type { Rule, Violation } from '../history.ts';

/** What is wrong once is wrong hundreds of times: so many are told of each rule. */
const maxPerRule = 5;

/** Collects what is wrong with one token. */
export class Report {
  readonly violations: Violation[] = [];
  readonly #counts = new Map<Rule, number>();
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  add(rule: Rule, detail: string): void {
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count <= maxPerRule) this.violations.push({ rule, token: this.#token, detail });
  }
}
