-- What calls cost in dollars, exactly, and what each day came to.

alter table usage_entries
  add column messages int not null default 1,
  add column prompt_price numeric, -- of one token, as it was known when the call was made
  add column completion_price numeric,
  add column cost_usd numeric; -- null: the price is not known

-- Kept by the statement that settles a call, under the day (UTC) on which it was made.
create table usage_days (
  day date not null,
  user_id uuid not null references users on delete cascade,
  model text not null,
  requests int not null default 0,
  messages int not null default 0,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  cost_usd numeric not null default 0,
  primary key (day, user_id, model)
);

create index usage_days_by_user on usage_days (user_id, day);
