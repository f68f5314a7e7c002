export interface StoreSettings {
  readonly path: string;
  readonly durability?: 'sync' | 'async';
  /** The user to run as, if this process may change to it. */
  readonly uid?: number;
}

export type Order =
  | { readonly kind: 'write'; readonly token: string; readonly text: string }
  | { readonly kind: 'read'; readonly token: string }
  | { readonly kind: 'backup'; readonly path: string }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'written'; readonly n: number }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };
