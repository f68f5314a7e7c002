/**
 * The element of this id.
 *
 * @throws TypeError if the page has none, or one of another type.
 */
export function byId<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new TypeError(`Expected an ${type.name} with the id "${id}", got ${element}.`);
}
