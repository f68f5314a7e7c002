/** What GraphQL Code Generator's `introspection` plugin writes, as far as it is needed. */
export interface Introspection {
  readonly __schema: {
    readonly queryType: TypeName | null;
    readonly mutationType?: TypeName | null;
    readonly subscriptionType?: TypeName | null;
    readonly types: readonly IntrospectedType[];
  };
}

export interface IntrospectedType extends TypeName {
  readonly kind: string;
  readonly fields?: readonly IntrospectedField[] | null;
  readonly possibleTypes?: readonly TypeName[] | null;
}

interface TypeName {
  readonly name: string;
}

interface IntrospectedField {
  readonly name: string;
  readonly type: TypeReference;
}

interface TypeReference {
  readonly kind: string;
  readonly ofType?: TypeReference | null;
}

/** The object types of a schema, without those of GraphQL itself. */
export function objectTypes({ __schema: schema }: Introspection): readonly IntrospectedType[] {
  return schema.types.filter(({ kind, name }) => kind === 'OBJECT' && !name.startsWith('__'));
}

/** Whether its objects have an `id` by which caches normalise them. */
export function hasId({ fields }: IntrospectedType): boolean {
  return fields?.some(({ name }) => name === 'id') ?? false;
}

export function isRoot({ name }: IntrospectedType, { __schema: schema }: Introspection): boolean {
  const { queryType, mutationType, subscriptionType } = schema;
  return [queryType, mutationType, subscriptionType].some((root) => root?.name === name);
}

/** Of lists and objects: what a cache could merge. */
export function isComposite({ kind, ofType }: TypeReference): boolean {
  if (kind === 'NON_NULL' && ofType) return isComposite(ofType);
  return !['SCALAR', 'ENUM'].includes(kind);
}
