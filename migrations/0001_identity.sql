-- Users and their sessions.
-- Times have millisecond precision everywhere, as on the wire: a time read from a response and sent
-- back as a filter is the same instant.

create table users (
  id uuid primary key,
  email text not null unique,
  username text not null,
  name text not null,
  role text not null default 'user' check (role in ('user', 'admin')),
  password_hash text not null,
  avatar_url text,
  bio text not null default '',
  theme text not null default 'dark',
  language text not null default 'en',
  notifications_enabled boolean not null default true,
  email_verified_at timestamptz(3),
  status text not null default 'active' check (status in ('active', 'suspended', 'banned')),
  status_reason text,
  status_since timestamptz(3),
  status_until timestamptz(3), -- when a suspension ends by itself
  mfa_enabled boolean not null default false, -- whether signing in needs a second factor
  created_at timestamptz(3) not null
);

create unique index users_by_username on users (lower(username)); -- names that differ in case only would be confused

-- Secrets in mails, hashed: links that verify an address or reset a password. Used ones are deleted.
create table mailed_tokens (
  hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  purpose text not null check (purpose in ('verify_email', 'reset_password')),
  expires_at timestamptz(3) not null
);

create index mailed_tokens_by_user on mailed_tokens (user_id);

-- Secrets, hashed, that let whoever reads the server's output create the first administrator.
create table setup_tokens (
  hash bytea primary key,
  expires_at timestamptz(3) not null
);

-- An access token names a session and is valid only while that session is.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  cookie_hash bytea not null unique,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3)
);

create index sessions_active_by_user on sessions (user_id) where revoked_at is null;
create index sessions_by_expiry on sessions (expires_at);

-- One row per refresh token ever issued: a used one that is presented again was stolen.
create table refresh_tokens (
  hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  used_at timestamptz(3)
);

create index refresh_tokens_by_session on refresh_tokens (session_id);

-- Where a user has signed in from: the limit of attempts from elsewhere does not hold there.
create table known_networks (
  user_id uuid not null references users on delete cascade,
  network text not null,
  used_at timestamptz(3) not null,
  primary key (user_id, network)
);

-- A key authenticates as its user within its scopes. Revoking a key deletes it.
create table api_keys (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  key_hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3),
  last_used_at timestamptz(3)
);

create index api_keys_by_user on api_keys (user_id);

-- The second factors that users have enabled.
create table mfa_methods (
  user_id uuid not null references users on delete cascade,
  method text not null check (method in ('totp', 'sms', 'email', 'webauthn')),
  data text, -- TOTP: the encrypted secret; SMS: the phone number
  last_step bigint, -- TOTP: the last time step whose code was used
  created_at timestamptz(3) not null,
  primary key (user_id, method)
);

-- The security keys and passkeys of the method webauthn.
create table webauthn_credentials (
  id text primary key,
  user_id uuid not null references users on delete cascade,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamptz(3) not null
);

create index webauthn_credentials_by_user on webauthn_credentials (user_id);

-- Methods that wait for the code that enables them.
create table mfa_enrollments (
  user_id uuid not null references users on delete cascade,
  method text not null,
  data text, -- as in mfa_methods; webauthn: challenge and origin
  code_hash bytea,
  attempts integer not null,
  expires_at timestamptz(3) not null,
  primary key (user_id, method)
);

-- A used backup code is deleted.
create table backup_codes (
  user_id uuid not null references users on delete cascade,
  hash bytea not null,
  primary key (user_id, hash)
);

-- Sign-ins whose password was right and whose second factor is missing. The hash of the password that was
-- proven ends them when the password changes.
create table mfa_challenges (
  token_hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  password_hash text not null,
  code_method text,
  code_hash bytea,
  ceremony text, -- webauthn: challenge and origin
  attempts integer not null,
  expires_at timestamptz(3) not null
);

create index mfa_challenges_by_expiry on mfa_challenges (expires_at);
