/**
 * Something that is due at a time of a {@link Clock}. Many tasks sleep, each again and
 * again: this way one sleep is one object, with a timer and its callbacks it is nine.
 */
export abstract class Alarm {
  /** In ms of whoever has set it. */
  dueAt = 0;
  /** Of those that are due at the same time, the one that was set first rings first. */
  order = 0;
  /** Whether it has rung, or is not to ring any more. */
  isOver = false;

  abstract ring(): void;
}
