import { createApp, InvalidTokenError, memoryStore } from 'statewire';
import { describe, expect, it } from 'vitest';
import { createBuilder } from '../support/lab.ts';

function createTestApp(options: { tokenSecret?: string; development?: boolean } = {}) {
  const builder = createBuilder();
  builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  return createApp({ schema: builder.toSchema(), store: memoryStore(), ...options });
}

const secret = 'a secret of at least 16 characters';

describe('a token', () => {
  it('needs a secret worth the name', () => {
    expect(() => createTestApp({ tokenSecret: '' })).toThrow(/16 characters or more, got 0/);
    expect(() => createTestApp({ tokenSecret: 'short' })).toThrow(/16 characters/);
  });

  it('is accepted by every app with the same secret, and by no other', () => {
    const [a, b] = [createTestApp({ tokenSecret: secret }), createTestApp({ tokenSecret: secret })];
    const token = a.issueToken();
    expect(token).toMatch(/^[\w-]{22}\.\.[\w-]{43}$/);
    expect(a.issueToken()).not.toBe(token);
    expect(b.keyOf(token)).toBe(a.keyOf(token));
    expect(() =>
      createTestApp({ tokenSecret: 'another secret of 32 characters.' }).keyOf(token),
    ).toThrow(InvalidTokenError);
    expect(() => createTestApp().keyOf(token)).toThrow(InvalidTokenError);
  });

  it('that was changed anywhere is refused', () => {
    const app = createTestApp({ tokenSecret: secret });
    const token = app.issueToken();
    for (let i = 0; i < token.length - 1; i += 1) {
      const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
      expect(() => app.keyOf(changed), changed).toThrow(InvalidTokenError);
    }
  });

  it('may be made up by clients in development only', () => {
    expect(createTestApp({ development: true }).keyOf('my-token')).toMatch(/^[\w-]{43}$/);
    expect(() => createTestApp({ development: false }).keyOf('my-token')).toThrow(
      InvalidTokenError,
    );
  });

  it('is never taken for a key, nor a key for a token', async () => {
    const app = createTestApp({ development: true });
    const key = app.keyOf('my-token');
    await expect(app.modifyState('my-token' as never, () => {})).rejects.toThrow(
      /Expected a token key/,
    );
    expect(app.keyOf(key)).not.toBe(key);
  });
});
