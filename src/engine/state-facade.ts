import { ComputedVarError } from '../errors/index.ts';
import type { StateDefinition } from '../state/definitions.ts';
import { recordTarget } from '../values/inspectable.ts';

/**
 * What stands behind the object that handlers get: the fields of a state and a few members.
 * Only the fields are its own keys, so that it spreads, logs and serialises as the
 * state. Everything else that could be written throws a TypeError.
 */
export abstract class StateFacade implements ProxyHandler<object> {
  readonly definition: StateDefinition;

  constructor(definition: StateDefinition) {
    this.definition = definition;
  }

  /** Makes the object. */
  show(): object {
    return new Proxy(recordTarget, this);
  }

  protected abstract readVar(name: string): unknown;
  protected abstract readComputed(name: string): unknown;
  /** Called for vars and backend vars only. */
  protected abstract writeVar(name: string, value: unknown): void;
  /** What is not a field: `token`, `modifyState`, …; undefined if there is none of that name. */
  protected abstract member(name: string | symbol): unknown;

  get(_target: object, key: string | symbol): unknown {
    if (typeof key === 'string') {
      if (this.#isVar(key)) return this.readVar(key);
      if (this.#isComputed(key)) return this.readComputed(key);
    }
    return this.member(key);
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    if (typeof key === 'string' && this.#isVar(key)) {
      this.writeVar(key, value);
      return true;
    }
    throw new TypeError(this.#refusal(key));
  }

  has(_target: object, key: string | symbol): boolean {
    return typeof key === 'string' && (this.#isVar(key) || this.#isComputed(key));
  }

  ownKeys(): string[] {
    const { vars, backendNames, computed } = this.definition;
    return [...vars.keys(), ...backendNames, ...computed.keys()];
  }

  getOwnPropertyDescriptor(target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (!this.has(target, key)) return undefined;
    try {
      return { value: this.get(target, key), writable: true, enumerable: true, configurable: true };
    } catch (error) {
      if (!(error instanceof ComputedVarError)) throw error;
      // One that has failed throws where it is read; a copy of the state is made without it.
      return { value: undefined, writable: true, enumerable: false, configurable: true };
    }
  }

  deleteProperty(_target: object, key: string | symbol): never {
    throw new TypeError(this.#refusal(key));
  }

  defineProperty(_target: object, key: string | symbol): never {
    throw new TypeError(this.#refusal(key));
  }

  setPrototypeOf(): never {
    throw new TypeError('Expected a state to keep its prototype.');
  }

  preventExtensions(): never {
    throw new TypeError('Expected a state, which cannot be frozen.');
  }

  #isVar(key: string): boolean {
    const { vars, backendNames } = this.definition;
    return vars.has(key) || backendNames.has(key);
  }

  #isComputed(key: string): boolean {
    return this.definition.computed.has(key);
  }

  #refusal(key: string | symbol): string {
    const { name } = this.definition;
    if (typeof key === 'string' && this.#isComputed(key)) {
      return `Expected a var of ${name}, got "${key}", which is computed from others.`;
    }
    return `Expected a var of ${name} to write, got "${String(key)}".`;
  }
}
