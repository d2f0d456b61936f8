-- Token limits, the ledger of model calls, and its sums per user, day and model.

create table usage_accounts (
  user_id uuid primary key references users on delete cascade,
  tokens_limit bigint not null, -- -1: unlimited
  tokens_used bigint not null default 0,
  tokens_reserved bigint not null default 0,
  messages_sent bigint not null default 0,
  last_used_on date, -- the last day (UTC) of a settled call
  check (tokens_limit >= -1 and tokens_used >= 0 and tokens_reserved >= 0)
);

-- One entry per model call, under the call's own id: reserved before the call, settled after it.
create table usage_entries (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  model text not null,
  owner bigint, -- the node that makes a call which is no generation, to release it if the node dies
  reserved_tokens bigint not null,
  messages int not null default 1,
  is_metered boolean not null default true, -- false: on an account of the user's own, outside of the limit
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  prompt_price numeric, -- per token, when the call was made; null: unknown
  completion_price numeric, -- per token
  request_price numeric, -- per call
  cost_usd numeric, -- null: the price is unknown
  created_at timestamptz(3) not null,
  settled_at timestamptz(3)
);

create index usage_entries_by_user on usage_entries (user_id, created_at);
create index usage_entries_unsettled on usage_entries (owner) where settled_at is null and owner is not null;

-- Sums per user, written by the statement that settles a call, on the day (UTC) of the call.
create table usage_days (
  day date not null,
  user_id uuid not null references users on delete cascade,
  model text not null,
  requests int not null default 0,
  messages int not null default 0,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  cost_usd numeric not null default 0,
  milliseconds bigint not null default 0, -- from reservation to settlement, of all calls
  primary key (user_id, day, model)
);

-- Sums of all users. In 16 shards, so that users who settle at the same time seldom wait for each other.
create table usage_totals (
  day date not null,
  model text not null,
  shard smallint not null,
  requests bigint not null,
  messages bigint not null,
  prompt_tokens bigint not null,
  completion_tokens bigint not null,
  cost_usd numeric not null,
  primary key (day, model, shard)
) with (fillfactor = 70);

-- Analytics of a year read 18,000 rows instead of the days of every user (test/bench/admin-pages.ts).
-- A trigger, because the days of a deleted user go by cascade and must leave the totals.
create function update_usage_totals() returns trigger language plpgsql as $$
declare
  changed usage_days := coalesce(new, old);
begin
  insert into usage_totals as t
    (day, model, shard, requests, messages, prompt_tokens, completion_tokens, cost_usd)
  values (
    changed.day, changed.model, hashtext(changed.user_id::text) & 15,
    coalesce(new.requests, 0) - coalesce(old.requests, 0),
    coalesce(new.messages, 0) - coalesce(old.messages, 0),
    coalesce(new.prompt_tokens, 0) - coalesce(old.prompt_tokens, 0),
    coalesce(new.completion_tokens, 0) - coalesce(old.completion_tokens, 0),
    coalesce(new.cost_usd, 0) - coalesce(old.cost_usd, 0)
  )
  on conflict (day, model, shard) do update set
    requests = t.requests + excluded.requests,
    messages = t.messages + excluded.messages,
    prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = t.completion_tokens + excluded.completion_tokens,
    cost_usd = t.cost_usd + excluded.cost_usd;
  if tg_op = 'INSERT' then
    update usage_accounts set last_used_on = changed.day
    where user_id = changed.user_id and (last_used_on is null or last_used_on < changed.day);
  end if;
  return null;
end $$;

create trigger update_usage_totals after insert or update or delete on usage_days
  for each row execute function update_usage_totals();

-- Model calls that front ends report. One that reports a call of the ledger claims that entry; the others are
-- calls that the front end made itself.
create table usage_events (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  entry_id uuid unique references usage_entries on delete set null,
  provider text not null,
  model text not null,
  prompt_tokens int not null,
  completion_tokens int not null,
  total_tokens int not null,
  milliseconds int,
  success boolean not null,
  created_at timestamptz(3) not null
);

create index usage_events_by_user on usage_events (user_id, created_at);
