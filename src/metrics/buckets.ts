/** For what takes about a millisecond if nobody is in its way, in seconds. */
export const secondsBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30,
];

/** For what takes from a moment to hours, in seconds. */
export const taskSecondsBuckets = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];
