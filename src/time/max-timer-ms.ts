/** The longest time of a timer, in ms: 24 days and some hours. */
export const maxTimerMs = 2 ** 31 - 1;
