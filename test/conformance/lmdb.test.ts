import { lmdbStore } from 'statewire/lmdb';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { conformanceSuite } from './conformance-suite.ts';

conformanceSuite('lmdb', () => lmdbStore({ path: temporaryFolder() }));
