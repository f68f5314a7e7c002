import { lmdbStore } from 'statewire/lmdb';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { conformanceSuite } from './conformance-suite.ts';

conformanceSuite('lmdb', () => {
  const path = temporaryFolder();
  return () => lmdbStore({ path });
});
