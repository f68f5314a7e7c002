const inspectCustom = Symbol.for('nodejs.util.inspect.custom');

/** Node prints a proxy's target; with these it prints what the proxy shows. */
const printed: PropertyDescriptor = {
  // Else the traps could not leave it out.
  configurable: true,
  value(this: object): unknown {
    if (Array.isArray(this)) return [...this];
    if (this instanceof Map) return new Map(this);
    if (this instanceof Set) return new Set(this);
    return { ...this };
  },
};

/** A target for proxies whose traps never look at it, so that `console.log` shows the proxy's content. */
export function inspectable<Target extends object>(target: Target): Target {
  return Object.defineProperty(target, inspectCustom, printed);
}

/** For proxies of objects. */
export const recordTarget = inspectable({});

/** For proxies of lists: it makes `Array.isArray` say so. */
export const listTarget: unknown[] = inspectable([]);
