-- What administrators look people up by, and count their days by.

create extension if not exists pg_trgm;

alter table users add column language text not null default 'en';

create index users_by_creation on users (created_at desc, id desc);
create index users_email_search on users
  using gin ((upper(email collate "und-x-icu") collate "C") gin_trgm_ops);
create index users_name_search on users
  using gin ((upper(name collate "und-x-icu") collate "C") gin_trgm_ops);

-- Rows lie about in the order in which they were made, so that a summary of where which days are
-- does for reading the last of them, and costs nothing when a conversation goes on.
create index conversations_by_day on conversations using brin (created_at);

-- The last day (UTC) on which they had a model called.
alter table usage_accounts add column last_used_on date;

-- What all users together came to: as many rows a day as there are models and parts, however many
-- users. In parts, so that users who are charged at the same time seldom wait for one another.
create table usage_totals (
  day date not null,
  model text not null,
  part smallint not null,
  requests bigint not null,
  messages bigint not null,
  prompt_tokens bigint not null,
  completion_tokens bigint not null,
  cost_usd numeric not null,
  primary key (day, model, part)
) with (fillfactor = 70);

create function add_up_usage() returns trigger language plpgsql as $$
declare
  own usage_days := coalesce(new, old);
begin
  insert into usage_totals as t
    (day, model, part, requests, messages, prompt_tokens, completion_tokens, cost_usd)
  values (
    own.day, own.model, hashtext(own.user_id::text) & 15,
    coalesce(new.requests, 0) - coalesce(old.requests, 0),
    coalesce(new.messages, 0) - coalesce(old.messages, 0),
    coalesce(new.prompt_tokens, 0) - coalesce(old.prompt_tokens, 0),
    coalesce(new.completion_tokens, 0) - coalesce(old.completion_tokens, 0),
    coalesce(new.cost_usd, 0) - coalesce(old.cost_usd, 0)
  )
  on conflict (day, model, part) do update set
    requests = t.requests + excluded.requests,
    messages = t.messages + excluded.messages,
    prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = t.completion_tokens + excluded.completion_tokens,
    cost_usd = t.cost_usd + excluded.cost_usd;
  if tg_op = 'INSERT' then
    update usage_accounts set last_used_on = own.day
    where user_id = own.user_id and (last_used_on is null or last_used_on < own.day);
  end if;
  return null;
end $$;

create trigger usage_added_up after insert or update or delete on usage_days
  for each row execute function add_up_usage();

-- What was used before there were days.
insert into usage_days (day, user_id, model, requests, messages, prompt_tokens, completion_tokens)
select (created_at at time zone 'UTC')::date, user_id, model, count(*), sum(messages), sum(prompt_tokens),
  sum(completion_tokens)
from usage_entries where settled_at is not null group by 1, 2, 3;
