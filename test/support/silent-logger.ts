import type { Logger } from 'statewire';

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
