/** `MyTask` → `myTask`. */
export function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `toggleRunning` → `ToggleRunning`. */
export function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** `maxCounter` → `MAX_COUNTER`. */
export function constantCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toUpperCase();
}

/** Whether GraphQL takes it as a name of a type, a field or an argument. */
export function isGraphQLName(name: string): boolean {
  return /^(?!__)[_a-zA-Z]\w*$/.test(name);
}
