export { type LmdbStore, type LmdbStoreOptions, lmdbStore } from './lmdb-state-store.ts';
