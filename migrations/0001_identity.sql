-- Who there is, and which of their sessions are open.
-- Every time is kept to the millisecond, as it leaves on the wire, so that a time read from an
-- answer and sent back as a filter means the same instant.

create table users (
  id uuid primary key,
  email text not null,
  name text not null,
  role text not null default 'user' check (role in ('user', 'admin')),
  password_hash text not null,
  avatar_url text,
  bio text not null default '',
  theme text not null default 'dark',
  notifications_enabled boolean not null default true,
  email_verified_at timestamptz(3),
  banned_at timestamptz(3),
  ban_reason text,
  created_at timestamptz(3) not null
);

create unique index users_email on users (email);

-- An access token names a row of this table and is worth nothing without it.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  cookie_hash bytea not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  ended_at timestamptz(3)
);

create unique index sessions_cookie on sessions (cookie_hash);
create index sessions_open_by_user on sessions (user_id) where ended_at is null;
create index sessions_by_expiry on sessions (expires_at);

-- One row per refresh token ever given out; a used one that comes back is a stolen one.
create table refresh_tokens (
  hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  used_at timestamptz(3)
);

create index refresh_tokens_by_session on refresh_tokens (session_id);
