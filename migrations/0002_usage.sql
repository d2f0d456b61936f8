-- Tokens: what each user may use, has used and is about to use, and the ledger behind the sums.

create table usage_accounts (
  user_id uuid primary key references users on delete cascade,
  tokens_limit bigint not null, -- -1: no limit
  tokens_used bigint not null default 0,
  tokens_reserved bigint not null default 0,
  messages_sent bigint not null default 0,
  check (tokens_limit >= -1 and tokens_used >= 0 and tokens_reserved >= 0)
);

-- One entry per model call, under the call's own id: reserved before it, settled after it.
create table usage_entries (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  model text not null,
  reserved_tokens bigint not null,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  created_at timestamptz(3) not null,
  settled_at timestamptz(3)
);

create index usage_entries_by_user on usage_entries (user_id, created_at);
