const name: string = '@pothos/plugin-scope-auth';

/**
 * Pothos' plugin for authorization. Imported without its types, which would ask every
 * builder of this program for its options.
 */
export const { default: ScopeAuthPlugin } = (await import(name)) as { readonly default: never };

/** The options of a builder whose context says who is of the staff. */
export const scopeAuth: object = {
  scopeAuth: { authScopes: ({ staff = false }: { readonly staff?: boolean }) => ({ staff }) },
};

/** The option of what only the staff may see. */
export const staffOnly: object = { authScopes: { staff: true } };
