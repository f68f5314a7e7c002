/** An object that the engine makes for a result, of parts that are settled: reading it runs no code of a user's. */
export abstract class Payload {}
