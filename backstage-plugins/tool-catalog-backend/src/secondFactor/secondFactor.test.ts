import { SecretBox } from './SecretBox';
import {
  checkCode,
  createRecoveryCodes,
  hashOfRecoveryCode,
  LOCK_MS,
  MAX_FAILURES,
  type SecondFactor,
} from './secondFactor';

const now = Date.UTC(2026, 10, 25, 12);
const step = Math.floor(now / 30_000);
const factor: SecondFactor = {
  user: 'user:default/dev-anna',
  sealedSecret: 'v1.x',
  isConfirmed: true,
  lastStep: 0,
  failures: 0,
  lockedUntil: 0,
  recoveryHashes: ['abcde-fghij', 'kmnpq-rstuv'].map(hashOfRecoveryCode),
};

/** Only 123456 is right: it is the code of now. */
const check = (given: SecondFactor, code: string, at = now) =>
  checkCode(given, { code, now: at, stepOf: (text) => (text === '123456' ? Math.floor(at / 30_000) : undefined) });

describe('a second factor', () => {
  it.each(['123456', '123 456', ' 123-456 '])('accepts %j once', (code) => {
    const first = check(factor, code);
    expect(first).toMatchObject({ factor: { lastStep: step, failures: 0 }, usedRecoveryCode: false });
    expect(first.refusal).toBeUndefined();
    expect(check(first.factor, code).refusal).toBe('used_code');
  });

  it('refuses a code of an older step than the newest accepted one', () => {
    expect(check({ ...factor, lastStep: step + 1 }, '123456').refusal).toBe('used_code');
  });

  it.each(['', '12345', '1234567', 'abcdef', '000000', '１２３４５６'])('refuses %j', (code) => {
    expect(check(factor, code).refusal).toBe('wrong_code');
  });

  it('locks after five wrong codes for 15 minutes, for right codes and recovery codes too', () => {
    let tried = factor;
    for (let failure = 1; failure <= MAX_FAILURES; failure += 1) {
      const checked = check(tried, '000000');
      expect(checked.refusal).toBe(failure === MAX_FAILURES ? 'locked' : 'wrong_code');
      tried = checked.factor;
    }
    expect(check(tried, '123456').refusal).toBe('locked');
    expect(check(tried, 'abcde-fghij', now + LOCK_MS - 1).refusal).toBe('locked');
    expect(check(tried, '123456', now + LOCK_MS).refusal).toBeUndefined();
  });

  it('counts used codes as failures, and forgets failures at a right code', () => {
    const used = check({ ...factor, lastStep: step, failures: 3 }, '123456');
    expect(used.factor.failures).toBe(4);
    expect(check({ ...factor, failures: 4 }, '123456').factor.failures).toBe(0);
  });

  it('takes each recovery code once, however it is written', () => {
    const first = check(factor, 'ABCDE FGHIJ');
    expect(first).toMatchObject({
      usedRecoveryCode: true,
      factor: { recoveryHashes: [hashOfRecoveryCode('kmnpqrstuv')] },
    });
    expect(check(first.factor, 'abcde-fghij').refusal).toBe('wrong_code');
  });

  it('takes no recovery code before it is confirmed', () => {
    expect(check({ ...factor, isConfirmed: false }, 'abcde-fghij').refusal).toBe('wrong_code');
  });

  it('gives ten different recovery codes of ten characters', () => {
    const codes = createRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[a-km-np-z2-9]{5}-[a-km-np-z2-9]{5}$/);
  });
});

describe('a sealed secret', () => {
  const [old, current] = ['test-encryption-key-old-0123456789', 'test-encryption-key-new-0123456789'];

  it('opens with its context and key only, and is never the same twice', () => {
    const box = new SecretBox([current]);
    const sealed = box.seal('JBSWY3DP', 'totp:anna');
    expect(box.open(sealed, 'totp:anna')).toBe('JBSWY3DP');
    expect(sealed).not.toContain('JBSWY3DP');
    expect(box.seal('JBSWY3DP', 'totp:anna')).not.toBe(sealed);
    expect(() => box.open(sealed, 'totp:gwen')).toThrow(/cannot be opened/);
    expect(() => new SecretBox([old]).open(sealed, 'totp:anna')).toThrow(/cannot be opened/);
  });

  it('survives a rotation of keys, and not a changed byte', () => {
    const sealed = new SecretBox([old]).seal('JBSWY3DP', 'a');
    expect(new SecretBox([current, old]).open(sealed, 'a')).toBe('JBSWY3DP');
    const last = sealed.slice(-1) === 'A' ? 'B' : 'A';
    expect(() => new SecretBox([old]).open(sealed.slice(0, -2) + last + last, 'a')).toThrow(/cannot be opened/);
    expect(() => new SecretBox([old]).open('v1.AAAA', 'a')).toThrow(/cannot be opened/);
  });

  it('asks for a key of 32 characters', () => {
    expect(() => new SecretBox([])).toThrow(/encryptionKeys/);
    expect(() => new SecretBox(['short'])).toThrow(/encryptionKeys/);
  });
});
