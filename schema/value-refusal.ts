import type { FieldConfig } from './field-builder.ts';

type Refusal = (value: unknown) => string | null;

/**
 * What a state checks of a value before it stores it, as far as the type is one
 * of GraphQL's own: else the value would be an error in every answer from then
 * on. Other types are checked where they are serialised.
 */
export function valueRefusal({ type, nullable }: FieldConfig): Refusal {
  const check = checkOf(type);
  return (value) => {
    if (value === null) return nullable ? null : 'null (the var is not nullable)';
    return check(value);
  };
}

function checkOf(type: FieldConfig['type']): Refusal {
  if (!Array.isArray(type)) return scalarChecks[type as string] ?? accept;
  const check = scalarChecks[type[0] as string] ?? accept;
  return (value) => {
    if (!Array.isArray(value)) return `${describe(value)} (the var is a list)`;
    if (value.includes(null)) return 'null in a list that has none';
    // Long lists of objects are what states are made of.
    if (check === accept) return null;
    for (const item of value) {
      const refusal = check(item);
      if (refusal) return refusal;
    }
    return null;
  };
}

const accept: Refusal = () => null;

const maxInt = 2 ** 31;

const scalarChecks: Readonly<Record<string, Refusal>> = {
  Int: expect('an Int', (value) => isInteger(value) && value >= -maxInt && value < maxInt),
  Float: expect('a Float', (value) => typeof value === 'number'),
  String: expect('a String', (value) => typeof value === 'string'),
  Boolean: expect('a Boolean', (value) => typeof value === 'boolean'),
  ID: expect('an ID', (value) => typeof value === 'string' || isInteger(value)),
};

function expect(what: string, isValid: (value: unknown) => boolean): Refusal {
  return (value) => (isValid(value) ? null : `${describe(value)} is not ${what}`);
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

/** Numbers as they are, of other values only the type: an error must not tell what is in a state. */
function describe(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}
