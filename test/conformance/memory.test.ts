import { memoryStore } from 'statewire';
import { conformanceSuite } from './conformance-suite.ts';

conformanceSuite('memory', memoryStore);
