export { type ErrorCode, errorCodes } from './error-codes.ts';
export * from './event-errors.ts';
export * from './lock-errors.ts';
export * from './request-errors.ts';
export * from './state-errors.ts';
export { StatewireError } from './statewire-error.ts';
export * from './store-errors.ts';
