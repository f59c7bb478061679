/**
 * Argument names whose values never enter a record, whatever the operator lists besides. Written as people write them;
 * compared by `foldKey`, so `apiKey`, `API-KEY` and `api_key` are one entry.
 */
export const defaultRedactKeys: readonly string[] = [
  // Passwords and what stands in for them.
  ...['password', 'passwd', 'pwd', 'pass', 'passphrase', 'passcode', 'old_password', 'new_password'],
  ...['current_password', 'confirm_password', 'password_confirmation', 'password_hash', 'user_password', 'db_password'],
  ...['pin', 'pin_code', 'otp', 'totp', 'mfa_code', 'two_factor_code', 'verification_code', 'one_time_code'],
  ...['recovery_code', 'recovery_codes', 'security_answer', 'seed_phrase', 'mnemonic'],
  // Tokens, keys, sessions.
  ...['secret', 'secrets', 'secret_key', 'shared_secret', 'client_secret', 'webhook_secret', 'signing_secret'],
  ...['token', 'access_token', 'refresh_token', 'id_token', 'auth_token', 'bearer_token', 'session_token', 'api_token'],
  ...['csrf_token', 'xsrf_token', 'reset_token', 'jwt', 'assertion', 'client_assertion', 'code_verifier'],
  ...[
    'api_key',
    'apikey',
    'x_api_key',
    'access_key',
    'access_key_id',
    'secret_access_key',
    'account_key',
    'signing_key',
  ],
  ...[
    'private_key',
    'encryption_key',
    'ssh_key',
    'license_key',
    'auth',
    'authorization',
    'proxy_authorization',
    'bearer',
  ],
  ...['credential', 'credentials', 'cookie', 'cookies', 'set_cookie', 'session', 'session_id', 'sid'],
  ...['connection_string', 'database_url', 'dsn', 'signature'],
  // Payment and identity numbers.
  ...['card', 'card_number', 'credit_card', 'credit_card_number', 'debit_card', 'pan', 'cvv', 'cvc', 'cvv2', 'cvc2'],
  ...['security_code', 'track_data', 'iban', 'account_number', 'bank_account', 'bank_account_number', 'routing_number'],
  ...['sort_code', 'ssn', 'social_security_number', 'social_security', 'national_id', 'tax_id', 'passport'],
  ...['passport_number', 'drivers_license'],
];

/** One spelling of a key: lower case, compatibility forms unified, without `_`, `-` and white space. */
export const foldKey = (key: string): string =>
  key
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[_\-\s]/g, '');
