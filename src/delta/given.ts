/** A constructor that gives back what it is given: what extends it puts its private fields on that. */
export const Given = function given(object: object) {
  return object;
} as unknown as new (
  object: object,
) => object;
