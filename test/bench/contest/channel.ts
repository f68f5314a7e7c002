/** The servers that are compared; each is a program of its own, in the folder of its name. */
export const contenders = ['raw', 'hand', 'ours'] as const;

export type Contender = (typeof contenders)[number];

/** What the bench asks a contender between processes, and what it answers. */
export interface Answers {
  /** Tokens that its clients may use. */
  readonly tokens: readonly string[];
  readonly usage: Usage;
  /** How many subscriptions it holds. */
  readonly subscriptions: number;
  /** Each of the tokens has begun to tick. */
  readonly startTicks: null;
  readonly stopTicks: null;
}

interface Usage {
  /** Of the process, user and system, in µs. */
  readonly cpuMicros: number;
  /** Of the process' own clock, in µs. */
  readonly clockMicros: number;
  /** Bytes in use after a collection; 0 if it was not asked for. */
  readonly heapUsed: number;
}

export type Question =
  | { readonly ask: 'tokens'; readonly count: number }
  | { readonly ask: 'usage'; readonly heap: boolean }
  | { readonly ask: 'subscriptions' }
  | { readonly ask: 'startTicks'; readonly tokens: readonly string[] }
  | { readonly ask: 'stopTicks' };

/** To a contender: it answers with the same id. */
export interface Asked {
  readonly id: number;
  readonly question: Question;
}

/** From a contender: first its port, then an answer to each question. */
export type Told =
  | { readonly listening: number }
  | { readonly id: number; readonly answer: Answers[Question['ask']] };
